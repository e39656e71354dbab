//! Boxes as models write them, and as they are written for models: to and from normalised boxes of the picture itself.

use giqa_core::text::{Dialect, GroundedText, ParseOptions, parse, print_as};
use giqa_core::{Grid, NormBox};
use serde::Deserialize;

/// How a model writes boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BoxDialect {
    /// By the model's name where that tells; else whatever notation the text is in.
    #[default]
    Auto,
    /// `[label](<l, r>)`, cells of the 20 x 20 grid (Grounding-IQA).
    Giqa,
    /// `{"bbox_2d": [x1, y1, x2, y2], "label": "..."}` in thousandths (Qwen2-VL, Qwen3-VL).
    Qwen3,
    /// The same in pixels of the picture that the model saw (Qwen2.5-VL).
    #[serde(rename = "qwen2_5")]
    Qwen25,
    /// `[label][x1,y1,x2,y2]` in `0..1` (Shikra, LLaVA-1.5).
    Shikra,
    /// `[label][x1,y1,x2,y2]` in pixels of the picture that was sent.
    Pixels,
}

impl BoxDialect {
    /// The dialect of a model that is known by its name; `self` when it was chosen by hand.
    pub(crate) fn of_model(self, model: &str) -> Self {
        let name = model.to_lowercase().replace(['-', '_', '.', ':', ' '], "");
        let known: [(&[&str], Self); 4] = [
            (&["qwen25vl"], Self::Qwen25),
            (&["qwen3vl", "qwen2vl", "qwen35", "qwen36"], Self::Qwen3),
            (&["giqa", "groundingiqa"], Self::Giqa),
            (&["shikra", "llava15", "llavav15"], Self::Shikra),
        ];
        let hit = known.into_iter().find(|(names, _)| names.iter().any(|n| name.contains(n)));
        if self == Self::Auto { hit.map_or(self, |(_, dialect)| dialect) } else { self }
    }

    /// As the parser and the printer of grounded text call it.
    fn of_text(self) -> Dialect {
        match self {
            Self::Auto => Dialect::Auto,
            Self::Giqa => Dialect::Giqa,
            Self::Qwen3 => Dialect::QwenJson,
            Self::Qwen25 | Self::Pixels => Dialect::Pixels,
            Self::Shikra => Dialect::Unit,
        }
    }

    /// How to write boxes, told to the model.
    pub(crate) fn instructions(self) -> &'static str {
        match self {
            Self::Auto | Self::Qwen3 => {
                "directly behind its name as [name][x1,y1,x2,y2], with coordinates from 0 to 1000 relative to the image's \
                 width and height, for example: The [sky][0,0,1000,380] is noisy."
            }
            Self::Giqa => {
                "in brackets with its box behind it as [name](<l, r>), where l and r are the cells of the box's top-left and \
                 bottom-right corners on a 20 x 20 grid, numbered row by row from 0 to 399, for example: The \
                 [sky](<0, 139>) is noisy."
            }
            Self::Qwen25 | Self::Pixels => {
                "directly behind its name as [name][x1,y1,x2,y2] in pixels of the image, for example: The [sky][0,0,640,180] is \
                 noisy."
            }
            Self::Shikra => {
                "directly behind its name as [name][x1,y1,x2,y2], with coordinates from 0 to 1 relative to the image's width and \
                 height, for example: The [sky][0.000,0.000,1.000,0.380] is noisy."
            }
        }
    }

    /// What a number of a box means, in one phrase, for JSON.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Auto | Self::Qwen3 => "thousandths of the image's width and height, 0 to 1000",
            Self::Giqa => "cells of a 20 x 20 grid",
            Self::Qwen25 | Self::Pixels => "pixels of the image",
            Self::Shikra => "shares of the image's width and height, 0 to 1",
        }
    }
}

/// What a model's boxes refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BoxFrame {
    /// The picture.
    #[default]
    Original,
    /// The square that the picture was padded to, in its middle (LLaVA-1.5).
    Padded,
}

/// How to translate the boxes of one picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub dialect: BoxDialect,
    pub frame: BoxFrame,
    /// Width and height in pixels of what was sent; at least 1.
    pub sent: (u32, u32),
}

