//! What is asked of a model, in its own words.

use super::frame::Frame;
use giqa_sdk::core::text::{Dialect, ParseOptions, parse, print};
use giqa_sdk::core::{Grid, NormBox, OptionProbability};

/// Words for the quality of a picture, worst first.
pub(super) const LEVELS: [&str; 5] = ["bad", "poor", "fair", "good", "excellent"];
/// How a picture is rated: the question, and the beginning of an answer that one of [`LEVELS`] ends.
pub(super) const RATE: [&str; 2] = ["How would you rate the quality of this image?", " The quality of the image is "];

/// A question with its boxes as cells of the grid, in the frame that the model knows.
pub(super) fn question(question: &str, boxes: &[NormBox], frame: Option<Frame>) -> String {
    let grid = Grid::default();
    let place = |b: &NormBox| frame.map_or(*b, |f| f.to_square(b));
    let mut text = parse(question, &ParseOptions { dialect: Dialect::Giqa, ..ParseOptions::default() }).text;
    for span in &mut text.spans {
        span.boxes = span.boxes.iter().map(place).collect();
    }
    if boxes.is_empty() {
        return print(&text, grid);
    }
    let mut whole = giqa_sdk::core::text::GroundedText::default();
    whole.push("About the ");
    whole.push_span("region", boxes.iter().map(place).collect());
    format!("{}: {}", print(&whole, grid), print(&text, grid))
}

/// Probabilities among the options, of natural logarithms.
pub(super) fn odds(options: &[impl AsRef<str>], logs: &[f64]) -> Vec<OptionProbability> {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|l| (l - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let one = |(option, w): (_, f64)| OptionProbability { option: str::to_owned(option), probability: w / sum };
    options.iter().map(AsRef::as_ref).zip(weights).map(one).collect()
}

/// Quality `0..=100`: the expected level, the worst being 0 (Q-Align, arXiv 2312.17090).
pub(super) fn score(levels: &[OptionProbability]) -> f64 {
    let step = 100.0 / (levels.len().max(2) - 1) as f64;
    levels.iter().enumerate().map(|(i, l)| i as f64 * step * l.probability).sum::<f64>().clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_carry_their_boxes() {
        let b = NormBox::new(0.0, 0.0, 1.0, 0.5).unwrap();
        assert_eq!(question("Is it sharp?", &[], None), "Is it sharp?");
        assert_eq!(question("Is it sharp?", &[b], None), "About the [region](<0, 199>): Is it sharp?");
        let frame = Some(Frame::new(200, 100));
        assert_eq!(question("Is it sharp?", &[b], frame), "About the [region](<100, 199>): Is it sharp?");
        assert_eq!(question("Is the [sky](<0, 199>) clear?", &[], frame), "Is the [sky](<100, 199>) clear?");
    }

    #[test]
    fn the_score_is_the_expected_level() {
        let even = odds(&LEVELS, &[-2.0; 5]);
        assert!((score(&even) - 50.0).abs() < 1e-9);
        assert!((score(&odds(&LEVELS, &[-900.0, -900.0, -900.0, -900.0, -1.0])) - 100.0).abs() < 1e-9);
    }
}
