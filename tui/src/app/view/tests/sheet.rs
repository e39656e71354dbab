//! A screen as text, and below it how each cell looks: a letter per look, and what that is in each theme.
//!
//! Cells that look alike in all themes have the same letter, so that one picture of letters stands for all of them.

use crate::app::fixtures::Session;
use crate::app::theme::ThemeName;
use crate::app::view::draw;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 20)];

/// Compares a screen of each size with what a person has read.
pub fn sheets(name: &str, session: impl Fn(u16, u16) -> Session) {
    for (width, height) in SIZES {
        let mut session = session(width, height);
        let sheet = sheet(&mut session);
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), sheet);
        });
    }
}

/// What is drawn of a session.
pub fn drawn(session: &Session, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(&session.model, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// Lines of what is drawn.
pub fn text(buffer: &Buffer) -> Vec<String> {
    let line = |y: u16| {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // A wide letter covers the cells after it.
            x += (crate::app::view::text::width(symbol) as u16).max(1);
        }
        line
    };
    (0..buffer.area.height).map(line).collect()
}

fn sheet(session: &mut Session) -> String {
    let size = session.model.size;
    let themes: Vec<Buffer> = ThemeName::ALL
        .iter()
        .map(|theme| {
            session.model.settings.set_theme(*theme);
            drawn(session, size.width, size.height)
        })
        .collect();
    let lines = text(&themes[0]);
    for (buffer, theme) in themes.iter().zip(ThemeName::ALL) {
        assert_eq!(text(buffer), lines, "the words are the same in theme {}", theme.name());
    }
    let mut looks: Vec<Vec<String>> = Vec::new();
    let mut letters = Vec::new();
    for y in 0..size.height {
        let mut line = String::new();
        let mut covered = 0;
        for x in 0..size.width {
            // What a wide letter covers looks as its first cell does.
            if covered > 1 {
                covered -= 1;
                line.push(line.chars().last().unwrap_or(' '));
                continue;
            }
            covered = crate::app::view::text::width(themes[0][(x, y)].symbol());
            let look: Vec<String> = themes.iter().map(|b| look(&b[(x, y)])).collect();
            let at = looks.iter().position(|l| *l == look).unwrap_or_else(|| {
                looks.push(look);
                looks.len() - 1
            });
            line.push(char::from(b'a' + at as u8));
        }
        letters.push(line);
    }
    let mut sheet = String::new();
    for line in lines {
        let _ = writeln!(sheet, "|{line}|");
    }
    let _ = writeln!(sheet);
    for line in letters {
        let _ = writeln!(sheet, "|{line}|");
    }
    for (nth, look) in looks.iter().enumerate() {
        let _ = writeln!(sheet, "\n{}", char::from(b'a' + nth as u8));
        for (theme, look) in ThemeName::ALL.iter().zip(look) {
            let _ = writeln!(sheet, "  {:14}{look}", theme.name());
        }
    }
    sheet
}

fn look(cell: &Cell) -> String {
    let color = |color: Color| match color {
        Color::Reset => "-".to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        other => format!("{other:?}"),
    };
    let modifiers = if cell.modifier == Modifier::empty() { String::new() } else { format!(" {:?}", cell.modifier) };
    format!("{} on {}{modifiers}", color(cell.fg), color(cell.bg))
}
