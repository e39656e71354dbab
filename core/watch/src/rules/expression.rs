//! Expressions: checked names, and what holds whatever the unknown may be.

use super::context::names;
use minijinja::{Environment, Error, UndefinedBehavior, Value};

/// Work that one expression may do; a loop over all findings of a photo needs a few hundred.
const FUEL: u64 = 50_000;

/// What stands for what is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// Nothing: for templates.
    Known,
    /// Less than anything.
    Least,
    /// More than anything.
    Most,
}

impl Truth {
    pub(super) fn number(self, value: Option<f64>) -> Value {
        Value::from(match (value, self) {
            (Some(value), _) => value,
            (None, Self::Least) => f64::NEG_INFINITY,
            (None, Self::Most) => f64::INFINITY,
            (None, Self::Known) => return Value::from("unknown"),
        })
    }

    pub(super) fn text(self, value: Option<&str>) -> Value {
        Value::from(match (value, self) {
            (Some(value), _) => value,
            (None, Self::Least) => "",
            (None, Self::Most) => "\u{10ffff}",
            (None, Self::Known) => "unknown",
        })
    }
}

pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// Whether a condition holds for both extremes of what is unknown, and so for anything in between.
pub(super) fn holds(
    environment: &Environment<'_>,
    condition: &str,
    context: impl Fn(Truth) -> Value,
) -> Result<bool, String> {
    let expression = environment.compile_expression(condition).map_err(|e| told(&e))?;
    for truth in [Truth::Least, Truth::Most] {
        if !expression.eval(context(truth)).map_err(|e| told(&e))?.is_true() {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn render(environment: &Environment<'_>, template: &str, values: &Value) -> Result<String, String> {
    environment.render_str(template, values).map_err(|e| told(&e))
}

/// Longest text, and deepest brackets in it: what minijinja is given it takes apart on the stack.
const LONGEST: usize = 1000;
const MOST_WORDS: usize = 200;
const DEEPEST: usize = 12;

/// Whether a text is of a size that can be read safely.
fn is_small(text: &str) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let words = text.split(|c: char| c.is_whitespace() || c == '-' || c == '!').count();
    text.len() <= LONGEST && deepest <= DEEPEST && words <= MOST_WORDS
}

/// Whether a condition or template (`{{ .. }}` in it) can be read, and asks for nothing that there isn't.
pub(super) fn check(environment: &Environment<'_>, text: &str, template: bool) -> Vec<String> {
    if !is_small(text) {
        return vec![format!(
            "expected at most {LONGEST} bytes, {MOST_WORDS} words and {DEEPEST} nested brackets; make two rules of it"
        )];
    }
    let used = if template {
        environment.template_from_str(text).map(|t| t.undeclared_variables(true))
    } else {
        environment.compile_expression(text).map(|e| e.undeclared_variables(true))
    };
    let used = match used {
        Ok(used) => used,
        Err(error) => return vec![format!("can't be read: {}", told(&error))],
    };
    let known = names();
    let mut unknown: Vec<&String> = used.iter().filter(|name| !is_known(&known, name)).collect();
    unknown.sort();
    unknown.into_iter().map(|name| format!("there is no '{name}'; {}", nearest(&known, name))).collect()
}

fn is_known(known: &std::collections::BTreeSet<String>, name: &str) -> bool {
    // Part of a name (`camera`) is a set of values, and what a name is made of goes on after it (`findings.0`).
    let part = format!("{name}.");
    known.contains(name)
        || known.iter().any(|k| k.starts_with(&part))
        || ["scores.", "findings.", "regions."].iter().any(|list| name.starts_with(list))
        || name == "loop"
}

pub(super) fn nearest<'a>(known: impl IntoIterator<Item = &'a String>, name: &str) -> String {
    let mut all: Vec<(f64, &String)> = known.into_iter().map(|k| (strsim::jaro_winkler(k, name), k)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    match all.first() {
        Some((like, best)) if *like > 0.7 => format!("did you mean '{best}'?"),
        Some((_, some)) => format!("there is for instance '{some}'"),
        None => "there is none".to_owned(),
    }
}

fn told(error: &Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    detail.replace('\n', " ")
}
