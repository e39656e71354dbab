//! What inspects: components, where they come from, how long they take, and what went wrong.

use super::text::{Piece, cut, pad, pad_left, wrap};
use super::{empty, frame as chrome, lines, under_cursor};
use crate::app::layout::Areas;
use crate::app::model::{ComponentInfo, Load, Model};
use giqa_engine::safe_text::escaped;
use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Lines of the log that are shown of a plugin.
const LOGGED: usize = 20;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let surveyed = match &model.plugins.surveyed {
        Load::Here(surveyed) => surveyed,
        other => {
            chrome::pane(model, areas.list, "components", frame);
            chrome::pane(model, areas.panel, "", frame);
            let words = match other {
                Load::Failed(why) => escaped(why),
                _ => "looking at the plugins ...".into(),
            };
            return empty(model, frame, areas.list.inner, &words);
        }
    };
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let others: Vec<String> =
        surveyed.profiles.iter().filter(|p| **p != surveyed.profile).map(|p| escaped(p)).collect();
    let title = format!("profile {} (others: {})", escaped(&surveyed.profile), others.join(", "));
    chrome::pane(model, areas.list, &title, frame);
    let cells = usize::from(areas.list.inner.width);
    let name = cells.saturating_sub(44).clamp(16, 40);
    let head = format!(
        "  {} {} {} {} {}",
        pad("component", name, ""),
        pad("kind", 9, ""),
        pad_left("count", 7),
        pad_left("ms", 8),
        pad_left("longest", 8)
    );
    let mut rows = vec![Line::styled(cut(&head, cells, ""), theme.dim)];
    let high = usize::from(areas.list.inner.height.saturating_sub(1));
    for (at, component) in surveyed.components.iter().enumerate().skip(model.plugins.top).take(high) {
        let timing = model.live.status.as_ref().and_then(|s| s.timings.get(&component.id));
        let numbers = timing.map_or_else(
            || format!("{} {} {}", pad_left("-", 7), pad_left("-", 8), pad_left("-", 8)),
            |t| format!("{:>7} {:>8.1} {:>8.1}", t.count, t.total_ms / t.count.max(1) as f64, t.max_ms),
        );
        let sign = match component {
            ComponentInfo { problem: Some(_), .. } => "!",
            ComponentInfo { off: true, .. } => "-",
            ComponentInfo { in_profile: true, .. } => symbols.marked(),
            _ => " ",
        };
        let text = format!(
            "{sign} {} {} {numbers}",
            pad(&escaped(&component.id), name, symbols.cut()),
            pad(&component.kind, 9, "")
        );
        let style = match component {
            ComponentInfo { problem: Some(_), .. } => theme.error,
            ComponentInfo { in_profile: true, off: false, .. } => theme.text,
            _ => theme.dim,
        };
        let line = Line::from(Span::styled(pad(&text, cells, symbols.cut()), style));
        rows.push(if at == model.plugins.cursor { under_cursor(model, line) } else { line });
    }
    frame.render_widget(Paragraph::new(rows), areas.list.inner);
    let component = surveyed.components.get(model.plugins.cursor);
    chrome::pane(model, areas.panel, component.map_or("", |c| c.id.as_str()), frame);
    lines(model, frame, areas.panel, &words(model, areas), model.plugins.scroll);
}

/// About the component under the cursor, and what went wrong.
pub fn words(model: &Model, areas: &Areas) -> Vec<Line<'static>> {
    let Some(surveyed) = model.plugins.surveyed.here() else { return Vec::new() };
    let component = surveyed.components.get(model.plugins.cursor);
    let (theme, cells) = (&model.settings.theme, usize::from(areas.panel.inner.width));
    let mut rows = Vec::new();
    let mut say =
        |text: String, style| rows.extend(wrap(&[Piece::new(text, style)], cells, 2).into_iter().map(|r| r.line));
    if let Some(c) = component {
        let state = match (c.off, c.in_profile) {
            (true, _) => "switched off by hand",
            (false, true) => "on",
            (false, false) => "not in this profile",
        };
        say(format!("{}, version {}; {state}", c.kind, c.version), theme.text);
        say(format!("from {}, runs {}", c.origin, c.isolation), theme.text);
        if let Some(problem) = &c.problem {
            say(problem.clone(), theme.error);
        }
    }
    if !surveyed.can_switch {
        say("this process does not watch: what is changed here holds for Ask, Compare and heat maps".into(), theme.dim);
    }
    for problem in &surveyed.problems {
        say(problem.clone(), theme.error);
    }
    if let Some(status) = &model.live.status {
        for note in status.notes.iter().rev() {
            say(format!("! {note}"), theme.fair);
        }
    }
    // What was logged about its plugin, newest first.
    let plugin = component.and_then(|c| c.id.split('.').next()).unwrap_or_default();
    for line in model.plugins.log.iter().rev().filter(|l| !plugin.is_empty() && l.contains(plugin)).take(LOGGED) {
        say(line.clone(), theme.dim);
    }
    rows
}
