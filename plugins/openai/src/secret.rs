//! What must not be seen: keys, in whatever is logged or told.

use std::fmt;

/// The most characters of a server's own words in an error.
const MAX_QUOTE: usize = 300;
/// Shorter values are not looked for: they would blacken innocent words.
const SHORTEST: usize = 4;

/// A value from the environment that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, to send it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Makes words from outside fit to be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor(Vec<Secret>);

impl Redactor {
    pub(crate) fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets)
    }

    /// The words on one line, without secrets and control characters, and not too many of them.
    pub(crate) fn quote(&self, words: &str) -> String {
        // Secrets first: cut or joined words would no longer be recognised.
        let mut words = words.to_owned();
        for Secret(secret) in self.0.iter().filter(|s| s.0.len() >= SHORTEST) {
            words = words.replace(secret.as_str(), "[redacted]");
        }
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let mut line = String::new();
        for word in words.chars().map(printable).collect::<String>().split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if let Some((end, _)) = line.char_indices().nth(MAX_QUOTE) {
            line.truncate(end);
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_control_characters_are_gone() {
        let redactor = Redactor::new(vec![Secret::new("sk-12345"), Secret::new("")]);
        assert_eq!(redactor.quote("Bad key\n sk-12345\x1b[31m!"), "Bad key [redacted] [31m!");
        assert_eq!(redactor.quote(&"é".repeat(1000)).chars().count(), MAX_QUOTE + 1);
        assert_eq!(format!("{redactor:?}"), "Redactor([[redacted], [redacted]])");
    }
}
