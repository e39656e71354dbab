//! What a terminal answers when it is asked what it can do.
//!
//! Read without a thread that would stay behind and swallow keys; what is no answer was typed, and is given back.

use super::display::in_tmux;
use ratatui_image::picker::cap_parser::Parser;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Longer than any answer.
const LONGEST: usize = 256;

/// What was answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// It shows pictures of kitty's protocol.
    pub kitty: bool,
    /// It shows sixels.
    pub sixel: bool,
    /// Width and height of a cell in pixels.
    pub cell: Option<(u16, u16)>,
    /// What a person typed meanwhile.
    pub typed: String,
}

/// Asks on stdout, and listens on stdin until the terminal has answered the last question, which all of them know, or
/// the time is over. In raw mode.
///
/// # Errors
/// When the terminal is gone.
pub fn ask(kitty: bool, timeout: Duration) -> io::Result<Answers> {
    let until = Instant::now() + timeout;
    let mut out = io::stdout();
    out.write_all(questions(kitty, in_tmux()).as_bytes())?;
    out.flush()?;
    let stdin = rustix::stdio::stdin();
    let mut listener = Listener::default();
    let mut bytes = [0; 64];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let wait = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        if left.is_zero() || poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&wait))? == 0 {
            return Ok(listener.answers);
        }
        let n = rustix::io::read(stdin, &mut bytes)?;
        let mut done = n == 0;
        bytes[..n].iter().for_each(|byte| done |= listener.hear(*byte));
        if done {
            return Ok(listener.answers);
        }
    }
}

/// Kitty's question, the device's attributes, the size of a cell; last, whether all is well.
fn questions(kitty: bool, tmux: bool) -> String {
    // tmux would answer for itself; what is meant is the terminal around it.
    let (start, escape, end) = Parser::tmux_start_escape_end(tmux);
    let kitty = if kitty { format!("{escape}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA{escape}\\") } else { String::new() };
    format!("{start}{kitty}{escape}[c{escape}[16t{escape}[5n{end}")
}

#[derive(Default)]
struct Listener {
    answers: Answers,
    state: State,
    heard: Vec<u8>,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Text,
    Escape,
    /// `ESC [` until a letter.
    Control,
    /// `ESC _`, `ESC P` or `ESC ]` until `ESC \` or a bell.
    Words,
    EscapeInWords,
}

impl Listener {
    /// Hears a byte; whether it ended the last answer.
    fn hear(&mut self, byte: u8) -> bool {
        self.state = match (self.state, byte) {
            (State::Words, 0x1b) => State::EscapeInWords,
            (_, 0x1b) => {
                self.heard.clear();
                State::Escape
            }
            (State::Text, byte) => {
                if byte == b' ' || byte.is_ascii_graphic() {
                    self.answers.typed.push(byte.into());
                }
                State::Text
            }
            (State::Escape, b'[') => State::Control,
            (State::Escape, b'_' | b'P' | b']') => State::Words,
            (State::Escape, _) => State::Text,
            (State::Control, 0x40..=0x7e) => {
                self.state = State::Text;
                return self.control(byte);
            }
            (State::Words, 7) | (State::EscapeInWords, _) => {
                self.answers.kitty |= self.heard == b"Gi=31;OK";
                State::Text
            }
            (state, byte) if self.heard.len() < LONGEST => {
                self.heard.push(byte);
                state
            }
            // Nothing that a terminal would answer.
            _ => State::Text,
        };
        false
    }

    fn control(&mut self, last: u8) -> bool {
        let text = String::from_utf8_lossy(&self.heard);
        match last {
            b'c' => {
                self.answers.sixel |= text.strip_prefix('?').is_some_and(|t| t.split(';').skip(1).any(|p| p == "4"))
            }
            b't' => {
                let numbers: Vec<u16> = text.split(';').filter_map(|n| n.parse().ok()).collect();
                if let [6, height, width] = numbers[..]
                    && height > 0
                    && width > 0
                {
                    self.answers.cell = Some((width, height));
                }
            }
            b'n' => return text == "0",
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heard(bytes: &[u8]) -> (Answers, bool) {
        let mut listener = Listener::default();
        let mut done = false;
        bytes.iter().for_each(|byte| done |= listener.hear(*byte));
        (listener.answers, done)
    }

    #[test]
    fn answers_are_told_from_what_is_typed() {
        let (answers, done) = heard(b"j\x1b_Gi=31;OK\x1b\\\x1b[?62;4;22ck\x1b[A\x1b[6;20;9t /\x1b[0n");
        let wanted = Answers { kitty: true, sixel: true, cell: Some((9, 20)), typed: "jk /".into() };
        assert_eq!((answers, done), (wanted, true));
        let (answers, done) = heard(b"\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?4;62c\x1b[6;0;9t\x1b[0");
        assert_eq!((answers, done), (Answers::default(), false));
    }

    #[test]
    fn the_terminal_around_tmux_is_asked() {
        let asked = questions(true, true);
        assert!(asked.starts_with("\x1bPtmux;\x1b\x1b_G") && asked.ends_with("\x1b\x1b[5n\x1b\\"), "{asked:?}");
        assert!(!questions(false, false).contains('G'));
    }

    proptest! {
        #[test]
        fn whatever_is_heard_is_taken(bytes: Vec<u8>) {
            prop_assert!(heard(&bytes).0.typed.len() <= bytes.len());
        }
    }
}
