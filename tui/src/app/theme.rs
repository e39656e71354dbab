//! Colours by what they mean. No meaning rests on colour alone: words and symbols say the same.

use giqa_core::{Decision, Level};
use giqa_engine::marks::severity_word;
use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};

/// Which theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Black, white, and few bright colours.
    HighContrast,
    /// No colours: bold, reversed, underlined.
    Mono,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|t| *t == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// Styles by what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// Less important.
    pub dim: Style,
    /// Titles, keys.
    pub accent: Style,
    /// Lines around things.
    pub border: Style,
    /// The line under the cursor.
    pub cursor: Style,
    /// The tab that is open.
    pub tab: Style,
    /// Good.
    pub good: Style,
    /// In between.
    pub fair: Style,
    /// Bad.
    pub bad: Style,
    /// Something went wrong.
    pub error: Style,
    /// Numbered places by how bad they are: severe, moderate, mild or fine; as their boxes on the picture.
    pub marks: [Style; 3],
}

/// Okabe and Ito's palette, which colour-blind people tell apart.
const ORANGE: Color = Color::Rgb(230, 159, 0);
const SKY: Color = Color::Rgb(86, 180, 233);
const YELLOW: Color = Color::Rgb(240, 228, 66);
const BLUE: Color = Color::Rgb(0, 114, 178);
const VERMILION: Color = Color::Rgb(213, 94, 0);

impl Theme {
    /// The theme of a name.
    #[must_use]
    pub fn of(name: ThemeName) -> Self {
        let fg = |c: Color| Style::new().fg(c);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match name {
            ThemeName::Dark => Self {
                text: Style::new(),
                dim: fg(Color::Rgb(140, 140, 140)),
                accent: fg(SKY).add_modifier(Modifier::BOLD),
                border: fg(Color::Rgb(90, 90, 90)),
                cursor: Style::new().bg(Color::Rgb(38, 56, 74)).add_modifier(Modifier::BOLD),
                tab: Style::new().fg(Color::Black).bg(SKY).add_modifier(Modifier::BOLD),
                good: fg(SKY),
                fair: fg(YELLOW),
                bad: fg(ORANGE),
                error: fg(VERMILION).add_modifier(Modifier::BOLD),
                marks: [VERMILION, ORANGE, SKY].map(fg),
            },
            ThemeName::Light => Self {
                text: fg(Color::Black),
                dim: fg(Color::Rgb(95, 95, 95)),
                accent: fg(BLUE).add_modifier(Modifier::BOLD),
                border: fg(Color::Rgb(150, 150, 150)),
                cursor: Style::new().fg(Color::Black).bg(Color::Rgb(200, 222, 240)).add_modifier(Modifier::BOLD),
                tab: Style::new().fg(Color::White).bg(BLUE).add_modifier(Modifier::BOLD),
                good: fg(BLUE),
                fair: fg(Color::Rgb(120, 90, 0)),
                bad: fg(Color::Rgb(170, 70, 0)),
                error: fg(Color::Rgb(160, 30, 0)).add_modifier(Modifier::BOLD),
                marks: [Color::Rgb(170, 70, 0), Color::Rgb(120, 90, 0), BLUE].map(fg),
            },
            ThemeName::HighContrast => Self {
                text: fg(Color::White).bg(Color::Black),
                dim: fg(Color::White).bg(Color::Black),
                accent: fg(Color::LightCyan).bg(Color::Black).add_modifier(Modifier::BOLD),
                border: fg(Color::White).bg(Color::Black),
                cursor: Style::new().fg(Color::Black).bg(Color::White).add_modifier(Modifier::BOLD),
                tab: Style::new().fg(Color::Black).bg(Color::LightYellow).add_modifier(Modifier::BOLD),
                good: fg(Color::LightCyan).bg(Color::Black),
                fair: fg(Color::LightYellow).bg(Color::Black),
                bad: fg(Color::LightYellow).bg(Color::Black).add_modifier(Modifier::BOLD),
                error: fg(Color::Black).bg(Color::LightYellow).add_modifier(Modifier::BOLD),
                marks: [Color::LightYellow, Color::White, Color::LightCyan]
                    .map(|c| fg(c).bg(Color::Black).add_modifier(Modifier::UNDERLINED)),
            },
            ThemeName::Mono => Self {
                text: Style::new(),
                dim: Style::new(),
                accent: bold,
                border: Style::new(),
                cursor: Style::new().add_modifier(Modifier::REVERSED),
                tab: Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
                good: Style::new(),
                fair: Style::new(),
                bad: bold,
                // Reversed is the cursor's alone in a list.
                error: Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
                marks: [Style::new().add_modifier(Modifier::UNDERLINED); 3],
            },
        }
    }

