//! Prompts: minijinja templates with defaults, checked when the component is made.

use giqa_core::{ComponentError, ErrorKind, Evidence};
use minijinja::{Environment, UndefinedBehavior, context};
use std::collections::BTreeMap;

/// What a template may compute: enough for any prompt, not enough to hang.
const FUEL: u64 = 1_000_000;
/// Words for the quality of a picture, worst first.
pub(crate) const LEVELS: [&str; 5] = ["bad", "poor", "fair", "good", "excellent"];

const DEFAULTS: [(&str, &str); 8] = [
    ("system", include_str!("prompt/system.txt")),
    ("describe", include_str!("prompt/describe.txt")),
    ("answer", include_str!("prompt/answer.txt")),
    ("yes_no", include_str!("prompt/yes_no.txt")),
    ("choose", include_str!("prompt/choose.txt")),
    ("rate", include_str!("prompt/rate.txt")),
    ("complete", include_str!("prompt/complete.txt")),
    ("judge", include_str!("prompt/judge.txt")),
];

/// What a prompt is for; also the name of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Describe,
    Answer,
    /// A question that yes or no answers; the IQA-Filter of the annotation is one.
    YesNo,
    /// A question that gives answers to choose from.
    Choose,
    /// The quality in one word.
    Rate,
    Complete,
    Judge,
}

impl Task {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Task::Describe => "describe",
            Task::Answer => "answer",
            Task::YesNo => "yes_no",
            Task::Choose => "choose",
            Task::Rate => "rate",
            Task::Complete => "complete",
            Task::Judge => "judge",
        }
    }
}

/// What templates know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub question: &'a str,
    /// Boxes that come with the question, in the model's dialect.
    pub boxes: &'a str,
    pub prompt: &'a str,
    pub box_format: &'a str,
    /// Whether the answer is asked for as JSON.
    pub json: bool,
    pub evidence: &'a Evidence,
}

/// The templates of a component.
#[derive(Debug)]
pub(crate) struct Prompts(Environment<'static>);

impl Prompts {
    /// The defaults, with what plugins.toml says instead.
    ///
    /// # Errors
    /// `BadConfig` for a template that can't be read or uses unknown names.
    pub(crate) fn new(written: &BTreeMap<String, String>) -> Result<Self, ComponentError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        if let Some(unknown) = written.keys().find(|k| DEFAULTS.iter().all(|(name, _)| name != k)) {
            let message = format!("there is no prompt '{}'", unknown.escape_debug());
            let names: Vec<_> = DEFAULTS.iter().map(|(name, _)| *name).collect();
            return Err(
                ComponentError::new(ErrorKind::BadConfig, message).hint(format!("there are {}", names.join(", ")))
            );
        }
        for (name, default) in DEFAULTS {
            let text = written.get(name).cloned().unwrap_or_else(|| default.to_owned());
            environment.add_template_owned(name, text).map_err(|e| bad(name, &e))?;
        }
        let prompts = Self(environment);
        let evidence = Evidence::default();
        let words =
            Words { question: "Is it?", boxes: "", prompt: "p", box_format: "b", json: false, evidence: &evidence };
        for task in [Task::Describe, Task::Answer, Task::YesNo, Task::Choose, Task::Rate, Task::Complete, Task::Judge] {
            prompts.render(task, words)?;
            prompts.system(task)?;
        }
        Ok(prompts)
    }

    /// The system message; empty for none.
    ///
    /// # Errors
    /// `BadConfig` when the template fails.
    pub(crate) fn system(&self, task: Task) -> Result<String, ComponentError> {
        let rendered = self.0.get_template("system").and_then(|t| t.render(context! { task => task.name() }));
        rendered.map(|text| text.trim().to_owned()).map_err(|e| bad("system", &e))
    }

    /// The prompt for a task.
    ///
    /// # Errors
    /// `BadConfig` when the template fails.
    pub(crate) fn render(&self, task: Task, words: Words<'_>) -> Result<String, ComponentError> {
        let findings: Vec<_> = words
            .evidence
            .findings
            .iter()
            .map(|f| {
                let region = words.evidence.regions.iter().find(|r| Some(&r.id) == f.region.as_ref());
                let place = region.map_or_else(|| "the whole image".to_owned(), |r| r.name.clone());
                context! { attribute => f.attribute.name(), severity => f.severity, level => f.level.name(), place }
            })
            .collect();
        let regions: Vec<_> = words.evidence.regions.iter().map(|r| r.name.clone()).collect();
        let context = context! {
            question => words.question,
            boxes => words.boxes,
            prompt => words.prompt,
            box_format => words.box_format,
            json => words.json,
            levels => LEVELS,
            findings,
            regions,
        };
        let rendered = self.0.get_template(task.name()).and_then(|t| t.render(context));
        rendered.map(|text| text.trim_end_matches('\n').to_owned()).map_err(|e| bad(task.name(), &e))
    }
}

