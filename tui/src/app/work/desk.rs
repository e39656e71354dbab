//! Writes what a person says, and does what a person confirms.

use super::{Out, guarded};
use crate::app::action::Action;
use crate::app::effect::Effect;
use giqa_core::Decision;
use giqa_watch::store::{Desk, StoreError};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};

pub type Job = Effect;

pub fn run(dir: &Path, who: &str, jobs: &Receiver<Job>, out: &Out, nudge: &Sender<()>) {
    let mut desk = None;
    for job in jobs {
        let said = guarded(|| {
            let desk = match &mut desk {
                Some(desk) => desk,
                none => none.insert(Desk::open(dir).map_err(|e| e.to_string())?),
            };
            write(desk, who, job).unwrap_or_else(|e| Err(e.to_string()))
        });
        if said.is_err() {
            desk = None;
        }
        let _ = nudge.send(());
        if out.send(Action::Said(said)).is_err() {
            return;
        }
    }
}

fn write(desk: &mut Desk, who: &str, job: Job) -> Result<Result<String, String>, StoreError> {
    let photos = |n: usize| if n == 1 { "the photo".to_owned() } else { format!("{n} photos") };
    Ok(match job {
        Effect::Judge(ids, decision) => {
            desk.judge(&ids, decision, None, who)?;
            Ok(match decision {
                Some(Decision::Accept) => format!("accepted {}", photos(ids.len())),
                Some(Decision::Review) => format!("{} to be reviewed", photos(ids.len())),
                Some(Decision::Reject) => format!("rejected {}", photos(ids.len())),
                None => format!("took the verdict on {} back", photos(ids.len())),
            })
        }
        Effect::Note(ids, note) => {
            desk.judge(&ids, None, Some(&note), who)?;
            Ok(format!("noted on {}", photos(ids.len())))
        }
        Effect::Undo(ids) => {
            let outcome = desk.undo(&ids)?;
            told("undid", outcome.taken, &outcome.failures)
        }
        Effect::Confirm(ids) => {
            let outcome = desk.confirm(&ids)?;
            told("did", outcome.done.len(), &outcome.failures)
        }
        Effect::Refuse(ids) => Ok(format!("dropped {} proposals", desk.refuse(&ids)?)),
        _ => Ok(String::new()),
    })
}

fn told(verb: &str, n: usize, failures: &[String]) -> Result<String, String> {
    let done = format!("{verb} {n} action{}", if n == 1 { "" } else { "s" });
    match failures {
        [] => Ok(done),
        [first, rest @ ..] => Err(format!("{done}, {} not: {first}", rest.len() + 1)),
    }
}
