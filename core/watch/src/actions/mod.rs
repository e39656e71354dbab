//! What is done with a photo: each action can be found again after a crash, and undone.
//!
//! An action is written to the journal before it is begun, with everything that is needed to see later whether it
//! happened: after a crash [`recover`] looks, and what did not happen is done again under the same id. Moves, copies,
//! links, sidecars and lines happen exactly once; commands and webhooks at least once (their id is passed on, so that
//! the other side can tell).

mod append;
mod command;
mod error;
mod file_path;
mod files;
mod place;
mod recover;
mod sidecar;
mod undo;
mod webhook;
mod write;
mod xmp;

pub use error::{ActionError, Trouble};
pub use file_path::FilePath;
pub use recover::recover;
pub use undo::undo;

use crate::rules::Naming;
use giqa_core::Report;
use giqa_engine::safe_text::{escaped, shown};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One kind of action, with templates or with what they became for a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Move the photo and its sidecars into a folder.
    Move {
        /// The folder.
        to: String,
    },
    /// Copy it into a folder.
    Copy {
        /// The folder.
        to: String,
    },
    /// Hard link it into a folder.
    Link {
        /// The folder.
        to: String,
    },
    /// Write an XMP sidecar, merged with what is there.
    Xmp {
        /// Its name.
        naming: Naming,
    },
    /// Write the report as JSON.
    Json {
        /// The folder; "." = beside the photo.
        to: String,
    },
    /// Append a line to a file.
    Append {
        /// The file, *.csv or *.jsonl.
        file: String,
    },
    /// Run a program.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
        /// How long it may take.
        time_limit: Duration,
    },
    /// Send the verdict.
    Webhook {
        /// Where to.
        url: String,
        /// How often it is tried again.
        retries: u32,
        /// How long an answer may take.
        time_limit: Duration,
    },
}

impl Action {
    /// The texts that may hold templates.
    #[must_use]
    pub fn templates(&self) -> Vec<&str> {
        match self {
            Self::Move { to } | Self::Copy { to } | Self::Link { to } | Self::Json { to } => vec![to],
            Self::Append { file } => vec![file],
            Self::Command { command, .. } => command.iter().map(String::as_str).collect(),
            Self::Webhook { url, .. } => vec![url],
            Self::Xmp { .. } => Vec::new(),
        }
    }

    /// The folder that photos are put into.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Move { to } | Self::Copy { to } | Self::Link { to } => Some(to),
            _ => None,
        }
    }

    /// The action with its texts replaced.
    ///
    /// # Errors
    /// What `render` says.
    pub fn rendered<E>(&self, render: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut action = self.clone();
        match &mut action {
            Self::Move { to } | Self::Copy { to } | Self::Link { to } | Self::Json { to } => *to = render(to)?,
            Self::Append { file } => *file = render(file)?,
            Self::Command { command, .. } => {
                for part in command {
                    *part = render(part)?;
                }
            }
            Self::Webhook { url, .. } => *url = render(url)?,
            Self::Xmp { .. } => {}
        }
        Ok(action)
    }
}

/// An action for one photo, with an id of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Never used twice.
    pub id: String,
    /// Its name in rules.toml.
    pub name: String,
    /// What to do.
    pub action: Action,
    /// It waits for a person's word.
    #[serde(default)]
    pub confirm: bool,
}

impl Planned {
    /// What it would do, in a line.
    #[must_use]
    pub fn described(&self, subject: &Subject) -> String {
        let when = if self.confirm { ", once somebody confirms it" } else { "" };
        format!("would {}{when}", self.sentence(&subject.path))
    }

    /// What it does with the photo that lies at a path, as an order: "move a.jpg into rejects".
    #[must_use]
    pub fn sentence(&self, path: &Path) -> String {
        let photo = shown(path);
        let text = match &self.action {
            Action::Move { to } => format!("move {photo} into {to}"),
            Action::Copy { to } => format!("copy {photo} into {to}"),
            Action::Link { to } => format!("link {photo} into {to}"),
            Action::Xmp { .. } => format!("write the XMP sidecar of {photo}"),
            Action::Json { to } => format!("write the report of {photo} into {to}"),
            Action::Append { file } => format!("append {photo} to {file}"),
            Action::Command { command, .. } => format!("run {command:?}"),
            Action::Webhook { url, .. } => format!("send {photo} to {url}"),
        };
        // Templates bring in what the camera and the file's name say.
        escaped(&text)
    }
}

/// The photo that something is done with.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its number in the store.
    pub photo: i64,
    /// The watched folder.
    pub root: PathBuf,
    /// Where it lies now; a move changes it.
    pub path: PathBuf,
    /// Its report, with the verdict.
    pub report: Report,
}

