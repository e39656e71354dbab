//! Asks models and metrics, and changes what inspects.

use super::{Out, guarded};
use crate::app::action::Action;
use crate::app::effect::{Effect, Question, Subject};
use crate::app::model::Surveyed;
use crate::app::picture::Heat;
use giqa_core::{Attribute, Report};
use giqa_engine::Answer;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// What inspects, as the screen may use it. Errors are in words for people.
pub trait Machine: Send {
    /// What there is.
    ///
    /// # Errors
    /// When the configuration is wrong.
    fn survey(&mut self) -> Result<Surveyed, String>;

    /// Asks the model.
    ///
    /// # Errors
    /// When the picture can't be read, or there is no model that answers, or it fails.
    fn ask(&mut self, question: &Question) -> Result<Answer, String>;

    /// Inspects with a profile.
    ///
    /// # Errors
    /// When the picture can't be read, or there is no such profile.
    fn inspect(&mut self, subject: &Subject, profile: &str) -> Result<Report, String>;

    /// Where an attribute is how bad.
    ///
    /// # Errors
    /// When the picture can't be read, or no metric tells.
    fn heat(&mut self, subject: &Subject, attribute: Attribute) -> Result<Heat, String>;

    /// Another profile inspects from now on. Says what happens then.
    ///
    /// # Errors
    /// When there is no such profile.
    fn use_profile(&mut self, name: &str) -> Result<String, String>;

    /// Switches a component on or off. Says what happens then.
    ///
    /// # Errors
    /// When nothing would be left.
    fn switch(&mut self, id: &str, on: bool) -> Result<String, String>;

    /// Reads the configuration again and starts plugins anew. Says what happens then.
    ///
    /// # Errors
    /// When the configuration is wrong; the old one stays.
    fn restart(&mut self) -> Result<String, String>;
}

pub type Job = Effect;

/// Jobs one after the other; of several for the same place on the screen, only the newest.
pub fn run(mut machine: Box<dyn Machine>, jobs: &Receiver<Job>, out: &Out) {
    let mut todo: VecDeque<Job> = VecDeque::new();
    loop {
        if todo.is_empty() {
            match jobs.recv() {
                Ok(job) => todo.push_back(job),
                Err(_) => return,
            }
        }
        todo.extend(jobs.try_iter());
        let Some(job) = todo.pop_front() else { continue };
        if todo.iter().any(|later| takes_the_place_of(later, &job)) {
            continue;
        }
        if let Some(action) = work(&mut *machine, job)
            && out.send(action).is_err()
        {
            return;
        }
    }
}

fn takes_the_place_of(later: &Job, job: &Job) -> bool {
    match (later, job) {
        (Effect::Heat(..), Effect::Heat(..)) | (Effect::Survey(_), Effect::Survey(_)) => true,
        (Effect::Inspect(_, a, ..), Effect::Inspect(_, b, ..)) => a == b,
        _ => false,
    }
}

fn work(machine: &mut dyn Machine, job: Job) -> Option<Action> {
    Some(match job {
        Effect::Survey(tag) => Action::Surveyed(tag, guarded(|| machine.survey()).map(Arc::new)),
        Effect::Ask(tag, question) => Action::Answer(tag, guarded(|| machine.ask(&question)).map(Box::new)),
        Effect::Heat(tag, subject, attribute) => {
            Action::Heat(tag, attribute, guarded(|| machine.heat(&subject, attribute)).map(Arc::new))
        }
        Effect::Inspect(tag, target, subject, profile) => {
            Action::Compared(tag, target, guarded(|| machine.inspect(&subject, &profile)).map(Arc::new))
        }
        Effect::UseProfile(name) => Action::Said(guarded(|| machine.use_profile(&name))),
        Effect::Switch(id, on) => Action::Said(guarded(|| machine.switch(&id, on))),
        Effect::Restart => Action::Said(guarded(|| machine.restart())),
        _ => return None,
    })
}
