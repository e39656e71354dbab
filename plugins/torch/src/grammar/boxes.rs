//! The grammar of grounded text as an automaton over characters.

use giqa_sdk::core::Grid;

const GRID: Grid = Grid::GIQA;

/// What was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum State {
    /// Plain text; here alone an answer may end.
    #[default]
    Prose,
    /// `[` and perhaps letters.
    Label {
        /// Whether there is a letter or digit among them.
        named: bool,
    },
    /// The `]` of a label.
    Labelled,
    /// `(`, or a comma between boxes and its space.
    List,
    /// `<` and digits of the top-left cell.
    First(Option<u16>),
    /// The comma behind the top-left cell.
    Between(u16),
    /// Digits of the bottom-right cell.
    Second {
        /// The top-left cell.
        first: u16,
        /// The digits.
        so_far: Option<u16>,
    },
    /// `>`.
    Boxed,
    /// The comma behind a box.
    Another,
}

impl State {
    /// The most that [`State::left`] ever is: `[` needs a letter and `](<0,0>)`.
    pub const MOST_LEFT: usize = 9;

    /// Behind a further character; `None` where it is forbidden.
    #[must_use]
    pub fn step(self, c: char) -> Option<Self> {
        match (self, c) {
            (Self::Prose, '[') => Some(Self::Label { named: false }),
            (Self::Label { named: true }, ']') => Some(Self::Labelled),
            // They begin boxes of other notations, or hide what follows.
            (Self::Prose | Self::Label { .. }, '[' | ']' | '<' | '{' | '\\') => None,
            (Self::Prose, _) => Some(Self::Prose),
            (Self::Label { .. }, '\n' | '\r') => None,
            (Self::Label { named }, _) => Some(Self::Label { named: named || c.is_alphanumeric() }),
            (Self::Labelled, '(') => Some(Self::List),
            (Self::List | Self::Another, '<') => Some(Self::First(None)),
            (Self::First(Some(first)), ',') => Some(Self::Between(first)),
            (Self::First(so_far), _) => {
                let first = with_digit(so_far, c)?;
                more_digits(first, |_| true).map(|_| Self::First(Some(first)))
            }
            (Self::Between(first), ' ') => Some(Self::Second { first, so_far: None }),
            (Self::Second { first, so_far: Some(second) }, '>') if fits(first, second) => Some(Self::Boxed),
            (Self::Between(first) | Self::Second { first, .. }, _) => {
                let so_far = if let Self::Second { so_far, .. } = self { so_far } else { None };
                let second = with_digit(so_far, c)?;
                more_digits(second, |r| fits(first, r)).map(|_| Self::Second { first, so_far: Some(second) })
            }
            (Self::Boxed, ')') => Some(Self::Prose),
            (Self::Boxed, ',') => Some(Self::Another),
            (Self::Another, ' ') => Some(Self::List),
            _ => None,
        }
    }

    /// The fewest characters from here to plain text.
    #[must_use]
    pub fn left(self) -> usize {
        match self {
            Self::Prose => 0,
            Self::Label { named } => 1 + usize::from(!named) + Self::Labelled.left(),
            Self::Labelled => 1 + Self::List.left(),
            Self::List | Self::Another => 1 + Self::First(None).left(),
            Self::First(None) => 1 + Self::First(Some(0)).left(),
            Self::First(Some(first)) => 1 + Self::Between(first).left(),
            Self::Between(first) => Self::Second { first, so_far: None }.left(),
            // No cell with fewer digits lies behind the first one, and the first one itself does.
            Self::Second { first, so_far: None } => digits(first) + 1 + Self::Boxed.left(),
            Self::Second { first, so_far: Some(second) } => {
                more_digits(second, |r| fits(first, r)).unwrap_or_default() + 1 + Self::Boxed.left()
            }
            Self::Boxed => 1,
        }
    }
}

/// Whether a cell lies neither left of nor above the first one.
fn fits(first: u16, second: u16) -> bool {
    second % GRID.cols() >= first % GRID.cols() && second / GRID.cols() >= first / GRID.cols()
}

fn digits(n: u16) -> usize {
    n.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// The number with a further digit; no number but 0 begins with 0.
fn with_digit(so_far: Option<u16>, c: char) -> Option<u16> {
    let digit = c.to_digit(10)? as u16;
    match so_far {
        None => Some(digit),
        Some(0) => None,
        Some(n) => n.checked_mul(10)?.checked_add(digit),
    }
}

/// The fewest digits behind these that make a cell which is good; `None` where none do.
fn more_digits(so_far: u16, good: impl Fn(u16) -> bool) -> Option<usize> {
    let mut cells = so_far..=so_far;
    for digits in 0..=2 {
        if cells.clone().any(|cell| cell < GRID.len() && good(cell)) {
            return Some(digits);
        }
        if so_far == 0 || *cells.start() >= GRID.len() {
            return None;
        }
        cells = cells.start() * 10..=cells.end() * 10 + 9;
    }
    None
}
