use super::*;
use crate::testing::report;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Rules, RulesError> {
    Rules::parse(text, Path::new("rules.toml"))
}

fn decide_with(text: &str, camera: &Camera, group: Group) -> Decided {
    let (rules, report) = (parse(text).unwrap(), report());
    let photo =
        Photo { report: &report, camera, group: &group, root: Path::new("/w"), path: Path::new("/w/day 1/a.jpg") };
    rules.decide(&photo, "id")
}

fn alone() -> Group {
    Group { id: "00ff".into(), size: 1, rank: 1 }
}

fn fires(when: &str, camera: &Camera) -> bool {
    let text = format!("[[rules]]\nname = 'r'\nwhen = {when:?}\nverdict = 'reject'\n");
    let decided = decide_with(&text, camera, alone());
    assert_eq!(decided.warnings, Vec::<String>::new(), "{when}");
    decided.verdict.decision == Decision::Reject
}

#[test]
fn conditions() {
    let known = Camera { iso: Some(800.0), model: Some("X100".into()), ..Camera::default() };
    for (when, expected) in [
        ("finding.sharpness.severity > 0.6 and region == 'subject'", true),
        ("finding.sharpness.severity > 0.6 and region == 'whole'", false),
        ("finding.noise.severity > 0.2 and region == 'whole'", true),
        ("finding.noise.severity > 0.2 and region == 'subject'", false),
        ("finding.sharpness.region == 'subject' and finding.motion.severity == 0", true),
        ("finding.sharpness.value < finding.sharpness.expected", true),
        ("quality.score < 50 and quality.level == 'fair'", true),
        ("scores['classic.niqe'] > 4", true),
        ("'subject' in regions and findings|length == 2", true),
        ("camera.iso >= 800 and 'X1' in camera.model", true),
        ("image.folder == 'day 1' and image.extension == 'jpg' and image.width > image.height", true),
        ("group.size == 1 and group.sharpest", true),
        ("not (quality.score > 10)", false),
    ] {
        assert_eq!(fires(when, &known), expected, "{when}");
    }
}

#[test]
fn what_is_unknown_never_makes_a_rule_fire() {
    let unknown = Camera::default();
    for (when, expected) in [
        ("camera.iso > 100", false),
        ("camera.iso < 100", false),
        ("not (camera.iso > 100)", false),
        ("camera.model == 'X100'", false),
        ("camera.iso > 100 or quality.score < 50", true),
        ("camera.exposure > 0 and quality.score < 50", false),
    ] {
        assert_eq!(fires(when, &unknown), expected, "{when}");
    }
}

const FILE: &str = r#"
default = "accept"
[[rules]]
name = "noisy"
when = "finding.noise.severity > 0.2"
verdict = "review"
actions = ["log"]
[[rules]]
name = "soft"
when = "finding.sharpness.severity > 0.6 and region == 'subject'"
verdict = "reject"
actions = ["out", "log"]
stop = true
[[rules]]
name = "never reached"
when = "true"
verdict = "reject"
[actions.out]
move = "rejects/{{ image.folder }}/{{ group.id }}"
[actions.log]
append = "log.csv"
[actions.tell]
command = ["notify", "{{ image.name }} is {{ quality.level }}", "{{ camera.iso }}"]
time_limit = 2
[on]
reject = ["tell"]
"#;

#[test]
fn the_worst_verdict_stands_and_actions_come_once() {
    let decided = decide_with(FILE, &Camera::default(), alone());
    assert_eq!(decided.verdict, Verdict { decision: Decision::Reject, rules: vec!["noisy".into(), "soft".into()] });
    let names: Vec<_> = decided.actions.iter().map(|a| (a.id.as_str(), a.name.as_str())).collect();
    assert_eq!(names, [("id-0", "log"), ("id-1", "out"), ("id-2", "tell")]);
    assert_eq!(decided.actions[1].action, Action::Move { to: "rejects/day 1/00ff".into() });
    let command = ["notify", "a.jpg is fair", "unknown"].map(String::from).to_vec();
    let time_limit = std::time::Duration::from_secs(2);
    assert_eq!(decided.actions[2].action, Action::Command { command, time_limit });
    let rules = parse(FILE).unwrap();
    assert!(rules.wants_groups());
    assert_eq!(rules.outputs(Path::new("/w")), [Path::new("/w/rejects")]);
    assert_eq!(Rules::none().rules.len(), 0);
}

