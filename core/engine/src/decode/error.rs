//! Why a file has no picture for us. Each message says which file, what is wrong, and what was expected.

use crate::safe_text::shown;
use std::path::{Path, PathBuf};

/// A file that could not be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file can't be read.
    #[error("{}: can't be read: {source}; expected a readable file", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file has no bytes.
    #[error("{}: is empty (0 bytes); expected an image", shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The first bytes are those of no image format that we know.
    #[error("{}: is not an image: {found}; expected {}", shown(path), super::EXPECTED)]
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        found: String,
    },
    /// An image, but of a kind that this build does not decode.
    #[error("{}: {reason}; expected {}", shown(path), super::EXPECTED)]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is and what to do.
        reason: String,
    },
    /// The file ends before the picture does.
    #[error("{}: the {format} file is cut off: {reason}; copy it again from its source", shown(path))]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// What is missing.
        reason: String,
    },
    /// The bytes break the rules of their format.
    #[error("{}: the {format} file is damaged: {reason}; expected a valid {format} image", shown(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// The picture or file is larger than the limits allow.
    #[error("{}: {what} is {actual}, over the limit of {limit}; raise the limit if the image is wanted", shown(path))]
    OverLimit {
        /// The file.
        path: PathBuf,
        /// Which size.
        what: &'static str,
        /// How large it is.
        actual: String,
        /// How large it may be.
        limit: String,
    },
}

impl DecodeError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::Empty { path }
            | Self::NotAnImage { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Truncated { path, .. }
            | Self::Damaged { path, .. }
            | Self::OverLimit { path, .. } => path,
        }
    }

    /// A short, stable word for the kind of failure, for tables and journals.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "unreadable",
            Self::Empty { .. } => "empty",
            Self::NotAnImage { .. } => "not-an-image",
            Self::Unsupported { .. } => "unsupported",
            Self::Truncated { .. } => "truncated",
            Self::Damaged { .. } => "damaged",
            Self::OverLimit { .. } => "over-limit",
        }
    }
}

/// What a format's decoder reports, before the path is put to it.
#[derive(Debug)]
pub(crate) enum Fault {
    Truncated(String),
    Damaged(String),
    Unsupported(String),
    OverLimit { what: &'static str, actual: String, limit: String },
}

impl Fault {
    pub(crate) fn at(self, path: &Path, format: &'static str) -> DecodeError {
        let path = path.to_owned();
        match self {
            Fault::Truncated(reason) => DecodeError::Truncated { path, format, reason },
            Fault::Damaged(reason) => DecodeError::Damaged { path, format, reason },
            Fault::Unsupported(reason) => DecodeError::Unsupported { path, reason },
            Fault::OverLimit { what, actual, limit } => DecodeError::OverLimit { path, what, actual, limit },
        }
    }
}
