//! What `update` wants to be done. Workers do it; what they bring comes back as an action with the same tag.

use super::memory::Memory;
use super::picture::Scene;
use super::query::Request;
use giqa_core::{Attribute, Decision, NormBox, Report};
use giqa_watch::store::Key;
use std::path::PathBuf;
use std::sync::Arc;

/// Tells an answer that is still wanted from a stale one.
pub type Tag = u64;

/// Which of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

impl Target {
    /// 0 or 1.
    #[must_use]
    pub fn at(self) -> usize {
        self as usize
    }
}

/// A photo to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Its row in the store.
    pub id: i64,
    /// Where it lies.
    pub path: PathBuf,
    /// Its report, by content and by what inspected it.
    pub result: Option<(Arc<str>, Key)>,
}

/// Something to be done.
#[derive(Debug, Clone)]
pub enum Effect {
    /// End.
    Quit,
    /// To the shell and back.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    CaptureMouse(bool),
    /// These pictures are wanted, and no others.
    Pictures(Vec<Scene>),
    /// Filter and sort.
    List(Tag, Box<Request>),
    /// All about a photo, with its place among these.
    Look(Tag, Subject, super::query::Population),
    /// Where an attribute is how bad in a photo.
    Heat(Tag, Subject, Attribute),
    /// A question.
    Ask(Tag, Box<Question>),
    /// A report of another profile.
    Inspect(Tag, Target, Subject, String),
    /// What inspects.
    Survey(Tag),
    /// Another profile inspects from now on.
    UseProfile(String),
    /// A component is switched on or off.
    Switch(String, bool),
    /// Plugins are started anew.
    Restart,
    /// A verdict by hand; `None` takes it back.
    Judge(Vec<i64>, Option<Decision>),
    /// A note.
    Note(Vec<i64>, String),
    /// What rules did is taken back.
    Undo(Vec<i64>),
    /// What waits to be confirmed is done.
    Confirm(Vec<i64>),
    /// What waits to be confirmed is dropped.
    Refuse(Vec<i64>),
    /// The end of the log.
    ReadLog(Tag),
    /// What is known after the next start.
    Remember(Box<Memory>),
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// About which photo.
    pub subject: Subject,
    /// Its report, whose evidence is used.
    pub report: Option<Arc<Report>>,
    /// The words.
    pub words: String,
    /// About which places.
    pub boxes: Vec<NormBox>,
}
