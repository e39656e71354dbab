//! What is wrong with a file of rules.

use giqa_engine::safe_text::shown;
use std::fmt;
use std::path::PathBuf;

/// One mistake, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub what: String,
}

/// The rules can't be used.
#[derive(Debug)]
pub enum RulesError {
    /// The file can't be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There are mistakes in it.
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All of them, by line.
        mistakes: Vec<Mistake>,
    },
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(f, "{}: can't be read: {source}", shown(path)),
            Self::Mistakes { path, mistakes } => {
                for (i, mistake) in mistakes.iter().enumerate() {
                    let end = if i + 1 < mistakes.len() { "\n" } else { "" };
                    write!(f, "{}:{}: {}{end}", shown(path), mistake.line, mistake.what)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for RulesError {}