fn bad(name: &str, error: &minijinja::Error) -> ComponentError {
    let mut message = format!("prompts.{name} can't be used: {error}");
    if let Some(detail) = error.detail().filter(|d| !message.contains(d)) {
        message.push_str(&format!(": {detail}"));
    }
    ComponentError::new(ErrorKind::BadConfig, message)
        .hint("prompts are minijinja templates; see docs/backends.md for what each knows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use giqa_core::{Attribute, Finding, FindingEvidence, Level, NormBox, Region};

    fn with(name: &str, text: &str) -> Result<Prompts, ComponentError> {
        Prompts::new(&BTreeMap::from([(name.to_owned(), text.to_owned())]))
    }

    #[test]
    fn defaults_say_what_is_asked() {
        let mut evidence = Evidence::default();
        let mut sky = Region::new("sky", NormBox::FULL, 1.0);
        sky.id = "r1".into();
        evidence.regions.push(sky);
        evidence.findings.push(Finding {
            attribute: Attribute::Noise,
            severity: 0.5,
            level: Level::Fair,
            region: Some("r1".into()),
            evidence: FindingEvidence { metric: "m".into(), value: 1.0, expected: 0.0 },
        });
        let prompts = Prompts::new(&BTreeMap::new()).unwrap();
        let words = Words {
            question: "Is it?",
            boxes: "[region](<0, 1>)",
            prompt: "Go",
            box_format: "so",
            json: false,
            evidence: &evidence,
        };
        let describe = prompts.render(Task::Describe, words).unwrap();
        assert!(describe.contains("so") && describe.contains("noise") && describe.contains("sky"), "{describe}");
        let yes_no = prompts.render(Task::YesNo, words).unwrap();
        assert!(yes_no.contains("Is it?") && yes_no.contains("(<0, 1>)") && yes_no.contains("yes or no"), "{yes_no}");
        let choose = prompts.render(Task::Choose, words).unwrap();
        assert!(choose.contains("Is it?") && choose.contains("(<0, 1>)") && choose.contains("letter"), "{choose}");
        assert_eq!(prompts.render(Task::Complete, words).unwrap(), "Go");
        assert!(prompts.render(Task::Rate, words).unwrap().contains("excellent"));
        assert!(prompts.render(Task::Judge, words).unwrap().contains("Go"));
        assert_eq!(prompts.system(Task::Complete).unwrap(), "");
        assert!(!prompts.system(Task::Describe).unwrap().is_empty());
    }

    #[test]
    fn bad_templates_are_told_when_the_component_is_made() {
        for (name, text, words) in [
            ("describe", "{% if %}", "prompts.describe"),
            ("answer", "{{ qestion }}", "prompts.answer"),
            (
                "judge",
                "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
                "prompts.judge",
            ),
            ("desribe", "x", "'desribe'"),
        ] {
            let error = with(name, text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::BadConfig);
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(with("system", "").unwrap().system(Task::Describe).unwrap().is_empty());
    }
}
