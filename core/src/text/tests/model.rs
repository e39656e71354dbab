//! Grounded text that comes over the plugin border.

use super::*;

fn from_json(json: &str) -> GroundedText {
    serde_json::from_str(json).unwrap()
}

#[test]
fn what_is_read_is_checked_for_consistency() {
    let good = r#"{"text":"é sky","spans":[{"start":3,"end":6,"label":"sky","boxes":[[0,0,1,0.35]]}]}"#;
    assert!(from_json(good).is_consistent());
    assert_eq!(from_json(&serde_json::to_string(&from_json(good)).unwrap()), from_json(good));
    for (from, to) in [
        ("\"end\":6", "\"end\":7"),
        ("\"start\":3", "\"start\":1"),
        ("\"start\":3", "\"start\":9"),
        ("\"label\":\"sky\"", "\"label\":\"sea\""),
        ("[[0,0,1,0.35]]", "[]"),
    ] {
        let bad = from_json(&good.replace(from, to));
        assert!(!bad.is_consistent(), "{to}");
        // Printing it all the same loses the span, not the text.
        let _ = print(&bad, Grid::GIQA);
    }
    let twice = r#"{"start":3,"end":6,"label":"sky","boxes":[[0,0,1,1]]}"#;
    let overlapping = from_json(&format!(r#"{{"text":"é sky","spans":[{twice},{twice}]}}"#));
    assert!(!overlapping.is_consistent());
    let swapped = good.replace("[0,0,1,0.35]", "[1,0,0,0.35]");
    assert!(serde_json::from_str::<GroundedText>(&swapped).is_err());
}
