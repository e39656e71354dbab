//! What a terminal sends for keys, the clipboard and the mouse.

/// A key that has no letter.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Tabulator with shift.
    BackTab,
    /// Backspace.
    Backspace,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// F1.
    F1,
    /// A letter with control.
    Ctrl(char),
}

impl Key {
    /// The bytes.
    pub(super) fn bytes(self) -> Vec<u8> {
        let text = match self {
            Self::Enter => "\r",
            Self::Esc => "\x1b",
            Self::Tab => "\t",
            Self::BackTab => "\x1b[Z",
            Self::Backspace => "\x7f",
            Self::Up => "\x1b[A",
            Self::Down => "\x1b[B",
            Self::Right => "\x1b[C",
            Self::Left => "\x1b[D",
            Self::Home => "\x1b[H",
            Self::End => "\x1b[F",
            Self::PageUp => "\x1b[5~",
            Self::PageDown => "\x1b[6~",
            Self::F1 => "\x1bOP",
            Self::Ctrl(letter) => return vec![letter as u8 & 0x1f],
        };
        text.as_bytes().to_vec()
    }
}

/// Text from the clipboard.
pub(super) fn paste(text: &str) -> Vec<u8> {
    format!("\x1b[200~{text}\x1b[201~").into_bytes()
}

/// What the mouse does, by its number in the protocol.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mouse {
    Press = 0,
    Drag = 32,
    WheelUp = 64,
    WheelDown = 65,
}

/// At a cell, counted from 0.
pub(super) fn mouse(did: Mouse, (x, y): (u16, u16)) -> Vec<u8> {
    format!("\x1b[<{};{};{}M", did as u8, x + 1, y + 1).into_bytes()
}

/// The left button goes up.
pub(super) fn release((x, y): (u16, u16)) -> Vec<u8> {
    format!("\x1b[<0;{};{}m", x + 1, y + 1).into_bytes()
}