impl Frame {
    /// A model's text with its boxes on the picture, and what was repaired.
    pub(crate) fn read(&self, text: &str) -> (GroundedText, Vec<String>) {
        let parsed = parse(text, &self.options());
        let mut warnings: Vec<String> = parsed.warnings.iter().map(|w| format!("the model's boxes: {w}")).collect();
        let mut grounded = parsed.text;
        for span in &mut grounded.spans {
            span.boxes = span.boxes.iter().filter_map(|b| self.on_picture(*b)).collect();
        }
        let found = grounded.spans.len();
        grounded.spans.retain(|span| !span.boxes.is_empty());
        if grounded.spans.len() < found {
            warnings.push("the model's boxes: some lay in the padding beside the picture (dropped)".to_owned());
        }
        (grounded, warnings)
    }

    /// giqa's text (a question with spans, in cells) as this model reads boxes.
    pub(crate) fn write(&self, text: &str) -> String {
        let giqa = ParseOptions { dialect: Dialect::Giqa, ..ParseOptions::default() };
        let mut grounded = parse(text, &giqa).text;
        if grounded.spans.is_empty() {
            return text.to_owned();
        }
        for b in grounded.spans.iter_mut().flat_map(|s| &mut s.boxes) {
            *b = self.as_seen(*b);
        }
        self.print(&grounded)
    }

    /// Boxes without words, as this model reads them: `[region][...]`, one after the other.
    pub(crate) fn write_boxes(&self, boxes: &[NormBox]) -> String {
        let mut text = GroundedText::default();
        for (n, b) in boxes.iter().enumerate() {
            if n > 0 {
                text.push(", ");
            }
            text.push_span("region", vec![self.as_seen(*b)]);
        }
        if boxes.is_empty() { String::new() } else { self.print(&text) }
    }

    fn print(&self, text: &GroundedText) -> String {
        // Qwen's JSON has no place for words, and asked in words these models read thousandths in brackets as well.
        let dialect = match self.dialect {
            BoxDialect::Auto | BoxDialect::Qwen3 => Dialect::Thousandths,
            other => other.of_text(),
        };
        let printed = print_as(text, dialect, Some(self.seen()));
        printed.unwrap_or_else(|| giqa_core::text::print(text, Grid::GIQA))
    }

    fn options(&self) -> ParseOptions {
        ParseOptions { dialect: self.dialect.of_text(), image_size: Some(self.seen()), ..ParseOptions::default() }
    }

    /// Width and height of what the model's numbers refer to.
    fn seen(&self) -> (u32, u32) {
        let (width, height) = self.sent;
        match self.frame {
            BoxFrame::Original => (width, height),
            BoxFrame::Padded => (width.max(height), width.max(height)),
        }
    }

    /// Share of the square's sides that the picture takes.
    fn share(&self) -> (f64, f64) {
        let (seen, sent) = (self.seen(), self.sent);
        (f64::from(sent.0) / f64::from(seen.0.max(1)), f64::from(sent.1) / f64::from(seen.1.max(1)))
    }

    /// `None` for a box outside of the picture.
    fn on_picture(&self, b: NormBox) -> Option<NormBox> {
        if self.frame == BoxFrame::Original {
            return Some(b);
        }
        let (sx, sy) = self.share();
        let out = |v: f64, share: f64| (v - (1.0 - share) / 2.0) / share;
        let [x1, y1, x2, y2] = [out(b.x1(), sx), out(b.y1(), sy), out(b.x2(), sx), out(b.y2(), sy)];
        let outside = x2 < 0.0 || y2 < 0.0 || x1 > 1.0 || y1 > 1.0;
        if outside { None } else { NormBox::clamped(x1, y1, x2, y2) }
    }

    fn as_seen(&self, b: NormBox) -> NormBox {
        let (sx, sy) = self.share();
        let into = |v: f64, share: f64| v * share + (1.0 - share) / 2.0;
        NormBox::clamped(into(b.x1(), sx), into(b.y1(), sy), into(b.x2(), sx), into(b.y2(), sy)).unwrap_or(b)
    }
}

#[cfg(test)]
mod tests;
