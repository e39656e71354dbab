//! Exit codes, and which of them an error means.

use giqa_host::HostError;
use std::process::ExitCode;

/// How a command ends (README, "Exit codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, and a rule or `--fail-under` was not met.
    NotMet = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Some inputs could not be inspected.
    SomeFailed = 3,
    /// A plugin could not be used, and nothing could be inspected.
    Plugin = 4,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The exit code of an error.
pub fn of_error(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<HostError>() {
        Some(HostError::UnknownName(_)) | None => Exit::Usage,
        Some(_) => Exit::Plugin,
    }
}

/// Whether the reader of our output went away (`giqa ... | head`), which is no failure.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|e| e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}
