//! What the screen knows. Changed by `update` alone, drawn by `view`, with no way to the disk or the terminal.

mod details;
pub mod library;
pub mod live;
mod photo;
mod popup;
pub mod rows;

pub use details::{Details, Past};
pub use library::Library;
pub use live::{ComponentInfo, Live, Pulse, Surveyed};
pub use photo::{Ask, BoxDraft, Compare, Exchange, Load, PhotoScreen, Plugins};
pub use popup::{Choice, Pick, Popup};

use super::command::Context;
use super::effect::{Subject, Tag};
use super::keys::Keymap;
use super::memory::Memory;
use super::picture::{Display, Frame, Protocol, Scene, View, Zoom};
use super::symbols::Symbols;
use super::theme::{Theme, ThemeName};
use giqa_watch::store::Row;
use ratatui::layout::Size;
use rows::Table;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Which screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Screen {
    /// What is going on.
    Live,
    /// All photos.
    #[default]
    Library,
    /// One photo.
    Photo,
    /// Questions about it.
    Ask,
    /// Two profiles on it.
    Compare,
    /// What inspects.
    Plugins,
}

impl Screen {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 6] = [Self::Live, Self::Library, Self::Photo, Self::Ask, Self::Compare, Self::Plugins];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Library => "Library",
            Self::Photo => "Photo",
            Self::Ask => "Ask",
            Self::Compare => "Compare",
            Self::Plugins => "Plugins",
        }
    }

    /// Where its keys go.
    #[must_use]
    pub fn context(self) -> Context {
        match self {
            Self::Live => Context::Live,
            Self::Library => Context::Library,
            Self::Photo => Context::Photo,
            Self::Ask => Context::Ask,
            Self::Compare => Context::Compare,
            Self::Plugins => Context::Plugins,
        }
    }

    /// Whether it shows one photo.
    #[must_use]
    pub fn is_of_photo(self) -> bool {
        matches!(self, Self::Photo | Self::Ask | Self::Compare)
    }
}

/// How things look and feel.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which theme.
    pub theme_name: ThemeName,
    /// Its styles.
    pub theme: Theme,
    /// Signs.
    pub symbols: Symbols,
    /// The mouse is ours.
    pub mouse: bool,
    /// Pictures are shown.
    pub pictures: bool,
    /// Which key asks for what.
    pub keys: Keymap,
    /// What the terminal can show.
    pub display: Display,
    /// Where the clock is.
    pub zone: jiff::tz::TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme_name: ThemeName::Dark,
            theme: Theme::of(ThemeName::Dark),
            symbols: Symbols::default(),
            mouse: true,
            pictures: true,
            keys: Keymap::default(),
            display: Display { protocol: Protocol::Halfblocks, cell: (10, 20) },
            zone: jiff::tz::TimeZone::UTC,
        }
    }
}

impl Settings {
    /// Takes another theme.
    pub fn set_theme(&mut self, name: ThemeName) {
        (self.theme_name, self.theme) = (name, Theme::of(name));
    }

    /// Whether pictures can be shown at all.
    #[must_use]
    pub fn shows_pictures(&self) -> bool {
        self.pictures && self.display.protocol != Protocol::Off
    }
}

/// A line that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In words.
    pub text: String,
    /// Something went wrong.
    pub bad: bool,
    /// Until when, milliseconds since 1970.
    pub until: i64,
}

/// What a session is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Watched by this process; empty = it only browses.
    pub watching: Vec<PathBuf>,
    /// Only photos below this folder are shown.
    pub within: Option<PathBuf>,
    /// Only photos that this run did something to, by their numbers in the store, are shown.
    pub run: Option<(String, Arc<HashSet<i64>>)>,
    /// Where the store is.
    pub state_dir: PathBuf,
    /// Who judges by hand.
    pub who: String,
}

/// A picture that is wanted, and the best that is there of it.
#[derive(Debug, Clone)]
pub struct Slot {
    /// What is wanted.
    pub scene: Scene,
    /// The picture, or why there is none; `None` = it is being made.
    pub frame: Option<Result<Arc<Frame>, String>>,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Size of the terminal.
    pub size: Size,
    /// Milliseconds since 1970, as of the last tick.
    pub now: i64,
    /// What this is about.
    pub about: About,
    /// How things look and feel.
    pub settings: Settings,
    /// Which screen.
    pub screen: Screen,
    /// Where `Esc` leads.
    pub trail: Vec<Screen>,
    /// What lies over the screen.
    pub popup: Option<Popup>,
    /// A line that goes away by itself.
    pub notice: Option<Notice>,
    /// All photos.
    pub table: Table,
    /// Everything that was in the store at the start is known.
    pub loaded: bool,
    /// The store can't be read: why.
    pub trouble: Option<String>,
    /// What is going on.
    pub live: Live,
    /// The list.
    pub library: Library,
    /// The photo.
    pub photo: PhotoScreen,
    /// Questions.
    pub ask: Ask,
    /// Two profiles.
    pub compare: Compare,
    /// What inspects.
    pub plugins: Plugins,
    /// Pictures on the screen.
    pub slots: Vec<Slot>,
    /// What was told to the workers last.
    pub remembered: Memory,
    /// The last tag that was given.
    pub last_tag: Tag,
}