#[test]
fn a_rule_that_fails_is_told_and_the_photo_is_for_review() {
    let decided = decide_with(
        "[[rules]]\nname='r'\nwhen='1 / (quality.score - 47) > 2'\nverdict='accept'",
        &Camera::default(),
        alone(),
    );
    assert_eq!(decided.verdict.decision, Decision::Review);
    assert!(decided.warnings[0].starts_with("rule 'r': "), "{:?}", decided.warnings);
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let told = |text: &str| parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(told(
        r#"default = "accept"
[[rules]]
name = "a"
when = "finding.sharpnes.severity > 0.6"
verdict = "reject"
[[rules]]
name = "a"
when = "quality.score <"
actions = ["mov"]
[[rules]]
name = "idle"
when = "true"
[actions.move]
move = "x/{{ image.nam }}"
[actions.two]
copy = "a"
link = "b"
[actions.none]
[actions.slow]
command = ["a"]
time_limit = -1
[actions.where]
webhook = "ftp://x"
[actions.table]
append = "x.xls"
[on]
reject = ["moov"]
"#
    ), @r#"
    rules.toml:4: rule 'a': there is no 'finding.sharpnes.severity'; did you mean 'finding.sharpness.severity'?
    rules.toml:6: there are two rules 'a'; give one another name
    rules.toml:8: rule 'a': can't be read: unexpected end of input, expected expression
    rules.toml:8: there is no action 'mov'; did you mean 'move'?
    rules.toml:10: rule 'idle' does nothing; give it a verdict or actions
    rules.toml:13: action 'move': "x/{{ image.nam }}": there is no 'image.nam'; did you mean 'image.name'?
    rules.toml:15: action 'two': expected exactly one of move, copy, link, xmp, json, append, command, webhook, and not empty
    rules.toml:18: action 'none': expected exactly one of move, copy, link, xmp, json, append, command, webhook, and not empty
    rules.toml:19: action 'slow': time_limit = -1; expected seconds, over 0 and at most 3600
    rules.toml:22: action 'where': webhook = "ftp://x"; expected an address that begins with http:// or https://
    rules.toml:24: action 'table': append = "x.xls"; expected a file named *.csv or *.jsonl
    rules.toml:26: there is no action 'moov'; did you mean 'move'?
    "#);
    for (text, expected) in [
        ("[[rules]]\nname = 'a'\nwhen = 'true'\nverdict = 'maybe'", "rules.toml:4: "),
        ("[[rule]]", "rules.toml:1: "),
        ("x = [", "rules.toml:1: "),
        ("[actions.a]\nmove = 'b'\nshell = 'rm'", "rules.toml:3: "),
    ] {
        assert!(told(text).starts_with(expected), "{}", told(text));
    }
    let missing = Rules::load(Path::new("/nowhere/rules.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/rules.toml: can't be read: "), "{missing}");
}

#[test]
fn the_example_can_be_read() {
    let rules = parse(include_str!("../../../../examples/watch/rules.toml")).unwrap();
    assert!(rules.wants_groups());
    assert_eq!(rules.outputs(Path::new("/w")), [Path::new("/w/rejects")]);
}

#[test]
fn conditions_that_are_too_deep_are_refused_before_they_are_read() {
    for when in [format!("{}1{}", "(".repeat(400), ")".repeat(400)), "not ".repeat(240) + "1", "-".repeat(900) + "1"] {
        let error = parse(&format!("[[rules]]\nname='r'\nwhen={when:?}\nverdict='reject'\n")).unwrap_err().to_string();
        assert!(error.contains("nested brackets"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_odd(when in "[ -~]{0,60}", to in "[ -~{}%]{0,40}", other in ".{0,200}") {
        let _ = parse(&other);
        let text = format!("[[rules]]\nname='r'\nwhen={when:?}\nverdict='reject'\nactions=['a']\n[actions.a]\nmove={to:?}\n");
        if let Ok(rules) = parse(&text) {
            let (report, camera, group) = (report(), Camera::default(), alone());
            let photo = Photo { report: &report, camera: &camera, group: &group, root: Path::new("/w"), path: Path::new("/w/a.jpg") };
            let _ = rules.decide(&photo, "id");
            let _ = rules.outputs(Path::new("/w"));
        }
    }
}
