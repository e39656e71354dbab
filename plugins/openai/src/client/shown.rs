//! The text of an answer while it comes, over several tries.

/// What a try says while it runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    /// A try begins.
    Start,
    Text(&'a str),
}

/// Shows the text of several tries once: what a later try repeats is not shown again, and one that says something else
/// is not shown at all (the result has it).
#[derive(Debug, Default)]
pub(super) struct Shown {
    shown: String,
    this: String,
}

impl Shown {
    pub(super) fn add(&mut self, piece: Piece<'_>, on_text: &mut dyn FnMut(&str)) {
        match piece {
            Piece::Start => self.this.clear(),
            Piece::Text(text) => {
                self.this.push_str(text);
                let new =
                    self.this.strip_prefix(self.shown.as_str()).filter(|new| !new.is_empty()).map(ToOwned::to_owned);
                if let Some(new) = new {
                    on_text(&new);
                    self.shown.push_str(&new);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_text_is_shown_once() {
        let (mut shown, mut seen) = (Shown::default(), Vec::new());
        for piece in ["", "The ", "sky", "", "The s", "ky is", "", "A sky"] {
            let piece = if piece.is_empty() { Piece::Start } else { Piece::Text(piece) };
            shown.add(piece, &mut |t| seen.push(t.to_owned()));
        }
        assert_eq!(seen, ["The ", "sky", " is"]);
    }
}