    /// Of a numbered place, by its severity.
    #[must_use]
    pub fn mark(&self, severity: f64) -> Style {
        match severity_word(severity) {
            "severe" => self.marks[0],
            "moderate" => self.marks[1],
            _ => self.marks[2],
        }
    }

    /// Of a level.
    #[must_use]
    pub fn level(&self, level: Level) -> Style {
        match level {
            Level::Bad | Level::Poor => self.bad,
            Level::Fair => self.fair,
            Level::Good | Level::Excellent => self.good,
        }
    }

    /// Of a severity, `0..=1`.
    #[must_use]
    pub fn severity(&self, severity: f64) -> Style {
        match severity {
            s if s >= 0.5 => self.bad,
            s if s >= 0.25 => self.fair,
            _ => self.dim,
        }
    }

    /// Of a verdict.
    #[must_use]
    pub fn verdict(&self, decision: Decision) -> Style {
        match decision {
            Decision::Accept => self.good,
            Decision::Review => self.fair,
            Decision::Reject => self.bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Brightness as eyes see it, after WCAG 2.
    fn luminance(color: Color) -> f64 {
        let (r, g, b) = match color {
            Color::Rgb(r, g, b) => (r, g, b),
            Color::Black => (0, 0, 0),
            Color::White => (255, 255, 255),
            Color::LightCyan => (85, 255, 255),
            Color::LightYellow => (255, 255, 85),
            Color::LightMagenta => (255, 85, 255),
            other => panic!("how bright is {other}?"),
        };
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn words(theme: &Theme) -> Vec<Style> {
        let all = [theme.text, theme.dim, theme.accent, theme.tab, theme.good, theme.fair, theme.bad, theme.error];
        all.into_iter().chain(theme.marks.iter().copied()).collect()
    }

    #[test]
    fn words_can_be_read_on_their_ground() {
        for (name, ground) in
            [(ThemeName::Dark, Color::Black), (ThemeName::Light, Color::White), (ThemeName::HighContrast, Color::Black)]
        {
            let least = if name == ThemeName::HighContrast { 7.0 } else { 4.5 };
            for style in words(&Theme::of(name)) {
                let Some(fg) = style.fg else { continue };
                let (a, b) = (luminance(fg), luminance(style.bg.unwrap_or(ground)));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= least, "{}: {style:?} has {contrast:.1}", name.name());
            }
        }
    }

    #[test]
    fn what_is_chosen_stands_out_in_every_theme() {
        for name in ThemeName::ALL {
            let theme = Theme::of(name);
            for style in words(&theme).into_iter().filter(|s| *s != theme.tab) {
                assert_ne!(style.patch(theme.cursor), style, "{}: the cursor on {style:?}", name.name());
            }
            assert!(theme.tab != theme.text && theme.error != theme.text && theme.bad != theme.good);
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        let theme = Theme::of(ThemeName::Mono);
        let all = words(&theme).into_iter().chain([theme.cursor, theme.border]);
        assert!(all.into_iter().all(|s| s.fg.is_none() && s.bg.is_none()));
    }

    #[test]
    fn themes_follow_each_other() {
        let mut seen = vec![ThemeName::default()];
        while let Some(next) = seen.last().map(|t| t.next()).filter(|t| !seen.contains(t)) {
            seen.push(next);
        }
        assert_eq!(seen, ThemeName::ALL);
    }

    #[test]
    fn words_have_the_colour_of_their_boxes() {
        let theme = Theme::of(ThemeName::Dark);
        for severity in [0.0, 0.3, 0.5, 0.7, 0.75, 1.0] {
            let [r, g, b] = giqa_engine::overlay::colour(severity);
            assert_eq!(theme.mark(severity).fg, Some(Color::Rgb(r, g, b)));
        }
    }
}
