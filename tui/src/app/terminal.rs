//! The terminal: taken at the start, given back at the end, whatever the end.
//!
//! As long as it is ours, stderr goes to a log, and later stdout too: what a library or a plugin prints would be
//! scribbled over the screen.

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Buttons, moves with a button down, and the wheel, each with its place; not every move, which is a flood over ssh.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// A log that is larger becomes `giqa.log.1`, bytes.
const LOG_MOST: u64 = 4 << 20;

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Nobody could look at it.
    #[error(
        "the screen needs a terminal, and {stream} is none; `giqa status`, `giqa store export` and `giqa watch --headless` write lines instead"
    )]
    NotATerminal {
        /// stdin or stdout.
        stream: &'static str,
    },
    /// The terminal can't place a cursor.
    #[error(
        "this terminal can't show a screen (TERM={term}); set TERM to what it really is, or use `giqa watch --headless`, `giqa status` and `giqa store export`, which write lines"
    )]
    Dumb {
        /// The value of `TERM`.
        term: String,
    },
    /// The system.
    #[error("the terminal: {0}")]
    Io(#[from] io::Error),
}

/// Whether there is a terminal to take, and what is wrong with it otherwise.
///
/// # Errors
/// [`TerminalError`]
pub fn check() -> Result<(), TerminalError> {
    if !io::stdin().is_terminal() {
        return Err(TerminalError::NotATerminal { stream: "stdin" });
    }
    if !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal { stream: "stdout" });
    }
    match std::env::var("TERM") {
        Ok(term) if !matches!(term.as_str(), "" | "dumb" | "unknown") => Ok(()),
        term => Err(TerminalError::Dumb { term: term.unwrap_or_default() }),
    }
}

/// The terminal while it is ours. Dropped, it is given back.
pub struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<BufWriter<File>>>,
    hold: Arc<Hold>,
}

impl Terminal {
    /// Takes it. `log` gets what is written to stderr meanwhile. A panic on this thread gives the terminal back before
    /// it is told; one on another thread goes to the log.
    ///
    /// # Errors
    /// [`TerminalError`]
    pub fn take(log: &Path) -> Result<Self, TerminalError> {
        check()?;
        let tty = || rustix::io::dup(rustix::stdio::stdout()).map(File::from).map_err(io::Error::from);
        let stderr = rustix::io::dup(rustix::stdio::stderr()).map_err(io::Error::from)?;
        let inner = Inner {
            tty: tty()?,
            stderr: stderr.into(),
            log: open_log(log)?,
            taken: false,
            mouse: false,
            farewell: String::new(),
        };
        let hold = Arc::new(Hold(Mutex::new(inner)));
        restore_after_panic(&hold);
        hold.take()?;
        let screen = ratatui::Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, tty()?)));
        let screen = screen.inspect_err(|_| hold.give_back())?;
        Ok(Self { screen, hold })
    }

    /// What gives the terminal back from elsewhere.
    #[must_use]
    pub fn hold(&self) -> Arc<Hold> {
        Arc::clone(&self.hold)
    }

    /// Draws a frame, such that the terminal shows it whole.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, draw: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        self.screen.draw(draw)?;
        queue!(self.screen.backend_mut(), terminal::EndSynchronizedUpdate)?;
        io::Write::flush(self.screen.backend_mut())
    }

    /// The next frame is drawn as if nothing were there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`, which asks the terminal where the cursor is, and would wait for an answer that the input thread
        // takes.
        let size = self.screen.size()?;
        self.screen.resize(size.into())
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn capture_mouse(&mut self, on: bool) -> io::Result<()> {
        let mut inner = self.hold.lock();
        inner.mouse = on;
        inner.tty.write_all(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// What is written last, so that the terminal forgets pictures.
    pub fn set_farewell(&mut self, farewell: String) {
        self.hold.lock().farewell = farewell;
    }

    /// To the shell, until it says go on.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn suspend(&mut self) -> Result<(), TerminalError> {
        self.hold.give_back();
        let stopped = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
        self.hold.take()?;
        self.forget()?;
        Ok(stopped?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.hold.give_back();
    }
}

/// What must be given back.
pub struct Hold(Mutex<Inner>);

struct Inner {
    tty: File,
    stderr: File,
    log: File,
    taken: bool,
    mouse: bool,
    farewell: String,
}

impl Hold {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<(), TerminalError> {
        let mut inner = self.lock();
        rustix::stdio::dup2_stderr(inner.log.as_fd()).map_err(io::Error::from)?;
        inner.taken = true;
        let mouse = if inner.mouse { MOUSE_ON } else { "" };
        let taken = terminal::enable_raw_mode()
            .and_then(|()| execute!(inner.tty, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, Print(mouse)));
        drop(inner);
        Ok(taken.inspect_err(|_| self.give_back())?)
    }

    /// Gives the terminal back as it was, once; what goes wrong on the way can't be told to anybody.
    pub fn give_back(&self) {
        let mut inner = self.lock();
        if !std::mem::take(&mut inner.taken) {
            return;
        }
        let (mouse, farewell) = (if inner.mouse { MOUSE_OFF } else { "" }, std::mem::take(&mut inner.farewell));
        let _ = execute!(
            inner.tty,
            terminal::EndSynchronizedUpdate,
            Print(farewell),
            Print(mouse),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = terminal::disable_raw_mode();
        let _ = rustix::stdio::dup2_stderr(inner.stderr.as_fd());
    }
}

fn restore_after_panic(hold: &Arc<Hold>) {
    let (ours, hold) = (std::thread::current().id(), Arc::clone(hold));
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == ours {
            hold.give_back();
        }
        before(info);
    }));
}

/// Opens the log; where none can be written, what is said is lost, which is no reason to show nothing.
fn open_log(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path).is_ok_and(|m| m.len() > LOG_MOST) {
        let _ = std::fs::rename(path, path.with_extension("log.1"));
    }
    let log = File::options().append(true).create(true).open(path);
    log.or_else(|_| File::options().write(true).open("/dev/null"))
}
