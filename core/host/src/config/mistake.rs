//! Mistakes in a configuration, told where they stand and with the nearest right word.

use std::path::Path;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1; 0 when the mistake has no place.
    pub line: usize,
    /// What is wrong, what was expected, and the nearest right word.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    /// The mistakes in the order of the file; at least one.
    pub mistakes: Vec<Mistake>,
}

impl ConfigError {
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("can't be read: {error}; name another file with --config");
        Self { mistakes: vec![Mistake { file: path.display().to_string(), line: 0, message }] }
    }

    /// All of them, sorted by line, each once.
    pub(crate) fn of(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|m| m.line);
        mistakes.dedup();
        Self { mistakes }
    }

    /// `Ok` when there are none.
    pub(crate) fn unless_empty(mistakes: Vec<Mistake>) -> Result<(), Self> {
        if mistakes.is_empty() { Ok(()) } else { Err(Self::of(mistakes)) }
    }
}

/// `; did you mean 'x'?` for the name nearest to `word`, or nothing when none is near.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let far = 1 + word.chars().count() / 3;
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map_or_else(String::new, |(_, name)| format!("; did you mean '{name}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered_far_ones_not() {
        let names = ["sharpness", "noise", "exposure"];
        assert_eq!(nearest("sharpnes", names), "; did you mean 'sharpness'?");
        assert_eq!(nearest("Noise", names), "; did you mean 'noise'?");
        assert_eq!(nearest("kitten", names), "");
    }
}
