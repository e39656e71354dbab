//! A grammar for what a model writes: boxes are always well-formed.
//!
//! With it, every `[` begins a span `[label](<l, r>)` or `[label](<l, r>, <l, r>)`, whose numbers are cells of the 20 x 20
//! grid with `r` neither left of nor above `l`, and which is closed before the answer ends. Characters that could begin a box
//! of another notation (`<`, `{`, `\`, a `]` without its `[`) are not written. giqa's parser reads such a text without a
//! warning.
//!
//! [`State`] is the grammar, character by character; [`Tokens`] lifts it to a model's tokens, which may hold several
//! characters or parts of numbers; `Mask` keeps the tokens that are forbidden in each state on the model's device.

mod boxes;
#[cfg(feature = "libtorch")]
mod mask;
mod tokens;

pub use boxes::State;
#[cfg(feature = "libtorch")]
pub use mask::Mask;
pub use tokens::{Missing, Tokens};

/// Tokens that a label may have; then it must end.
const LONGEST_LABEL: usize = 24;

/// Where one answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    state: State,
    /// Tokens of the label so far.
    label: usize,
}

impl Place {
    /// Behind a token; a forbidden one leaves it where it was.
    #[must_use]
    pub fn behind(self, tokens: &Tokens, id: i64) -> Self {
        let state = tokens.behind(self.state, id).unwrap_or(self.state);
        let label = if matches!(state, State::Label { .. }) { self.label + 1 } else { 0 };
        Self { state, label }
    }

    /// The state, and the most characters that may be missing to its end behind the next token, when that is followed by
    /// at most `left` tokens.
    #[must_use]
    pub fn next(self, left: usize) -> (State, usize) {
        let closing = if self.label >= LONGEST_LABEL { self.state.left().saturating_sub(1) } else { State::MOST_LEFT };
        (self.state, left.min(closing))
    }
}

#[cfg(test)]
mod tests;
