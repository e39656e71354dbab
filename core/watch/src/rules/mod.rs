//! `rules.toml`: from a report to a verdict and what to do.
//!
//! Conditions and templates are expressions of minijinja. Every name in them is checked when the file is read; what is
//! unknown of a photo (its ISO, say) never makes a rule fire: a condition must hold whatever the unknown may be.

mod check;
mod context;
mod error;
mod expression;
mod raw;

pub use context::{Camera, Group, Photo};
pub use error::{Mistake, RulesError};
pub use raw::{Naming, rules_schema};

use crate::actions::{Action, Planned};
use context::{WHOLE, context, places};
use expression::{Truth, holds, render};
use giqa_core::{Decision, Verdict};
use minijinja::Environment;
use std::path::{Path, PathBuf};

/// The rules of a file, checked.
#[derive(Debug, Clone)]
pub struct Rules {
    environment: Environment<'static>,
    default: Decision,
    rules: Vec<Rule>,
    actions: Vec<Known>,
    on: [Vec<usize>; 3],
    hash: String,
}

/// An action of the file.
#[derive(Debug, Clone)]
struct Known {
    name: String,
    action: Action,
    /// It waits for a person's word.
    confirm: bool,
}

#[derive(Debug, Clone)]
struct Rule {
    name: String,
    when: String,
    verdict: Option<Decision>,
    actions: Vec<usize>,
    stop: bool,
    /// It asks about single regions.
    by_region: bool,
}

/// What the rules say of a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The verdict: the worst of the rules that fired.
    pub verdict: Verdict,
    /// What to do, in order, without repeats; ids begin with what was given.
    pub actions: Vec<Planned>,
    /// Rules that could not be evaluated.
    pub warnings: Vec<String>,
}

impl Rules {
    /// No rules: everything is accepted, nothing is done.
    #[must_use]
    pub fn none() -> Self {
        Self {
            environment: expression::environment(),
            default: Decision::Accept,
            rules: Vec::new(),
            actions: Vec::new(),
            on: Default::default(),
            hash: String::new(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// With every mistake in it, and its line.
    pub fn load(path: &Path) -> Result<Self, RulesError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| RulesError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file of this name.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, RulesError> {
        let mut rules = check::checked(text, path)?;
        rules.hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        Ok(rules)
    }

    /// Hash of the text that they were read from.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether a rule asks about near-duplicates: a photo's group must be complete before it is decided.
    #[must_use]
    pub fn wants_groups(&self) -> bool {
        let asks = |text: &str| text.contains("group.");
        self.rules.iter().any(|r| asks(&r.when))
            || self.actions.iter().any(|k| k.action.templates().iter().any(|t| asks(t)))
    }

    /// Folders that actions put photos into, where their paths are fixed: a watcher must not take those for new photos.
    #[must_use]
    pub fn outputs(&self, root: &Path) -> Vec<PathBuf> {
        let fixed = |a: &Action| {
            let folder = a.folder()?;
            let before = folder.split("{{").next().unwrap_or_default().split("{%").next().unwrap_or_default();
            // Half a name is none.
            let whole =
                if before.len() == folder.len() { before } else { before.rfind('/').map_or("", |i| &before[..i]) };
            (!whole.is_empty()).then(|| root.join(whole))
        };
        self.actions.iter().filter_map(|k| fixed(&k.action)).collect()
    }

    /// Decides. Rules are tried in order; `id` makes the ids of the actions unique.
    #[must_use]
    pub fn decide(&self, photo: &Photo<'_>, id: &str) -> Decided {
        let (mut fired, mut wanted, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        let mut decision: Option<Decision> = None;
        let mut worse =
            |d: Decision| decision = Some(decision.map_or(d, |known| if rank(d) > rank(known) { d } else { known }));
        for rule in &self.rules {
            let tried: Vec<&str> = if rule.by_region { places(photo.report) } else { vec![WHOLE] };
            let mut hit = false;
            for place in tried {
                let place = rule.by_region.then_some(place);
                match holds(&self.environment, &rule.when, |truth| context(photo, place, truth)) {
                    Ok(true) => hit = true,
                    Ok(false) => {}
                    Err(error) => {
                        warnings.push(format!("rule '{}': {error}; the photo is for review", rule.name));
                        worse(Decision::Review);
                        break;
                    }
                }
            }
            if hit {
                fired.push(rule.name.clone());
                rule.verdict.into_iter().for_each(&mut worse);
                wanted.extend(&rule.actions);
                if rule.stop {
                    break;
                }
            }
        }
        let decision = decision.unwrap_or(self.default);
        wanted.extend(&self.on[rank(decision)]);
        let mut actions: Vec<Planned> = Vec::new();
        let values = context(photo, None, Truth::Known);
        for Known { name, action, confirm } in wanted.into_iter().filter_map(|&i: &usize| self.actions.get(i)) {
            if actions.iter().any(|a| a.name == *name) {
                continue;
            }
            match action.rendered(|template| render(&self.environment, template, &values)) {
                Ok(action) => {
                    let id = format!("{id}-{}", actions.len());
                    actions.push(Planned { id, name: name.clone(), action, confirm: *confirm });
                }
                Err(error) => warnings.push(format!("action '{name}': {error}; it is left out")),
            }
        }
        Decided { verdict: Verdict { decision, rules: fired }, actions, warnings }
    }
}

fn rank(decision: Decision) -> usize {
    match decision {
        Decision::Accept => 0,
        Decision::Review => 1,
        Decision::Reject => 2,
    }
}

#[cfg(test)]
mod tests;
