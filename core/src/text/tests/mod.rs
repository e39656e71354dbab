//! Tests of the parser and the printer.

mod damage;
mod dialects;
mod linear;
mod model;
mod printing;
mod properties;

use super::*;
use crate::{Cells, Decoding, Grid, NormBox};

/// The box of grid cells.
fn cells(l: u16, r: u16) -> NormBox {
    Grid::GIQA.decode(Cells { l, r }, Decoding::Cells).unwrap()
}

fn norm(x1: f64, y1: f64, x2: f64, y2: f64) -> NormBox {
    NormBox::new(x1, y1, x2, y2).unwrap()
}

fn auto(input: &str) -> Parsed {
    with(input, ParseOptions::default())
}

fn with(input: &str, options: ParseOptions) -> Parsed {
    let parsed = parse(input, &options);
    assert!(parsed.text.is_consistent(), "{parsed:?}");
    parsed
}

/// Labels and boxes.
fn spans(parsed: &Parsed) -> Vec<(&str, &[NormBox])> {
    parsed.text.spans.iter().map(|s| (s.label.as_str(), s.boxes.as_slice())).collect()
}

fn problems(parsed: &Parsed) -> Vec<TextProblem> {
    parsed.warnings.iter().map(|w| w.problem).collect()
}
