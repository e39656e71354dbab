//! What can go wrong with a model: which file, tensor or device, and the remedy.

use giqa_sdk::core::{ComponentError, ErrorKind};
use std::path::PathBuf;

/// Why a model can't be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// A file can't be read.
    #[error("can't read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// The folder holds no model that this plugin knows.
    #[error("{}: {problem}", folder.display())]
    Unsupported {
        /// The model's folder.
        folder: PathBuf,
        /// What is not supported.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// The weights don't fit the configuration.
    #[error("the weights in {} don't fit its config.json: {}", folder.display(), problems.join("; "))]
    Weights {
        /// The model's folder.
        folder: PathBuf,
        /// Missing, unexpected and misshapen tensors.
        problems: Vec<String>,
    },
    /// A device that isn't there.
    #[error("device '{device}' can't be used: {problem}")]
    Device {
        /// As configured: `cuda:1`.
        device: String,
        /// Why.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// A prompt that can't be built.
    #[error("prompt template '{name}': {problem}")]
    Prompt {
        /// The template's name.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A prompt that is longer than what the model can attend to.
    #[error("the prompt and its answer need {needed} positions, the model has {limit}")]
    TooLong {
        /// Positions needed.
        needed: usize,
        /// Positions there are.
        limit: usize,
    },
    /// The numbers ran away.
    #[error("the model's logits are not finite at token {at}")]
    NotFinite {
        /// How many tokens had been generated.
        at: usize,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Memory ran out on the device.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// Anything else that libtorch reports.
    #[error("libtorch: {0}")]
    Torch(String),
}

/// Results of this crate.
pub type Result<T, E = TorchError> = std::result::Result<T, E>;

impl From<TorchError> for ComponentError {
    fn from(error: TorchError) -> Self {
        let (kind, hint) = match &error {
            TorchError::Cancelled => return ComponentError::cancelled(),
            TorchError::Unsupported { hint, .. } | TorchError::Device { hint, .. } => {
                (ErrorKind::BadConfig, Some(hint.clone()))
            }
            TorchError::Read { .. } | TorchError::Malformed { .. } => {
                (ErrorKind::Failed, Some("is the download of the model complete?".to_owned()))
            }
            TorchError::Weights { .. } => {
                (ErrorKind::Failed, Some("take all files of one checkpoint, unchanged".to_owned()))
            }
            TorchError::Prompt { .. } => (ErrorKind::BadConfig, None),
            TorchError::TooLong { .. } => (ErrorKind::BadRequest, Some("ask less, or lower max_new_tokens".to_owned())),
            TorchError::NotFinite { .. } => (ErrorKind::Failed, Some("try dtype = \"f32\" or \"bf16\"".to_owned())),
            TorchError::OutOfMemory(_) => {
                (ErrorKind::OutOfMemory, Some("a smaller model or max_new_tokens, or another device".to_owned()))
            }
            TorchError::Torch(_) => (ErrorKind::Failed, None),
        };
        let component = ComponentError::new(kind, error.to_string());
        match hint {
            Some(hint) => component.hint(hint),
            None => component,
        }
    }
}

#[cfg(feature = "libtorch")]
impl From<tch::TchError> for TorchError {
    fn from(error: tch::TchError) -> Self {
        let text = error.to_string();
        // The C++ side appends a backtrace of twenty lines, which says nothing to users.
        let first = text.split("\nException raised from").next().unwrap_or_default();
        let message = first.trim_start_matches("Internal torch error: ").trim().to_owned();
        let out_of_memory = ["out of memory", "can't allocate memory", "not enough memory"];
        if out_of_memory.iter().any(|words| message.contains(words)) {
            TorchError::OutOfMemory(message)
        } else {
            TorchError::Torch(message)
        }
    }
}
