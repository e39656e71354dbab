//! Where things are on the screen: worked out once, for drawing and for the mouse alike.

use super::model::{Model, Screen};
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect, Size};

/// The least that everything fits on.
pub const LEAST: Size = Size { width: 60, height: 20 };
/// From here on there is room for a picture beside a list.
const WIDE: u16 = 100;
/// A thumbnail with its name.
pub const THUMBNAIL: Size = Size { width: 20, height: 9 };

/// Something with a line around it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pane {
    /// With the line.
    pub outer: Rect,
    /// Within the line.
    pub inner: Rect,
}

impl From<Rect> for Pane {
    fn from(outer: Rect) -> Self {
        Self { outer, inner: outer.inner(Margin::new(1, 1)) }
    }
}

/// Where things are; what a screen does not have is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Areas {
    /// The line with the screens.
    pub tabs: Rect,
    /// Each screen's place in it.
    pub tab: Vec<(Rect, Screen)>,
    /// All between the first and the last line.
    pub body: Rect,
    /// Filter and order.
    pub bar: Rect,
    /// The list.
    pub list: Pane,
    /// Thumbnails in a row.
    pub columns: u16,
    /// The pictures.
    pub pictures: [Pane; 2],
    /// Words.
    pub panel: Pane,
    /// More words.
    pub side: Pane,
    /// A field of text.
    pub field: Pane,
    /// The last line.
    pub footer: Rect,
    /// What lies over all that.
    pub popup: Pane,
}

/// Whether everything fits.
#[must_use]
pub fn fits(size: Size) -> bool {
    size.width >= LEAST.width && size.height >= LEAST.height
}

/// Where things are.
#[must_use]
pub fn areas(model: &Model) -> Areas {
    let whole = Rect::new(0, 0, model.size.width, model.size.height);
    if !fits(model.size) {
        return Areas::default();
    }
    let [tabs, body, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(whole);
    let mut areas = Areas { tabs, body, footer, columns: 1, popup: popup(whole), ..Areas::default() };
    let mut x = tabs.x + 7;
    for screen in Screen::ALL {
        let width = screen.title().len() as u16 + if whole.width >= 80 { 4 } else { 2 };
        areas.tab.push((Rect::new(x, tabs.y, width, 1).intersection(tabs), screen));
        x += width;
    }
    match model.screen {
        Screen::Live => live(&mut areas),
        Screen::Library => library(&mut areas, model.shows_grid(), model.settings.shows_pictures()),
        Screen::Photo => photo(&mut areas, model.before().is_some()),
        Screen::Ask => {
            photo(&mut areas, false);
            let [panel, field] =
                Layout::vertical([Constraint::Fill(1), Constraint::Length(3)]).areas(areas.panel.outer);
            (areas.panel, areas.field) = (panel.into(), field.into());
        }
        Screen::Compare => {
            let [pictures, panel] = Layout::vertical([Constraint::Percentage(50), Constraint::Fill(1)]).areas(body);
            let halves: [Rect; 2] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(pictures);
            (areas.pictures, areas.panel) = (halves.map(Pane::from), panel.into());
        }
        Screen::Plugins => {
            // A line for each, and what is left for words about one.
            let components = model.plugins.surveyed.here().map_or(0, |s| s.components.len() as u16);
            let high = components.saturating_add(3).clamp(6, body.height * 2 / 3);
            let [list, panel] = Layout::vertical([Constraint::Length(high), Constraint::Fill(1)]).areas(body);
            (areas.list, areas.panel) = (list.into(), panel.into());
        }
    }
    areas
}

fn popup(whole: Rect) -> Pane {
    let width = whole.width.saturating_sub(4).min(100);
    let height = whole.height.saturating_sub(4).min(40);
    Rect::new((whole.width - width) / 2, (whole.height - height) / 2, width, height).into()
}

fn live(areas: &mut Areas) {
    let body = areas.body;
    if body.width >= 80 {
        let [left, list] = Layout::horizontal([Constraint::Length(38), Constraint::Fill(1)]).areas(body);
        let [panel, side] = Layout::vertical([Constraint::Length(14), Constraint::Fill(1)]).areas(left);
        (areas.panel, areas.side, areas.list) = (panel.into(), side.into(), list.into());
    } else {
        let [panel, list] = Layout::vertical([Constraint::Length(11), Constraint::Fill(1)]).areas(body);
        (areas.panel, areas.list) = (panel.into(), list.into());
    }
}

fn library(areas: &mut Areas, grid: bool, pictures: bool) {
    let [bar, rest] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(areas.body);
    areas.bar = bar;
    if grid {
        areas.list = rest.into();
        areas.columns = (areas.list.inner.width / THUMBNAIL.width).max(1);
    } else if rest.width >= WIDE && pictures {
        let [list, right] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(rest);
        let [picture, panel] = Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)]).areas(right);
        (areas.list, areas.panel) = (list.into(), panel.into());
        areas.pictures[0] = picture.into();
    } else {
        areas.list = rest.into();
    }
}