/// What is about to be done: enough to see later whether it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Of the planned action.
    pub id: String,
    /// Its name in rules.toml.
    pub name: String,
    /// The photo's number in the store.
    pub photo: i64,
    /// What exactly.
    pub step: Step,
}

/// What exactly is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The photo, then its sidecars, from where they are to where they will be.
    Move {
        /// Pairs of paths; the photo first.
        files: Vec<(FilePath, FilePath)>,
    },
    /// A copy.
    Copy {
        /// From here.
        from: FilePath,
        /// To here.
        to: FilePath,
    },
    /// A hard link.
    Link {
        /// From here.
        from: FilePath,
        /// To here.
        to: FilePath,
    },
    /// A file of ours is written.
    Write {
        /// The file.
        path: FilePath,
        /// What it held before.
        before: Option<String>,
        /// Hash of what it will hold.
        after: String,
    },
    /// A line is appended.
    Append {
        /// The file.
        file: FilePath,
        /// Its size before.
        at: u64,
    },
    /// A program is run.
    Command {
        /// With its arguments.
        command: Vec<String>,
    },
    /// The verdict is sent.
    Webhook {
        /// Where to.
        url: String,
    },
}

impl Step {
    /// Its word in journals.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Move { .. } => "move",
            Self::Copy { .. } => "copy",
            Self::Link { .. } => "link",
            Self::Write { .. } => "write",
            Self::Append { .. } => "append",
            Self::Command { .. } => "command",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// Where it puts a second one of the photo.
    #[must_use]
    pub fn copy_at(&self) -> Option<&Path> {
        match self {
            Self::Copy { to, .. } | Self::Link { to, .. } => Some(&to.0),
            _ => None,
        }
    }

    /// Whether it moved the photo that lay at this path.
    #[must_use]
    pub fn began_at(&self, path: &Path) -> bool {
        matches!(self, Self::Move { files } if files.first().is_some_and(|(from, _)| from.0 == path))
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Where the photo lies now, if it was moved.
    pub moved_to: Option<FilePath>,
    /// In words.
    pub note: String,
}

impl Outcome {
    fn told(note: impl Into<String>) -> Self {
        Self { moved_to: None, note: note.into() }
    }
}

/// Where actions are written down. What was begun must be on the disk when `begin` returns.
pub trait Journal {
    /// An action is about to be done. The same id again replaces what was written.
    ///
    /// # Errors
    /// When it could not be written: then nothing is done.
    fn begin(&mut self, intent: &Intent) -> Result<(), ActionError>;
    /// It was done.
    ///
    /// # Errors
    /// When it could not be written: after a restart it is looked for.
    fn finish(&mut self, intent: &Intent, outcome: &Outcome) -> Result<(), ActionError>;
}

/// Does what was planned.
///
/// # Errors
/// [`ActionError`]; the photo is where it was, unless the message says otherwise.
pub fn perform(planned: &Planned, subject: &mut Subject, journal: &mut dyn Journal) -> Result<Outcome, ActionError> {
    let intent = |step: Step| Intent { id: planned.id.clone(), name: planned.name.clone(), photo: subject.photo, step };
    let (intent, outcome) = match &planned.action {
        Action::Move { to } => files::moved(subject, to, &intent, journal)?,
        Action::Copy { to } => files::copied(subject, to, &intent, journal)?,
        Action::Link { to } => files::linked(subject, to, &intent, journal)?,
        Action::Xmp { naming } => sidecar::xmp(subject, *naming, &intent, journal)?,
        Action::Json { to } => sidecar::json(subject, to, &intent, journal)?,
        Action::Append { file } => append::append(subject, file, &intent, journal)?,
        Action::Command { command, time_limit } => {
            let intent = intent(Step::Command { command: command.clone() });
            journal.begin(&intent)?;
            let outcome = command::run(&planned.id, subject, command, *time_limit)?;
            (intent, outcome)
        }
        Action::Webhook { url, retries, time_limit } => {
            let intent = intent(Step::Webhook { url: url.clone() });
            journal.begin(&intent)?;
            let outcome = webhook::send(&planned.id, subject, url, *retries, *time_limit)?;
            (intent, outcome)
        }
    };
    journal.finish(&intent, &outcome)?;
    if let Some(to) = &outcome.moved_to {
        subject.path = to.0.clone();
    }
    Ok(outcome)
}

/// Whether what is at a path is still what was written there.
fn holds(path: &Path, hash: &str) -> bool {
    std::fs::read(path).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == hash)
}

#[cfg(test)]
mod tests;
