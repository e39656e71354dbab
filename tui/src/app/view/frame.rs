//! The first and the last line, and lines around things.

use super::text::{cut, width};
use crate::app::command::{Command, Context};
use crate::app::layout::{Areas, Pane};
use crate::app::model::{Model, Popup, Screen};
use giqa_engine::safe_text::escaped;
use giqa_watch::store::State;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

/// The screens, and what is going on.
pub fn tabs(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let theme = &model.settings.theme;
    let name = Rect { width: 7.min(areas.tabs.width), ..areas.tabs };
    frame.render_widget(Span::styled(" giqa ", theme.accent), name);
    let mut end = name.right();
    for (nth, (place, screen)) in areas.tab.iter().enumerate() {
        let number =
            if place.width as usize >= screen.title().len() + 4 { format!("{} ", nth + 1) } else { String::new() };
        let style = if *screen == model.screen { theme.tab } else { theme.text };
        // Brackets, for where there are no colours.
        let open = *screen == model.screen && model.settings.symbols.ascii;
        let (left, right) = if open { ("[", "]") } else { (" ", " ") };
        frame.render_widget(Span::styled(format!("{left}{number}{}{right}", screen.title()), style), *place);
        end = place.right();
    }
    let room = usize::from(areas.tabs.right().saturating_sub(end + 1));
    let text = status(model).into_iter().find(|text| width(text) <= room).unwrap_or_default();
    let wide = width(&text) as u16;
    let place = Rect { x: areas.tabs.right() - wide, width: wide, ..areas.tabs };
    frame.render_widget(Span::styled(text, theme.dim), place);
}

/// What is going on, in many words and in few.
fn status(model: &Model) -> Vec<String> {
    let tally = &model.table.tally;
    let waiting = tally.of(State::Seen) + tally.of(State::Waiting) + tally.of(State::Running);
    let dot = if model.settings.symbols.ascii { "-" } else { "·" };
    match &model.live.status {
        Some(status) if waiting > 0 => {
            let profile = escaped(&status.profile);
            let rate = model.live.rate();
            vec![
                format!("{profile} {dot} {waiting} waiting {dot} {rate:.1}/s "),
                format!("{waiting} waiting {dot} {rate:.1}/s "),
                format!("{waiting} waiting "),
                format!("{waiting} left "),
            ]
        }
        Some(status) => {
            vec![format!("{} {dot} watching ", escaped(&status.profile)), "watching ".into(), "on ".into()]
        }
        None => vec![format!("{} photos ", model.table.photos()), format!("{} ", model.table.photos())],
    }
}

/// What can be done now, or what was done.
pub fn footer(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let theme = &model.settings.theme;
    let cells = usize::from(areas.footer.width);
    if let Some(why) = &model.trouble {
        let words = cut(&format!(" {}", escaped(why)), cells, model.settings.symbols.cut());
        return frame.render_widget(Span::styled(words, theme.error), areas.footer);
    }
    if let Some(notice) = &model.notice {
        let style = if notice.bad { theme.error } else { theme.accent };
        let words = cut(&format!(" {}", escaped(&notice.text)), cells, model.settings.symbols.cut());
        return frame.render_widget(Span::styled(words, style), areas.footer);
    }
    let hint = |command: &Command| {
        let key = model.settings.keys.keys(model.context(), *command).first()?;
        let (key, name) = (key.to_string(), command.name());
        // An arrow says itself what it does.
        let what = if key == name { " ".to_owned() } else { format!(" {name} ") };
        Some((format!(" {key}"), what))
    };
    let mut hints: Vec<_> = hints(model).iter().filter_map(hint).collect();
    // Help and the way back are the last two, and the last to go.
    while hints.len() > 2 && hints.iter().map(|(key, what)| width(key) + width(what)).sum::<usize>() > cells {
        hints.remove(hints.len() - 3);
    }
    let spans =
        hints.into_iter().flat_map(|(key, what)| [Span::styled(key, theme.accent), Span::styled(what, theme.dim)]);
    frame.render_widget(Line::from_iter(spans), areas.footer);
}

