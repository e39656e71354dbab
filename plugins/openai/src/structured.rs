//! Descriptions as JSON, where a server can be held to a schema: prose, and the regions that it speaks of.

use crate::boxes::{BoxDialect, Frame};
use giqa_core::NormBox;
use giqa_core::text::GroundedText;
use serde::Deserialize;
use serde_json::{Value, json};

/// More regions than anybody describes.
const MAX_REGIONS: usize = 256;

#[derive(Deserialize)]
struct Described {
    description: String,
    #[serde(default)]
    regions: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    label: String,
    #[serde(rename = "box", alias = "bbox", alias = "bbox_2d")]
    numbers: Vec<f64>,
}

/// The schema that the answer must have.
pub(crate) fn schema(dialect: BoxDialect) -> Value {
    let numbers = if dialect == BoxDialect::Giqa { 2 } else { 4 };
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["description", "regions"],
        "properties": {
            "description": { "type": "string" },
            "regions": { "type": "array", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["label", "box"],
                "properties": {
                    "label": { "type": "string" },
                    "box": { "type": "array", "items": { "type": "number" }, "minItems": numbers, "maxItems": numbers }
                }
            } }
        }
    })
}

/// How to write it, in words for the prompt.
pub(crate) fn instructions(dialect: BoxDialect) -> String {
    let corners = if dialect == BoxDialect::Giqa { "[l, r]" } else { "[x1, y1, x2, y2]" };
    format!(
        "as JSON: {{\"description\": \"...\", \"regions\": [{{\"label\": \"...\", \"box\": {corners}}}]}}, where each label is a \
         phrase of the description and each box is in {}.",
        dialect.unit()
    )
}

/// The text of such an answer with its boxes, and what was repaired; `None` when it is no such answer.
pub(crate) fn read(answer: &str, frame: &Frame) -> Option<(GroundedText, Vec<String>)> {
    // Servers without guidance put a fence or a word around it.
    let (start, end) = (answer.find('{')?, answer.rfind('}')?);
    let described: Described = serde_json::from_str(answer.get(start..=end)?).ok()?;
    let regions: Vec<_> = described.regions.into_iter().take(MAX_REGIONS).collect();
    let (boxes, mut warnings) = read_boxes(&regions, frame);
    let mut placed: Vec<(usize, usize, Vec<NormBox>)> = Vec::new();
    let mut unplaced: Vec<(String, Vec<NormBox>)> = Vec::new();
    for (region, boxes) in regions.iter().zip(boxes).filter(|(_, boxes)| !boxes.is_empty()) {
        let label = region.label.trim();
        let same = |(start, end, _): &&mut (usize, usize, Vec<NormBox>)| {
            described.description.get(*start..*end) == Some(label)
        };
        if let Some((_, _, known)) = placed.iter_mut().find(same) {
            known.extend(boxes);
        } else if let Some(start) = find(&described.description, label)
            && placed.iter().all(|(s, e, _)| start + label.len() <= *s || *e <= start)
        {
            placed.push((start, start + label.len(), boxes));
        } else {
            unplaced.push((label.to_owned(), boxes));
        }
    }
    placed.sort_by_key(|(start, ..)| *start);
    let (mut text, mut reach) = (GroundedText::default(), 0);
    for (start, end, boxes) in placed {
        text.push(described.description.get(reach..start)?);
        text.push_span(described.description.get(start..end)?, boxes);
        reach = end;
    }
    text.push(described.description.get(reach..)?);
    for (n, (label, boxes)) in unplaced.into_iter().enumerate() {
        text.push(if n == 0 { " Regions: " } else { ", " });
        text.push_span(&label, boxes);
        warnings.push(format!("the model's boxes: '{}' is not in the description", label.escape_debug()));
    }
    Some((text, warnings))
}

