//! A giqa on a screen: keys go in, the screen is looked at, and its end is waited for.

use super::keys::{Key, Mouse, mouse, paste, release};
use super::nothing_left;
use super::terminal::{Answers, Seen, Terminal};
use portable_pty::{Child, CommandBuilder, MasterPty, PtyPair, PtySize, SlavePty};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest wait for something to show.
const PATIENCE: Duration = Duration::from_secs(30);

/// A giqa that runs in a terminal. Dropped, it is killed.
pub struct Screen {
    terminal: Terminal,
    input: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    reader: Option<JoinHandle<()>>,
    modes: String,
    home: Option<TempDir>,
}

impl Screen {
    pub(super) fn new(
        pair: PtyPair,
        command: CommandBuilder,
        size: (u16, u16),
        answers: Answers,
        home: TempDir,
    ) -> Self {
        let input = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let output = pair.master.try_clone_reader().unwrap();
        let modes = modes(&*pair.master);
        let (terminal, reader) = Terminal::start(output, Arc::clone(&input), size, answers);
        let child = pair.slave.spawn_command(command).unwrap();
        let (master, slave) = (Some(pair.master), Some(pair.slave));
        Self { terminal, input, child, master, slave, reader: Some(reader), modes, home: Some(home) }
    }

    /// Its home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.as_ref().unwrap().path()
    }

    fn send(&self, bytes: &[u8]) {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Types letters.
    pub fn keys(&self, letters: &str) -> &Self {
        self.send(letters.as_bytes());
        self
    }

    /// Types a key that has no letter.
    pub fn key(&self, key: Key) -> &Self {
        let frames = self.seen().frames();
        self.send(&key.bytes());
        if matches!(key, Key::Esc) {
            // With what follows at once it would be another key. Whatever is typed is answered by a frame.
            self.await_that("a frame", |seen| seen.frames() > frames);
        }
        self
    }

    /// Pastes a text.
    pub fn paste(&self, text: &str) -> &Self {
        self.send(&paste(text));
        self
    }

    /// Clicks on a cell, counted from 0.
    pub fn click(&self, at: (u16, u16)) -> &Self {
        self.send(&mouse(Mouse::Press, at));
        self.send(&release(at));
        self
    }

    /// Clicks on a text.
    #[track_caller]
    pub fn click_on(&self, text: &str) -> &Self {
        let place = self.seen().place_of(text);
        self.click(place.unwrap_or_else(|| panic!("no {text:?} on\n{}", self.text())))
    }

    /// Draws with the left button down.
    pub fn drag(&self, from: (u16, u16), to: (u16, u16)) -> &Self {
        self.send(&mouse(Mouse::Press, from));
        self.send(&mouse(Mouse::Drag, ((from.0 + to.0) / 2, (from.1 + to.1) / 2)));
        self.send(&mouse(Mouse::Drag, to));
        self.send(&release(to));
        self
    }

    /// Turns the wheel at a cell.
    pub fn wheel(&self, at: (u16, u16), down: bool) -> &Self {
        self.send(&mouse(if down { Mouse::WheelDown } else { Mouse::WheelUp }, at));
        self
    }

    /// Makes the terminal larger or smaller.
    pub fn resize(&self, columns: u16, rows: u16) -> &Self {
        self.terminal.resize(columns, rows);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
        self
    }

    /// What was seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.terminal.lock()
    }

    /// The words on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        self.seen().text()
    }

    /// Waits until something holds of a whole frame.
    ///
    /// # Panics
    /// When it does not in time, or the program ends before.
    #[track_caller]
    pub fn await_that(&self, what: &str, holds: impl Fn(&Seen) -> bool) -> &Self {
        if let Err(screen) = self.terminal.await_that(PATIENCE, holds) {
            panic!("{what} did not happen; the screen is\n{screen}");
        }
        self
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn await_text(&self, text: &str) -> &Self {
        self.await_that(&format!("{text:?}"), |seen| seen.text().contains(text))
    }

    /// Waits until a text is not on the screen any more.
    #[track_caller]
    pub fn await_no_text(&self, text: &str) -> &Self {
        self.await_that(&format!("no {text:?}"), |seen| !seen.text().contains(text))
    }

    fn pid(&self) -> Pid {
        self.child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed())).unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> &Self {
        kill_process(self.pid(), signal).unwrap();
        self
    }

    /// Waits until it is stopped, as by ctrl-z. Needs /proc.
    #[track_caller]
    pub fn await_stopped(&self) -> &Self {
        let stat = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let stopped = || std::fs::read_to_string(&stat).unwrap().rsplit(") ").next().unwrap().starts_with('T');
        let until = Instant::now() + PATIENCE;
        while !stopped() {
            assert!(Instant::now() < until, "not stopped; the screen is\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
        self
    }

    /// Whether the modes of the terminal are as before the start.
    #[must_use]
    pub fn has_modes_of_before(&self) -> bool {
        modes(&**self.master.as_ref().unwrap()) == self.modes
    }

    /// The terminal goes away, as when its window is closed.
    pub fn close_terminal(&mut self) {
        // The reader has it open, too, until it gets something: of the screen drawn anew.
        self.seen().closing = true;
        self.key(Key::Ctrl('l'));
        self.reader.take().unwrap().join().unwrap();
        *self.input.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(std::io::sink());
        (self.master, self.slave) = (None, None);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end, or leaves a process.
    #[track_caller]
    #[must_use]
    pub fn wait(mut self) -> Left {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it goes on; the screen is\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        };
        let same_modes = self.master.is_none() || self.has_modes_of_before();
        // Only now the reader comes to an end.
        self.slave = None;
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        nothing_left(self.home.as_ref().unwrap());
        let code = status.signal().is_none().then(|| status.exit_code());
        let seen = self.seen();
        let (bytes, text, restored) = (seen.bytes.clone(), seen.text(), seen.is_restored());
        drop(seen);
        Left { code, restored, same_modes, text, bytes, home: self.home.take().unwrap() }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|s| s.is_none()) {
            let _ = kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// What `stty` would show.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

/// What a giqa that has ended left on the terminal.
pub struct Left {
    /// Its exit code; `None` when a signal killed it.
    pub code: Option<u32>,
    /// The alternate screen, the mouse and so on are off, and the cursor is on.
    pub restored: bool,
    /// What `stty` shows is as before.
    pub same_modes: bool,
    /// The words on the screen.
    pub text: String,
    /// All bytes that came.
    pub bytes: Vec<u8>,
    /// Its home, with whatever it wrote there.
    pub home: TempDir,
}

impl Left {
    /// Asserts that the terminal is as before, and the exit code.
    #[track_caller]
    pub fn restored(&self, code: u32) -> &Self {
        assert!(self.restored && self.same_modes, "not restored: {} {}", self.restored, self.same_modes);
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }
}
