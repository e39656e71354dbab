//! From the file to rules, with every mistake at once.

use super::error::{Mistake, RulesError};
use super::expression::{check, environment, nearest};
use super::raw::{RawAction, RawRules};
use super::{Known, Rule, Rules};
use crate::actions::Action;
use giqa_core::Decision;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// Seconds that a command or an answer may take when nothing else is said.
const TIME_LIMIT: f64 = 30.0;
const MOST_TIME: f64 = 3600.0;
const RETRIES: u32 = 3;
const MOST_RETRIES: u32 = 20;

pub(super) fn checked(text: &str, path: &Path) -> Result<Rules, RulesError> {
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let failed = |mut mistakes: Vec<Mistake>| {
        mistakes.sort_by_key(|m| m.line);
        RulesError::Mistakes { path: path.to_owned(), mistakes }
    };
    let raw: RawRules = toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(1, |span| line(span.start));
        failed(vec![Mistake { line: at, what: e.message().replace('\n', " ") }])
    })?;
    let mut mistakes = Vec::new();
    let mut wrong = |span: &Range<usize>, what: String| mistakes.push(Mistake { line: line(span.start), what });
    let environment = environment();

    let mut actions = Vec::new();
    for (name, raw) in &raw.actions {
        match action(raw.get_ref()) {
            Ok(action) => {
                for template in action.templates() {
                    for what in check(&environment, template, true) {
                        wrong(&raw.span(), format!("action '{name}': {template:?}: {what}"));
                    }
                }
                actions.push(Known { name: name.clone(), action, confirm: raw.get_ref().confirm });
            }
            Err(what) => wrong(&raw.span(), format!("action '{name}': {what}")),
        }
    }
    let names: Vec<String> = raw.actions.keys().cloned().collect();
    let position = |name: &String| actions.iter().position(|known: &Known| known.name == *name);
    let find = |span: &Range<usize>, wanted: &[String], wrong: &mut dyn FnMut(&Range<usize>, String)| {
        let known = wanted.iter().filter(|name| {
            let is = names.contains(name);
            if !is {
                wrong(span, format!("there is no action '{name}'; {}", nearest(&names, name)));
            }
            is
        });
        known.filter_map(position).collect::<Vec<usize>>()
    };

    let mut rules: Vec<Rule> = Vec::new();
    for raw in &raw.rules {
        let (span, rule) = (raw.span(), raw.get_ref());
        let (when, at) = (rule.when.get_ref(), rule.when.span());
        if rules.iter().any(|known| known.name == rule.name) {
            wrong(&span, format!("there are two rules '{}'; give one another name", rule.name));
        }
        for what in check(&environment, when, false) {
            wrong(&at, format!("rule '{}': {what}", rule.name));
        }
        if rule.verdict.is_none() && rule.actions.is_empty() {
            wrong(&span, format!("rule '{}' does nothing; give it a verdict or actions", rule.name));
        }
        let by_region =
            environment.compile_expression(when).is_ok_and(|e| e.undeclared_variables(false).contains("region"));
        rules.push(Rule {
            name: rule.name.clone(),
            when: when.clone(),
            verdict: rule.verdict,
            actions: find(&at, &rule.actions, &mut wrong),
            stop: rule.stop,
            by_region,
        });
    }
    let on = raw.on.as_ref().map(|on| {
        let (span, on) = (on.span(), on.get_ref());
        [&on.accept, &on.review, &on.reject].map(|names| find(&span, names, &mut wrong))
    });
    if !mistakes.is_empty() {
        return Err(failed(mistakes));
    }
    Ok(Rules {
        environment,
        default: raw.default.unwrap_or(Decision::Accept),
        rules,
        actions,
        on: on.unwrap_or_default(),
        hash: String::new(),
    })
}

fn action(raw: &RawAction) -> Result<Action, String> {
    let time_limit = match raw.time_limit.unwrap_or(TIME_LIMIT) {
        t if t > 0.0 && t <= MOST_TIME => Duration::from_secs_f64(t),
        t => return Err(format!("time_limit = {t}; expected seconds, over 0 and at most {MOST_TIME}")),
    };
    let retries = raw.retries.unwrap_or(RETRIES);
    if retries > MOST_RETRIES {
        return Err(format!("retries = {retries}; expected at most {MOST_RETRIES}"));
    }
    let some = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
    let mut kinds = Vec::new();
    if let Some(to) = some(&raw.r#move) {
        kinds.push(Action::Move { to });
    }
    if let Some(to) = some(&raw.copy) {
        kinds.push(Action::Copy { to });
    }
    if let Some(to) = some(&raw.link) {
        kinds.push(Action::Link { to });
    }
    if let Some(naming) = raw.xmp {
        kinds.push(Action::Xmp { naming });
    }
    if let Some(to) = some(&raw.json) {
        kinds.push(Action::Json { to });
    }
    if let Some(file) = some(&raw.append) {
        if !file.ends_with(".csv") && !file.ends_with(".jsonl") {
            return Err(format!("append = {file:?}; expected a file named *.csv or *.jsonl"));
        }
        kinds.push(Action::Append { file });
    }
    if let Some(command) = raw.command.clone().filter(|c| !c.is_empty()) {
        kinds.push(Action::Command { command, time_limit });
    }
    if let Some(url) = some(&raw.webhook) {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(format!("webhook = {url:?}; expected an address that begins with http:// or https://"));
        }
        kinds.push(Action::Webhook { url, retries, time_limit });
    }
    match (kinds.pop(), kinds.len()) {
        (Some(action), 0) => Ok(action),
        _ => Err("expected exactly one of move, copy, link, xmp, json, append, command, webhook, and not empty".into()),
    }
}
