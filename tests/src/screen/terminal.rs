//! What a terminal keeps of all that it is sent, and what it answers.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use vt100::{Callbacks, MouseProtocolMode, Parser};

/// As which terminal it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Not at all.
    Nothing,
    /// It shows kitty's pictures; a cell has 10 x 20 pixels.
    Kitty,
    /// It shows sixels; a cell has 10 x 20 pixels.
    Sixel,
}

impl Answers {
    /// To the questions whose last one is whether all is well.
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Kitty => "\x1b_Gi=31;OK\x1b\\\x1b[?62;c\x1b[6;20;10t\x1b[0n",
            Self::Sixel => "\x1b[?62;4c\x1b[6;20;10t\x1b[0n",
        }
    }
}

/// Modes that the emulator does not know.
#[derive(Default)]
struct Modes {
    within_frame: bool,
    frames: usize,
}

impl Callbacks for Modes {
    fn unhandled_csi(&mut self, _: &mut vt100::Screen, sign: Option<u8>, _: Option<u8>, params: &[&[u16]], last: char) {
        if (sign, params) == (Some(b'?'), &[&[2026]]) {
            self.within_frame = last == 'h';
            self.frames += usize::from(last == 'l');
        }
    }
}

/// What was seen so far.
pub struct Seen {
    parser: Parser<Modes>,
    /// All bytes that came.
    pub bytes: Vec<u8>,
    /// Nothing more comes.
    pub ended: bool,
    /// It goes away with the next byte.
    pub(super) closing: bool,
}

impl Seen {
    /// The words on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        let screen = self.parser.screen().contents();
        screen.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// The screen.
    #[must_use]
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// How many whole frames came.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.parser.callbacks().frames
    }

    /// Everything that a full-screen program changes is as before it.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        let screen = self.screen();
        !(screen.alternate_screen() || screen.hide_cursor() || screen.bracketed_paste())
            && screen.mouse_protocol_mode() == MouseProtocolMode::None
    }

    /// Where a text is on the screen: the cell of its first letter.
    #[must_use]
    pub fn place_of(&self, text: &str) -> Option<(u16, u16)> {
        let (rows, columns) = self.screen().size();
        (0..rows.get()).find_map(|y| {
            // Where each letter of the line is, as wide ones take two cells.
            let (mut line, mut at) = (String::new(), Vec::new());
            for x in 0..columns.get() {
                let contents = self.screen().cell(y, x).map_or("", |c| c.contents());
                let contents = if contents.is_empty() { " " } else { contents };
                at.extend(std::iter::repeat_n(x, contents.len()));
                line += contents;
            }
            line.find(text).map(|byte| (at[byte], y))
        })
    }
}

/// The terminal: what it sees is taken in by a thread of its own.
#[derive(Clone)]
pub(super) struct Terminal(Arc<(Mutex<Seen>, Condvar)>);

impl Terminal {
    /// One of this size that answers into `input`.
    pub fn start(
        mut output: Box<dyn Read + Send>,
        input: Arc<Mutex<Box<dyn Write + Send>>>,
        (columns, rows): (u16, u16),
        answers: Answers,
    ) -> (Self, JoinHandle<()>) {
        let parser = Parser::new_with_callbacks(nonzero(rows), nonzero(columns), 0, Modes::default());
        let terminal = Self(Arc::new((
            Mutex::new(Seen { parser, bytes: Vec::new(), ended: false, closing: false }),
            Condvar::new(),
        )));
        let ours = terminal.clone();
        let thread = std::thread::spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            // A terminal whose other side is closed gives an error.
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                let mut seen = ours.lock();
                if seen.closing {
                    break;
                }
                let asked = |seen: &Seen| seen.bytes.windows(4).filter(|w| *w == b"\x1b[5n").count();
                let before = if answers == Answers::Nothing { 0 } else { asked(&seen) };
                seen.bytes.extend_from_slice(&bytes[..n]);
                seen.parser.process(&bytes[..n]);
                if answers != Answers::Nothing && asked(&seen) > before {
                    let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
                    let _ = input.write_all(answers.words().as_bytes());
                }
                drop(seen);
                ours.0.1.notify_all();
            }
            ours.lock().ended = true;
            ours.0.1.notify_all();
        });
        (terminal, thread)
    }

    pub fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.lock().parser.set_size(nonzero(rows), nonzero(columns));
    }

    /// Waits until something holds of a whole frame; at the latest when the program has ended.
    pub fn await_that(&self, patience: Duration, holds: impl Fn(&Seen) -> bool) -> Result<(), String> {
        let until = Instant::now() + patience;
        let mut seen = self.lock();
        loop {
            if !seen.parser.callbacks().within_frame && holds(&seen) {
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.ended {
                return Err(seen.text());
            }
            seen = self.0.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn nonzero(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).unwrap()
}
