//! A screen as an SVG: text that can be selected, and pictures at their real resolution.

mod blocks;
mod images;

use crate::screen::Seen;
use std::fmt::Write as _;
use vt100::{Cell, Color};

/// Pixels of a cell.
pub const CELL: (u32, u32) = (10, 20);
/// Pixels around the screen.
const MARGIN: u32 = 12;
/// With it, letters of most monospaced fonts are as wide as a cell.
const FONT_SIZE: f64 = 16.6;

/// Colours of the terminal itself.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Of letters.
    pub text: [u8; 3],
    /// Behind them.
    pub back: [u8; 3],
}

impl Ground {
    /// Bright on dark.
    pub const DARK: Self = Self { text: [216, 222, 233], back: [22, 24, 29] };
    /// Dark on bright.
    pub const LIGHT: Self = Self { text: [31, 35, 40], back: [255, 255, 255] };
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    text: [u8; 3],
    back: Option<[u8; 3]>,
    bold: bool,
    italic: bool,
    underline: bool,
}

impl Look {
    fn of(cell: &Cell, ground: Ground) -> Self {
        let text = rgb(cell.fgcolor()).unwrap_or(ground.text);
        let back = rgb(cell.bgcolor());
        let (text, back) = if cell.inverse() { (back.unwrap_or(ground.back), Some(text)) } else { (text, back) };
        Self { text, back, bold: cell.bold(), italic: cell.italic(), underline: cell.underline() }
    }
}

/// The screen, with this title for those who don't see it.
#[must_use]
pub fn svg(seen: &Seen, title: &str, ground: Ground) -> String {
    let (rows, columns) = seen.screen().size();
    let (width, height) = (u32::from(columns.get()) * CELL.0, u32::from(rows.get()) * CELL.1);
    let (outer_width, outer_height) = (width + 2 * MARGIN, height + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{outer_width}\" height=\"{outer_height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {outer_width} {outer_height}\" role=\"img\">\n\
         <title>{}</title>\n<style>text{{font:{FONT_SIZE}px 'DejaVu Sans Mono','Menlo','Consolas',monospace;\
         white-space:pre}}.b{{font-weight:bold}}.i{{font-style:italic}}.u{{text-decoration:underline}}</style>\n\
         <rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{outer_width}\" height=\"{outer_height}\" rx=\"8\" fill=\"{}\"/>\n",
        escaped(title),
        hex(ground.back),
    );
    let images = images::placed(seen);
    for y in 0..rows.get() {
        backs(&mut out, seen, y, ground);
        line(&mut out, seen, y, ground);
    }
    for (n, image) in images.iter().enumerate() {
        image.write(&mut out, n);
    }
    out + "</svg>\n"
}

/// The cells of a line, without the second halves of wide letters.
fn cells(seen: &Seen, y: u16) -> impl Iterator<Item = (u32, &Cell)> {
    let columns = seen.screen().size().1.get();
    (0..columns)
        .filter_map(move |x| Some((u32::from(x), seen.screen().cell(y, x)?)))
        .filter(|(_, cell)| !cell.is_wide_continuation())
}

/// What is behind a line: one rectangle for neighbours of the same colour.
fn backs(out: &mut String, seen: &Seen, y: u16, ground: Ground) {
    let mut runs: Vec<(u32, u32, [u8; 3])> = Vec::new();
    for (x, cell) in cells(seen, y) {
        let wide = if cell.is_wide() { 2 } else { 1 };
        let Some(back) = Look::of(cell, ground).back else { continue };
        match runs.last_mut() {
            Some((from, cells, colour)) if *from + *cells == x && *colour == back => *cells += wide,
            _ => runs.push((x, wide, back)),
        }
    }
    for (x, cells, colour) in runs {
        rect(out, [x * CELL.0, u32::from(y) * CELL.1, cells * CELL.0, CELL.1].map(f64::from), colour, 1.0);
    }
}

fn rect(out: &mut String, [x, y, width, height]: [f64; 4], colour: [u8; 3], opacity: f64) {
    let opacity = if opacity < 1.0 { format!(" opacity=\"{opacity}\"") } else { String::new() };
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{}\" shape-rendering=\"crispEdges\"{opacity}/>",
        hex(colour)
    );
}

/// Letters of the same look that stand together.
struct Run {
    x: u32,
    cells: u32,
    text: String,
    look: Look,
}

fn line(out: &mut String, seen: &Seen, y: u16, ground: Ground) {
    let mut runs: Vec<Run> = Vec::new();
    // A single space within words belongs to them; more are left out.
    let mut spaces = 0;
    for (x, cell) in cells(seen, y) {
        let (contents, look) = (cell.contents(), Look::of(cell, ground));
        if contents.starts_with(images::PLACEHOLDER) || contents.trim().is_empty() && !look.underline {
            spaces += 1;
            continue;
        }
        let top = u32::from(y) * CELL.1;
        if let Some((part, opacity)) = blocks::part(contents) {
            let part = [
                f64::from(x * CELL.0) + part[0] * f64::from(CELL.0),
                f64::from(top) + part[1] * f64::from(CELL.1),
                part[2] * f64::from(CELL.0),
                part[3] * f64::from(CELL.1),
            ];
            rect(out, part, look.text, opacity);
            spaces = 2;
            continue;
        }
        let wide = if cell.is_wide() { 2 } else { 1 };
        let contents = if contents.is_empty() { " " } else { contents };
        match runs.last_mut() {
            Some(run) if run.look == look && spaces < 2 && run.x + run.cells + spaces == x => {
                run.text.push_str(&" ".repeat(spaces as usize));
                run.text.push_str(contents);
                run.cells += spaces + wide;
            }
            _ => runs.push(Run { x, cells: wide, text: contents.to_owned(), look }),
        }
        spaces = 0;
    }
    for run in runs {
        let classes = [(run.look.bold, "b"), (run.look.italic, "i"), (run.look.underline, "u")];
        let classes: Vec<&str> = classes.into_iter().filter(|(on, _)| *on).map(|(_, class)| class).collect();
        let class = if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"{}\"{class}>{}</text>",
            run.x * CELL.0,
            u32::from(y) * CELL.1 + 15,
            run.cells * CELL.0,
            hex(run.look.text),
            escaped(&run.text)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// As xterm shows colours; `None` for the terminal's own.
fn rgb(color: Color) -> Option<[u8; 3]> {
    const BASIC: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match color {
        Color::Default => None,
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Idx(n @ 0..=15) => Some(BASIC[usize::from(n)]),
        Color::Idx(n @ 16..=231) => Some([(n - 16) / 36, (n - 16) / 6 % 6, (n - 16) % 6].map(level)),
        Color::Idx(n) => Some([8 + 10 * (n - 232); 3]),
    }
}
