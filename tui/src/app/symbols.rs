//! Signs, in Unicode or in plain ASCII.

use giqa_core::Decision;
use giqa_watch::store::State;
use ratatui::symbols::border;

/// Which signs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Symbols {
    /// Nothing but ASCII.
    pub ascii: bool,
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Symbols {
    fn pick<T>(self, unicode: T, ascii: T) -> T {
        if self.ascii { ascii } else { unicode }
    }

    /// Lines around things.
    #[must_use]
    pub fn border(self) -> border::Set<'static> {
        self.pick(border::ROUNDED, ASCII_BORDER)
    }

    /// A verdict.
    #[must_use]
    pub fn verdict(self, decision: Option<Decision>) -> &'static str {
        match decision {
            Some(Decision::Accept) => self.pick("✓", "+"),
            Some(Decision::Review) => "?",
            Some(Decision::Reject) => self.pick("✗", "x"),
            None => " ",
        }
    }

    /// What became of a photo.
    #[must_use]
    pub fn state(self, state: State) -> &'static str {
        match state {
            State::Seen | State::Waiting => self.pick("…", "."),
            State::Running => self.pick("▸", ">"),
            State::Done => " ",
            State::Failed => "!",
            State::Skipped => "-",
        }
    }

    /// What is marked.
    #[must_use]
    pub fn marked(self) -> &'static str {
        self.pick("●", "*")
    }

    /// Text that was cut.
    #[must_use]
    pub fn cut(self) -> &'static str {
        self.pick("…", "~")
    }

    /// A bar of so many cells, a share of them full.
    #[must_use]
    pub fn bar(self, share: f64, cells: usize) -> String {
        let full = ((share.clamp(0.0, 1.0) * cells as f64).round() as usize).min(cells);
        let (on, off) = self.pick(("█", "░"), ("#", "-"));
        on.repeat(full) + &off.repeat(cells - full)
    }

    /// A column of a chart, `0..=1` high.
    #[must_use]
    pub fn column(self, share: f64) -> char {
        const HIGH: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const PLAIN: [char; 9] = [' ', '_', '_', '.', '-', '-', '=', '#', '#'];
        let at = (share.clamp(0.0, 1.0) * 8.0).ceil() as usize;
        self.pick(HIGH, PLAIN)[at.min(8)]
    }

    /// Between two things.
    #[must_use]
    pub fn arrow(self) -> &'static str {
        self.pick("→", "->")
    }

    /// Up and down.
    #[must_use]
    pub fn order(self, reversed: bool) -> &'static str {
        match reversed {
            false => self.pick("↓", "v"),
            true => self.pick("↑", "^"),
        }
    }
}
