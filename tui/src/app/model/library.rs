//! The list of photos.

use crate::app::effect::Tag;
use crate::app::memory::Memory;
use crate::app::query::{Entry, Query, Sort};
use std::collections::HashSet;
use tui_input::Input;

/// The list, its filter and its cursor.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// The filter, as typed.
    pub filter: Input,
    /// The filter is being typed.
    pub typing: bool,
    /// The order.
    pub sort: Sort,
    /// The other way around.
    pub reversed: bool,
    /// Thumbnails in place of lines.
    pub grid: bool,
    /// Bursts are gathered.
    pub bursts: bool,
    /// Photos whose bursts are open.
    pub open: HashSet<i64>,
    /// The lines.
    pub entries: Vec<Entry>,
    /// The line under the cursor; less than the lines, or 0.
    pub cursor: usize,
    /// The first line that shows.
    pub top: usize,
    /// Marked photos.
    pub marked: HashSet<i64>,
    /// The photo that the cursor shall find once the list is there.
    pub wanted: Option<i64>,
    /// The list that is being made.
    pub listing: Option<Tag>,
    /// Rows changed since that was asked for.
    pub stale: bool,
    /// What was not understood of the filter.
    pub mistakes: Vec<String>,
}

impl Library {
    /// The filter, understood.
    #[must_use]
    pub fn query(&self) -> Query {
        Query::parse(self.filter.value())
    }

    /// Goes on where the last session was.
    pub fn recall(&mut self, memory: &Memory) {
        self.filter = Input::new(memory.filter.clone());
        self.sort = memory.sort.clone();
        (self.reversed, self.grid, self.bursts) = (memory.reversed, memory.grid, memory.bursts);
        self.wanted = memory.photo;
    }

    /// Puts the cursor on a line, or on the last.
    pub fn go(&mut self, to: usize) {
        self.cursor = to.min(self.entries.len().saturating_sub(1));
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    /// Scrolls as little as possible so that the cursor shows among so many lines.
    pub fn scroll(&mut self, lines: usize, columns: usize) {
        let columns = columns.max(1);
        let all = self.entries.len().div_ceil(columns);
        self.top = scrolled(self.top / columns, self.cursor / columns, lines, all) * columns;
    }
}

/// The first of `all` lines that shows when so many `lines` do and the cursor is among them: as near to `top` as can be.
#[must_use]
pub fn scrolled(top: usize, cursor: usize, lines: usize, all: usize) -> usize {
    let lines = lines.max(1);
    let top = top.min(cursor).max((cursor + 1).saturating_sub(lines));
    // No empty lines at the end.
    top.min(all.saturating_sub(lines))
}
