//! Workers: what `update` wants to be done, on threads of their own. The screen never waits for one.

mod desk;
mod list;
mod looker;
mod machine;
mod reader;
mod recorder;

pub use machine::Machine;

use super::action::Action;
use super::effect::Effect;
use super::model::About;
use super::picture::{Display, Studio};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Where workers bring what they have.
pub type Out = Sender<Action>;

/// All workers.
pub struct Workers {
    studio: Studio,
    lists: Sender<list::Job>,
    looks: Sender<looker::Job>,
    desk: Sender<desk::Job>,
    machine: Sender<machine::Job>,
    recorder: Sender<recorder::Job>,
}

/// How the watcher is doing, where one runs in this process.
pub type Board = Option<Arc<giqa_watch::status::Board>>;

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(
        about: &About,
        display: Display,
        log: PathBuf,
        board: Board,
        machine: Box<dyn Machine>,
        out: &Out,
    ) -> std::io::Result<Self> {
        let shown = out.clone();
        let studio = Studio::start(display, move |picture| drop(shown.send(Action::Picture(picture))));
        let (nudge, nudges) = channel();
        let dir = about.state_dir.clone();
        let watched = !about.watching.is_empty();
        spawn("giqa-store", {
            let (dir, out) = (dir.clone(), out.clone());
            move || reader::run(&dir, watched, board, &nudges, &out)
        })?;
        Ok(Self {
            studio,
            lists: worker("giqa-list", out, list::run)?,
            looks: worker("giqa-look", out, {
                let dir = dir.clone();
                move |jobs, out| looker::run(&dir, jobs, out)
            })?,
            desk: worker("giqa-desk", out, {
                let (dir, who) = (dir.clone(), about.who.clone());
                move |jobs, out| desk::run(&dir, &who, jobs, out, &nudge)
            })?,
            machine: worker("giqa-machine", out, move |jobs, out| machine::run(machine, jobs, out))?,
            recorder: worker("giqa-recorder", out, move |jobs, out| recorder::run(&dir, &log, jobs, out))?,
        })
    }

    /// Has something done. Effects about the terminal are not ours and come back.
    pub fn take(&self, effect: Effect) -> Option<Effect> {
        // A worker that is gone has told why; the screen goes on without.
        match effect {
            Effect::Pictures(scenes) => self.studio.want(scenes),
            Effect::List(tag, request) => drop(self.lists.send((tag, request))),
            Effect::Look(tag, subject, population) => drop(self.looks.send(looker::Job { tag, subject, population })),
            Effect::Judge(..) | Effect::Note(..) | Effect::Undo(_) | Effect::Confirm(_) | Effect::Refuse(_) => {
                drop(self.desk.send(effect));
            }
            Effect::Heat(..) | Effect::Ask(..) | Effect::Inspect(..) | Effect::Survey(_) => {
                drop(self.machine.send(effect))
            }
            Effect::UseProfile(_) | Effect::Switch(..) | Effect::Restart => drop(self.machine.send(effect)),
            Effect::Remember(memory) => drop(self.recorder.send(recorder::Job::Remember(memory))),
            Effect::ReadLog(tag) => drop(self.recorder.send(recorder::Job::ReadLog(tag))),
            Effect::Quit | Effect::Suspend | Effect::Redraw | Effect::CaptureMouse(_) => return Some(effect),
        }
        None
    }

    /// The terminal can show something else from now on, or forgot its pictures.
    pub fn set_display(&self, display: Display) {
        self.studio.set_display(display);
    }

    /// What was remembered last is on the disk when this returns.
    pub fn finish(self) {
        let (done, finished) = channel();
        if self.recorder.send(recorder::Job::Finish(done)).is_ok() {
            let _ = finished.recv_timeout(std::time::Duration::from_secs(2));
        }
    }
}

fn worker<J: Send + 'static>(
    name: &str,
    out: &Out,
    run: impl FnOnce(&Receiver<J>, &Out) + Send + 'static,
) -> std::io::Result<Sender<J>> {
    let (jobs, todo) = channel();
    let out = out.clone();
    spawn(name, move || run(&todo, &out))?;
    Ok(jobs)
}

/// A thread whose end by a panic is told.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(run).map(drop)
}

/// The newest of what waits: the ones before are not wanted any more.
fn newest<J>(jobs: &Receiver<J>) -> Option<J> {
    let mut job = jobs.recv().ok()?;
    while let Ok(next) = jobs.try_recv() {
        job = next;
    }
    Some(job)
}

/// Runs what may panic on what comes from outside; a panic becomes an error, and the thread lives on.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("giqa failed on this (a defect, please report it); the log has the details".into()))
}