/// What a person most likely wants now.
pub fn hints(model: &Model) -> &'static [Command] {
    use Command as C;
    match model.context() {
        Context::Live => &[C::Open, C::Library, C::Plugins, C::Log, C::Help, C::Quit],
        Context::Library if !model.library.marked.is_empty() => {
            &[C::Accept, C::Review, C::Reject, C::Undo, C::Note, C::Help, C::Back]
        }
        Context::Library => &[C::Open, C::Filter, C::Sort, C::Grid, C::Mark, C::Reject, C::Help, C::Quit],
        Context::Photo => &[C::NextMark, C::NextPhoto, C::ZoomBox, C::Heat, C::Question, C::Reject, C::Help, C::Back],
        Context::Ask => &[C::Question, C::DrawBox, C::NextMark, C::NextPhoto, C::Help, C::Back],
        Context::Compare => &[C::PickLeft, C::PickRight, C::NextPhoto, C::Help, C::Back],
        Context::Plugins => &[C::Toggle, C::UseProfile, C::Restart, C::Log, C::Help, C::Back],
        Context::Box => &[C::Left, C::BoxWider, C::BoxTaller, C::BoxNarrower, C::BoxShorter, C::BoxDone, C::Back],
        Context::Field => &[C::Submit, C::Clear, C::Back],
        Context::Popup if matches!(model.popup, Some(Popup::Sure { .. })) => &[C::Submit, C::Back],
        Context::Popup => &[C::PageDown, C::PageUp, C::Back],
        Context::Global => &[C::Help, C::Quit],
    }
}

/// A line around something, with a title.
pub fn pane(model: &Model, pane: Pane, title: &str, frame: &mut Frame<'_>) {
    if pane.outer.is_empty() {
        return;
    }
    let theme = &model.settings.theme;
    let cells = usize::from(pane.outer.width.saturating_sub(4));
    let title = cut(title, cells, model.settings.symbols.cut());
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(model.settings.symbols.border())
        .border_style(theme.border)
        .title(Span::styled(if title.is_empty() { title } else { format!(" {title} ") }, theme.accent));
    frame.render_widget(block, pane.outer);
}

/// Words on the lower line of a pane.
pub fn below(model: &Model, pane: Pane, words: &str, frame: &mut Frame<'_>) {
    let words = format!(" {words} ");
    let wide = width(&words) as u16;
    if pane.outer.width > wide + 3 && pane.outer.height > 1 {
        let place = Rect::new(pane.outer.right() - wide - 2, pane.outer.bottom() - 1, wide, 1);
        frame.render_widget(Span::styled(words, model.settings.theme.dim), place);
    }
}

/// A line of text to be typed, with its cursor where keys go to it.
pub fn field(model: &Model, area: Rect, before: &str, field: &tui_input::Input, typing: bool, frame: &mut Frame<'_>) {
    let theme = &model.settings.theme;
    let room = usize::from(area.width).saturating_sub(width(before) + 1);
    let scroll = field.visual_scroll(room);
    let shown = escaped(field.value());
    let mut skipped = 0;
    let rest: String = shown
        .chars()
        .skip_while(|c| {
            let skip = skipped < scroll;
            skipped += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
            skip
        })
        .collect();
    let text = cut(&rest, room + 1, "");
    let line = Line::from(vec![Span::styled(before.to_owned(), theme.accent), Span::styled(text, theme.text)]);
    frame.render_widget(Paragraph::new(line), area);
    if typing {
        let x = area.x as usize + width(before) + field.visual_cursor().saturating_sub(scroll);
        frame.set_cursor_position(((x as u16).min(area.right().saturating_sub(1)), area.y));
    }
}

/// Which screen a photo's name is shown on, as a title.
pub fn title_of(model: &Model) -> String {
    let name = model.row().map_or_else(|| "no photo".to_owned(), |r| crate::app::model::rows::file_name(&r.path));
    let (at, all) = (model.library.cursor + 1, model.library.entries.len());
    if model.screen == Screen::Live || all == 0 { name } else { format!("{at}/{all}  {name}") }
}
