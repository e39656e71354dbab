//! Each dialect, there and back.

use super::*;
use BoxDialect::{Auto, Giqa, Pixels, Qwen3, Qwen25, Shikra};
use proptest::prelude::*;

fn frame(dialect: BoxDialect) -> Frame {
    Frame { dialect, frame: BoxFrame::Original, sent: (640, 320) }
}

fn only_box(frame: Frame, text: &str) -> [f64; 4] {
    let (grounded, _) = frame.read(text);
    assert_eq!(grounded.spans.len(), 1, "{text}: {grounded:?}");
    assert_eq!(grounded.spans[0].label, "sky", "{text}");
    grounded.spans[0].boxes[0].into()
}

fn near(a: [f64; 4], b: [f64; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
}

#[test]
fn each_dialect_becomes_shares_of_the_picture() {
    let upper = [0.0, 0.0, 1.0, 0.5];
    for (dialect, text) in [
        (Giqa, "The [sky](<0, 199>) is noisy."),
        (Qwen3, r#"[{"bbox_2d": [0, 0, 1000, 500], "label": "sky"}]"#),
        (Qwen3, "The [sky][0,0,1000,500] is noisy."),
        (Qwen25, r#"```json\n[{"bbox_2d": [0, 0, 640, 160], "label": "sky"}]\n```"#),
        (Shikra, "The [sky][0.000,0.000,1.000,0.500] is noisy."),
        (Pixels, "The [sky][0,0,640,160] is noisy."),
        (Auto, "The [sky](<0, 199>) is noisy."),
        (Auto, "The [sky][0,0,1000,500] is noisy."),
        (Auto, "The [sky][0.0,0.0,1.0,0.5] is noisy."),
        (Auto, "<ref>sky</ref><box>(0,0),(1000,500)</box> is noisy."),
    ] {
        let found = only_box(frame(dialect), text);
        // Cells come back as whole cells or as their centres, by the parser's choice.
        let good = near(found, upper) || near(found, [0.025, 0.025, 0.975, 0.475]);
        assert!(good, "{dialect:?} {text}: {found:?}");
    }
}

#[test]
fn boxes_of_the_padded_square_come_back_to_the_picture() {
    let padded = Frame { frame: BoxFrame::Padded, ..frame(Shikra) };
    // 640 x 320 in 640 x 640: the picture is the middle half.
    assert!(near(only_box(padded, "[sky][0.0,0.25,1.0,0.5]"), [0.0, 0.0, 1.0, 0.5]));
    assert!(near(only_box(padded, "[sky][0.0,0.0,1.0,0.5]"), [0.0, 0.0, 1.0, 0.5]));
    let (none, _) = padded.read("[sky][0.0,0.0,1.0,0.1]");
    assert!(none.spans.is_empty());
    assert_eq!(none.text, "sky");
    assert_eq!(padded.write("Is the [sky](<0, 199>) clear?"), "Is the [sky][0.000,0.250,1.000,0.500] clear?");
}

#[test]
fn questions_are_written_in_the_models_dialect() {
    let question = "Is the [sky](<0, 199>) clear?";
    for (dialect, expected) in [
        (Giqa, question),
        (Qwen3, "Is the [sky][0,0,1000,500] clear?"),
        (Qwen25, "Is the [sky][0,0,640,160] clear?"),
        (Shikra, "Is the [sky][0.000,0.000,1.000,0.500] clear?"),
    ] {
        assert_eq!(frame(dialect).write(question), expected);
    }
    assert_eq!(frame(Qwen3).write("Is [it] clear?"), "Is [it] clear?");
    let boxes = [NormBox::FULL, NormBox::new(0.0, 0.0, 0.5, 0.5).unwrap()];
    assert_eq!(frame(Pixels).write_boxes(&boxes), "[region][0,0,640,320], [region][0,0,320,160]");
    assert_eq!(frame(Pixels).write_boxes(&[]), "");
}

#[test]
fn boxes_out_of_range_are_told() {
    let (text, warnings) =
        frame(Qwen3).read("The [sky][0,0,9000,500] and the [sea](<0, 999>) and [dog][0,0,1000,500].");
    assert_eq!(text.spans.len(), 1, "{text:?}");
    assert!(warnings.len() >= 2 && warnings[0].contains("dropped"), "{warnings:?}");
}

#[test]
fn models_are_known_by_name() {
    for (model, dialect) in [
        ("Qwen/Qwen2.5-VL-7B-Instruct", Qwen25),
        ("qwen2.5vl:7b", Qwen25),
        ("Qwen/Qwen3-VL-8B-Instruct", Qwen3),
        ("llava-hf/llava-1.5-7b-hf", Shikra),
        ("my/grounding-iqa-7b", Giqa),
        ("gpt-x", Auto),
    ] {
        assert_eq!(Auto.of_model(model), dialect, "{model}");
    }
    assert_eq!(Giqa.of_model("Qwen/Qwen3-VL-8B-Instruct"), Giqa);
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let dialect = prop::sample::select(vec![Auto, Giqa, Qwen3, Qwen25, Shikra, Pixels]);
    let kind = prop::sample::select(vec![BoxFrame::Original, BoxFrame::Padded]);
    (dialect, kind, 1u32..5000, 1u32..5000).prop_map(|(dialect, frame, w, h)| Frame { dialect, frame, sent: (w, h) })
}

proptest! {
    #[test]
    fn whatever_a_model_writes_boxes_stay_in_the_picture(frame in any_frame(), text in r#"[\[\]a-z0-9<>(),.:{}"_ -]{0,120}"#) {
        let (grounded, _) = frame.read(&text);
        prop_assert!(grounded.is_consistent());
        for b in grounded.spans.iter().flat_map(|s| &s.boxes) {
            prop_assert!(<[f64; 4]>::from(*b).iter().all(|v| (0.0..=1.0).contains(v)));
        }
    }

    #[test]
    fn numbers_of_any_size_do_no_harm(frame in any_frame(), numbers in prop::array::uniform4(any::<f64>())) {
        let [a, b, c, d] = numbers;
        for text in [format!("[sky][{a},{b},{c},{d}]"), format!(r#"[{{"bbox_2d":[{a},{b},{c},{d}],"label":"sky"}}]"#)] {
            let (grounded, _) = frame.read(&text);
            for b in grounded.spans.iter().flat_map(|s| &s.boxes) {
                prop_assert!(<[f64; 4]>::from(*b).iter().all(|v| (0.0..=1.0).contains(v)));
            }
        }
    }

    #[test]
    fn what_we_write_we_read(frame in any_frame(), c in prop::array::uniform4(0.0f64..=1.0)) {
        let b = NormBox::clamped(c[0].min(c[2]), c[1].min(c[3]), c[0].max(c[2]), c[1].max(c[3])).unwrap();
        let (grounded, _) = frame.read(&frame.write_boxes(&[b]));
        for (a, b) in grounded.spans.iter().flat_map(|s| &s.boxes).flat_map(|b| <[f64; 4]>::from(*b)).zip(<[f64; 4]>::from(b)) {
            // A cell is a twentieth, and a side of few pixels (padded or not) is coarser.
            let step = 0.051f64.max(1.0 / f64::from(frame.sent.0.min(frame.sent.1)));
            let stretch = f64::from(frame.sent.0.max(frame.sent.1)) / f64::from(frame.sent.0.min(frame.sent.1));
            prop_assert!((a - b).abs() <= step * stretch, "{a} {b}");
        }
    }
}
