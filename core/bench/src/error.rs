//! What can go wrong. Each message says what happened, to which file, and what to do.

use giqa_engine::files::WriteError;
use giqa_engine::safe_text::{escaped, shown};
use std::path::PathBuf;

/// Why a bench could not be made or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// There is something in the folder already.
    #[error("{}: is not empty; name a new or empty folder, nothing is overwritten", shown(path))]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to plant faults in.
    #[error("no photographs found below the given folders; expected JPEG, PNG, WebP, TIFF, BMP or GIF files")]
    NoPhotos,
    /// Not one photograph could be used.
    #[error("not one of the photographs could be used; what is wrong with each stands above")]
    NoneUsable,
    /// The file of boxes is none.
    #[error("{}: {}; expected a COCO annotation file (images, annotations, categories)", shown(path), escaped(reason))]
    Coco {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The truth can't be read or contradicts itself.
    #[error("{}: {}; expected what `giqa bench make` wrote: make it again", shown(path), escaped(reason))]
    Truth {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file or folder can't be read or written.
    #[error("{}: {source}; check the folder's permissions and the space left", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A picture can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A picture can't be coded.
    #[error("{}: a picture made of it can't be coded: {source}; leave this photograph out", shown(path))]
    Code {
        /// The photograph.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// The run was stopped.
    #[error("stopped; the folder is unfinished, remove it and begin again")]
    Stopped,
}