fn photo(areas: &mut Areas, two: bool) {
    let body = areas.body;
    let [picture, panel] = match body.width {
        WIDE.. => Layout::horizontal([Constraint::Percentage(58), Constraint::Fill(1)]).areas(body),
        80.. => Layout::horizontal([Constraint::Percentage(50), Constraint::Fill(1)]).areas(body),
        _ => Layout::vertical([Constraint::Percentage(45), Constraint::Fill(1)]).areas(body),
    };
    areas.panel = panel.into();
    if two {
        // The longer way is divided.
        let layout = if picture.width > picture.height * 3 { Layout::horizontal } else { Layout::vertical };
        let halves: [Rect; 2] = layout([Constraint::Fill(1), Constraint::Fill(1)]).areas(picture);
        areas.pictures = halves.map(Pane::from);
    } else {
        areas.pictures[0] = picture.into();
    }
}

impl Areas {
    /// How many lines of the list show.
    #[must_use]
    pub fn lines(&self) -> usize {
        let high = self.list.inner.height;
        if self.columns > 1 {
            usize::from(high / THUMBNAIL.height).max(1)
        } else {
            usize::from(high.saturating_sub(1)).max(1)
        }
    }

    /// The place of the thumbnail so many after the first that shows.
    #[must_use]
    pub fn thumbnail(&self, nth: usize) -> Option<Rect> {
        let columns = usize::from(self.columns.max(1));
        let (line, column) = (nth / columns, nth % columns);
        (line < self.lines()).then(|| {
            let inner = self.list.inner;
            let place = Rect::new(
                inner.x + column as u16 * THUMBNAIL.width,
                inner.y + line as u16 * THUMBNAIL.height,
                THUMBNAIL.width,
                THUMBNAIL.height,
            );
            place.intersection(inner)
        })
    }

    /// Which line of the list, counted from the first that shows, is at a place.
    #[must_use]
    pub fn line_at(&self, at: Position) -> Option<usize> {
        if !self.list.inner.contains(at) {
            return None;
        }
        let (x, y) = (at.x - self.list.inner.x, at.y - self.list.inner.y);
        if self.columns > 1 {
            let (column, line) = (x / THUMBNAIL.width, y / THUMBNAIL.height);
            // Below the last line there may be room for a part of another.
            let there = column < self.columns && usize::from(line) < self.lines();
            there.then(|| usize::from(line * self.columns + column))
        } else {
            // The first line says what the columns are.
            usize::from(y).checked_sub(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixtures::Session;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_overlaps_and_nothing_is_outside(
            width in 60..300_u16, height in 20..120_u16, screen in 0..6_usize, flags in any::<[bool; 2]>(),
        ) {
            let mut session = Session::new(width, height).on(1).at(Screen::ALL[screen]);
            let [grid, other] = flags;
            session.model.library.grid = grid;
            session.model.photo.before = other;
            session.model.settings.pictures = grid || other;
            let areas = areas(&session.model);
            let [left, right] = areas.pictures;
            let panes = [areas.list, areas.panel, areas.side, areas.field, left, right].map(|pane| pane.outer);
            let all: Vec<Rect> = panes.into_iter().chain([areas.tabs, areas.bar, areas.footer]).filter(|r| !r.is_empty()).collect();
            let whole = Rect::new(0, 0, width, height);
            for (nth, a) in all.iter().enumerate() {
                prop_assert_eq!(a.intersection(whole), *a);
                prop_assert!(all.iter().skip(nth + 1).all(|b| !a.intersects(*b)), "{:?}", areas);
                // Two lines of text have room in each, or it is a line.
                prop_assert!(a.height == 1 || (a.height >= 3 && a.width >= 20), "{a:?}");
            }
            prop_assert_eq!(all.iter().map(|r| r.area()).sum::<u32>(), whole.area());
            let tabs: Vec<Rect> = areas.tab.iter().map(|(place, _)| *place).collect();
            prop_assert!(tabs.windows(2).all(|w| w[0].right() == w[1].x) && tabs[5].right() <= width);
            prop_assert_eq!(areas.popup.outer.intersection(whole), areas.popup.outer);
        }

        #[test]
        fn thumbnails_are_where_they_are_clicked(width in 60..300_u16, height in 20..120_u16, nth in 0..200_usize) {
            let mut session = Session::new(width, height);
            session.model.library.grid = true;
            let areas = areas(&session.model);
            match areas.thumbnail(nth) {
                Some(place) => {
                    prop_assert_eq!((place.width, place.height), (THUMBNAIL.width, THUMBNAIL.height));
                    for at in [Position::new(place.x, place.y), Position::new(place.right() - 1, place.bottom() - 1)] {
                        prop_assert_eq!(areas.line_at(at), Some(nth));
                    }
                }
                None => prop_assert!(nth >= areas.lines() * usize::from(areas.columns)),
            }
        }
    }
}