/// The boxes of each region. All are read as one text, since their scale shows in all together.
fn read_boxes(regions: &[Named], frame: &Frame) -> (Vec<Vec<NormBox>>, Vec<String>) {
    let mut text = String::new();
    for (n, region) in regions.iter().enumerate() {
        let numbers: Vec<String> = region.numbers.iter().map(ToString::to_string).collect();
        let cells = numbers.len() == 2 && matches!(frame.dialect, BoxDialect::Giqa | BoxDialect::Auto);
        let (open, close) = if cells { ("(<", ">)") } else { ("[", "]") };
        text.push_str(&format!("[r{n}]{open}{}{close}\n", numbers.join(", ")));
    }
    let (grounded, warnings) = frame.read(&text);
    let boxes = (0..regions.len()).map(|n| {
        let mine = grounded.spans.iter().filter(|s| s.label == format!("r{n}"));
        mine.flat_map(|s| s.boxes.clone()).collect()
    });
    (boxes.collect(), warnings)
}

/// Where a label stands as words of their own. Letters of any case, where that does not change their length.
fn find(text: &str, label: &str) -> Option<usize> {
    if label.is_empty() {
        return None;
    }
    let whole = |at: usize| {
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, behind) = (text.get(..at)?, text.get(at + label.len()..)?);
        (!word(before.chars().next_back()) && !word(behind.chars().next())).then_some(at)
    };
    let ignoring_case = || {
        let starts = text.char_indices().map(|(at, _)| at);
        starts
            .filter(|at| text.get(*at..at + label.len()).is_some_and(|t| t.eq_ignore_ascii_case(label)))
            .find_map(whole)
    };
    text.match_indices(label).find_map(|(at, _)| whole(at)).or_else(ignoring_case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::BoxFrame;
    use proptest::prelude::*;

    fn frame(dialect: BoxDialect) -> Frame {
        Frame { dialect, frame: BoxFrame::Original, sent: (100, 100) }
    }

    #[test]
    fn labels_are_found_in_the_description() {
        let answer = r#"```json
            {"description": "The Sky is noisy, a dog is not.", "regions": [
              {"label": "dog", "box": [0, 500, 500, 1000]}, {"label": "sky", "box": [0, 0, 1000, 500]},
              {"label": "cat", "box": [0, 0, 10, 10]}, {"label": "dog", "box": [500, 500, 1000, 1000]},
              {"label": "sea", "box": [0, 0]}]}```"#;
        let (text, warnings) = read(answer, &frame(BoxDialect::Qwen3)).unwrap();
        assert_eq!(text.text, "The Sky is noisy, a dog is not. Regions: cat");
        let spans: Vec<_> = text.spans.iter().map(|s| (s.label.as_str(), s.boxes.len())).collect();
        assert_eq!(spans, [("Sky", 1), ("dog", 2), ("cat", 1)]);
        assert!(text.is_consistent() && warnings.iter().any(|w| w.contains("'cat'")), "{warnings:?}");
    }

    #[test]
    fn cells_are_boxes_too() {
        let answer = r#"{"description": "The sky.", "regions": [{"label": "sky", "box": [0, 199]}]}"#;
        let (text, warnings) = read(answer, &frame(BoxDialect::Giqa)).unwrap();
        assert_eq!((text.spans.len(), warnings.len()), (1, 0), "{warnings:?}");
    }

    #[test]
    fn prose_is_none() {
        for prose in ["", "The sky.", "{", "}{", "{}", r#"{"description": 3}"#] {
            assert!(read(prose, &frame(BoxDialect::Auto)).is_none(), "{prose}");
        }
    }

    proptest! {
        #[test]
        fn any_regions_make_consistent_text(
            description in "[a-dA-DÄß .\\[\\]<{]{0,40}",
            labels in prop::collection::vec(("[a-dA-DÄß \\[<]{0,6}", prop::collection::vec(any::<f64>(), 0..6)), 0..6),
        ) {
            let regions: Vec<_> = labels.into_iter().map(|(l, b)| json!({ "label": l, "box": b.into_iter().filter(|v| v.is_finite()).collect::<Vec<_>>() })).collect();
            let answer = json!({ "description": description, "regions": regions }).to_string();
            if let Some((text, _)) = read(&answer, &frame(BoxDialect::Auto)) {
                prop_assert!(text.is_consistent());
            }
        }
    }
}
