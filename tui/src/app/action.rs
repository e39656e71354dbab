//! What happens: what a person does, and what workers bring.

use super::command::Command;
use super::effect::{Tag, Target};
use super::keys::Key;
use super::model::{Details, Pulse, Surveyed};
use super::picture::{Heat, Shown};
use super::query::Entry;
use giqa_core::{Attribute, Report};
use giqa_engine::Answer;
use giqa_watch::store::Batch;
use ratatui::layout::{Position, Size};
use std::sync::Arc;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Action {
    /// A key.
    Key(Key),
    /// Text from the clipboard.
    Paste(String),
    /// The mouse.
    Mouse(Mouse, Position),
    /// The terminal has another size.
    Resize(Size),
    /// Time went by; milliseconds since 1970.
    Tick(i64),
    /// A command, from the palette or a click.
    Command(Command),
    /// The process is asked to end.
    Terminate,
    /// New and changed photos.
    Rows(Batch),
    /// All that was in the store at the start is known.
    Loaded,
    /// The store can't be read.
    StoreTrouble(String),
    /// The list, filtered and sorted.
    Entries(Tag, Vec<Entry>),
    /// All about one photo.
    Details(Tag, Result<Arc<Details>, String>),
    /// A picture.
    Picture(Shown),
    /// Where an attribute is how bad.
    Heat(Tag, Attribute, Result<Arc<Heat>, String>),
    /// An answer.
    Answer(Tag, Result<Box<Answer>, String>),
    /// A report of a profile.
    Compared(Tag, Target, Result<Arc<Report>, String>),
    /// How the watcher is doing.
    Pulse(Box<Pulse>),
    /// What inspects.
    Surveyed(Tag, Result<Arc<Surveyed>, String>),
    /// Lines of the log.
    Log(Tag, Vec<String>),
    /// Something was done, or not.
    Said(Result<String, String>),
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Press,
    /// It moved with the button down.
    Drag,
    /// The button went up.
    Release,
    /// The wheel, up.
    WheelUp,
    /// The wheel, down.
    WheelDown,
}