impl Model {
    /// A tag that was not given before.
    pub fn tag(&mut self) -> Tag {
        self.last_tag += 1;
        self.last_tag
    }

    /// Where keys go.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.popup, self.screen) {
            (Some(popup), _) if popup.field().is_some() => Context::Field,
            (Some(_), _) => Context::Popup,
            (None, Screen::Library) if self.library.typing => Context::Field,
            (None, Screen::Ask) if self.ask.typing => Context::Field,
            (None, Screen::Ask) if self.ask.draft.is_some() => Context::Box,
            (None, screen) => screen.context(),
        }
    }

    /// Whether the list shows thumbnails; without pictures it can't.
    #[must_use]
    pub fn shows_grid(&self) -> bool {
        self.library.grid && self.settings.shows_pictures()
    }

    /// The run before that the photo is shown beside.
    #[must_use]
    pub fn before(&self) -> Option<&Past> {
        self.photo.details.here().filter(|_| self.photo.before)?.past.first()
    }

    /// The photo under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        match self.screen {
            Screen::Live => self.live.latest.get(self.live.cursor).and_then(|n| self.table.rows.get(*n)),
            _ => self.library.entries.get(self.library.cursor).and_then(|e| self.table.rows.get(e.row)),
        }
    }

    /// The photo that is looked at, as workers need it.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        self.row().map(subject)
    }

    /// What a verdict or an undo is about: what is marked, or else the photo under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Vec<i64> {
        if self.screen == Screen::Library && !self.library.marked.is_empty() {
            let mut ids: Vec<i64> = self.library.marked.iter().copied().collect();
            ids.sort_unstable();
            return ids;
        }
        self.row().map(|r| r.id).into_iter().collect()
    }

    /// How far the words are scrolled that scroll now.
    pub fn scrolled(&mut self) -> Option<&mut usize> {
        Some(match (&mut self.popup, self.screen) {
            (Some(Popup::Help { scroll } | Popup::Log { scroll, .. }), _) => scroll,
            (Some(_), _) | (None, Screen::Live | Screen::Library) => return None,
            (None, Screen::Photo) => &mut self.photo.scroll,
            (None, Screen::Ask) => &mut self.ask.scroll,
            (None, Screen::Compare) => &mut self.compare.scroll,
            (None, Screen::Plugins) => &mut self.plugins.scroll,
        })
    }

    /// Tells something for a while.
    pub fn say(&mut self, said: Result<String, String>) {
        let bad = said.is_err();
        let (Ok(text) | Err(text)) = said;
        let seconds = if bad { 12 } else { 5 };
        self.notice = Some(Notice { text, bad, until: self.now + seconds * 1000 });
    }

    /// What to know after the next start.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let view = self.photo.view;
        Memory {
            screen: self.screen,
            filter: self.library.filter.value().to_owned(),
            sort: self.library.sort.clone(),
            reversed: self.library.reversed,
            grid: self.library.grid,
            bursts: self.library.bursts,
            // Before the list is there, the photo of the last time still counts.
            photo: self.library.wanted.or_else(|| self.row().map(|r| r.id)),
            zoom: match view.zoom {
                Zoom::Times(times) => Some((times, view.centre.0, view.centre.1)),
                _ => None,
            },
            no_boxes: !self.photo.boxes,
            theme: self.remembered.theme,
            // What a file or an option says of this session is not remembered as if a person had said it.
            no_mouse: self.remembered.no_mouse,
            no_pictures: self.remembered.no_pictures,
        }
    }

    /// Goes on where the last session was.
    pub fn recall(&mut self, memory: Memory) {
        self.library.recall(&memory);
        self.screen = memory.screen;
        self.photo.boxes = !memory.no_boxes;
        if let Some((times, x, y)) = memory.zoom.filter(|(t, x, y)| (0.01..=64.0).contains(t) && (x + y).is_finite()) {
            self.photo.view = View { zoom: Zoom::Times(times), centre: (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0)) };
        }
        if let Some(theme) = memory.theme {
            self.settings.set_theme(theme);
        }
        self.settings.mouse &= !memory.no_mouse;
        self.settings.pictures &= !memory.no_pictures;
        self.remembered = memory;
    }
}

/// A photo, as workers need it.
#[must_use]
pub fn subject(row: &Row) -> Subject {
    let result = row.result.as_ref().map(|b| (Arc::from(&*b.blake3), b.key.clone()));
    Subject { id: row.id, path: row.path.clone(), result }
}
