//! Screens about one photo.

use super::{Details, Surveyed};
use crate::app::effect::Tag;
use crate::app::picture::{Heat, View};
use giqa_core::{Attribute, NormBox, Report};
use giqa_engine::Answer;
use giqa_engine::marks::Mark;
use std::sync::Arc;
use tui_input::Input;

/// Something that a worker brings.
#[derive(Debug, Clone, Default)]
pub enum Load<T> {
    /// Nobody asked for it.
    #[default]
    Nothing,
    /// It is on its way.
    Coming(Tag),
    /// It is there.
    Here(T),
    /// There is none: why.
    Failed(String),
}

impl<T> Load<T> {
    /// What is there.
    pub fn here(&self) -> Option<&T> {
        match self {
            Load::Here(value) => Some(value),
            _ => None,
        }
    }

    /// Takes what a worker brought, unless something else was asked for since. Returns whether it was taken.
    pub fn take(&mut self, tag: Tag, result: Result<T, String>) -> bool {
        let wanted = matches!(self, Load::Coming(t) if *t == tag);
        if wanted {
            *self = match result {
                Ok(value) => Load::Here(value),
                Err(why) => Load::Failed(why),
            };
        }
        wanted
    }
}

/// One photo.
#[derive(Debug, Clone)]
pub struct PhotoScreen {
    /// Which, by its number in the store.
    pub id: Option<i64>,
    /// When the row changed that was looked at.
    pub updated: i64,
    /// All about it.
    pub details: Load<Arc<Details>>,
    /// What was asked for last.
    pub asked: Option<Tag>,
    /// Number of the selected place.
    pub selected: Option<usize>,
    /// Which part shows.
    pub view: View,
    /// Boxes are shown.
    pub boxes: bool,
    /// Of which attribute the heat map is.
    pub heat: Option<Attribute>,
    /// The heat map.
    pub heat_map: Load<Arc<Heat>>,
    /// The run before is shown beside.
    pub before: bool,
    /// The first line of the words that shows.
    pub scroll: usize,
}

impl Default for PhotoScreen {
    fn default() -> Self {
        Self {
            id: None,
            updated: 0,
            details: Load::Nothing,
            asked: None,
            selected: None,
            view: View::default(),
            boxes: true,
            heat: None,
            heat_map: Load::Nothing,
            before: false,
            scroll: 0,
        }
    }
}

/// A box that is being drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxDraft {
    /// Where it is.
    pub bounds: NormBox,
    /// Where the mouse began to draw it.
    pub from: Option<(f64, f64)>,
}

/// A question and what was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// About which photo.
    pub photo: i64,
    /// The words.
    pub question: String,
    /// About which places.
    pub boxes: Vec<NormBox>,
    /// What was answered.
    pub answer: Load<Box<Answer>>,
    /// Numbered places of the answer.
    pub marks: Arc<[Mark]>,
}

/// Questions about photos.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// What is typed.
    pub input: Input,
    /// It is being typed.
    pub typing: bool,
    /// The box that is drawn.
    pub draft: Option<BoxDraft>,
    /// The box that the next question is about.
    pub about: Option<NormBox>,
    /// All that was asked, oldest first.
    pub history: Vec<Exchange>,
    /// Number of the selected place of the last answer.
    pub selected: Option<usize>,
    /// Lines scrolled back from the end.
    pub scroll: usize,
}

/// Two profiles on one photo.
#[derive(Debug, Clone, Default)]
pub struct Compare {
    /// Their names; empty = not chosen yet.
    pub profiles: [String; 2],
    /// The photo, by its number in the store.
    pub id: Option<i64>,
    /// Their reports.
    pub reports: [Load<Arc<Report>>; 2],
    /// The first line that shows.
    pub scroll: usize,
}

/// What inspects.
#[derive(Debug, Clone, Default)]
pub struct Plugins {
    /// All of it.
    pub surveyed: Load<Arc<Surveyed>>,
    /// It was asked for once more.
    pub again: Option<Tag>,
    /// The end of the log, as it was read last.
    pub log: Vec<String>,
    /// The component under the cursor.
    pub cursor: usize,
    /// The first line that shows.
    pub top: usize,
    /// The first line that shows of the words about it.
    pub scroll: usize,
}
