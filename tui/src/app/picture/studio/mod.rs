//! Makes pictures on threads of its own: one that looks into the cache, two that decode, draw and encode.

mod desk;
#[cfg(test)]
mod measure;
mod source;
#[cfg(test)]
mod tests;
mod work;

use super::Shown;
use super::display::{Display, in_tmux};
use super::scene::Scene;
use desk::Desk;
use giqa_engine::decode::{Decoded, Limits, decode};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Nobody looks at a picture that is scrolled past within this.
const WAIT: Duration = Duration::from_millis(30);
/// How many pictures are made at the same time.
const MAKERS: usize = 2;

type Load = dyn Fn(&Path) -> Result<Decoded, String> + Send + Sync;
type Sink = dyn Fn(Shown) + Send + Sync;

/// Makes pictures on threads of its own.
pub struct Studio {
    inside: Arc<Inside>,
}

/// What the threads share.
struct Inside {
    desk: Mutex<Desk>,
    /// Something changed on the desk.
    bell: Condvar,
    load: Box<Load>,
    sink: Box<Sink>,
    tmux: bool,
}

impl Inside {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // What can panic runs without the lock; if it ever did not, the desk is still whole.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a studio is made of; tests have their own.
struct Parts {
    load: Box<Load>,
    wait: Duration,
    tmux: bool,
}

impl Default for Parts {
    fn default() -> Self {
        let load = |path: &Path| decode(path, &Limits::default()).map_err(|e| e.to_string());
        Self { load: Box::new(load), wait: WAIT, tmux: in_tmux() }
    }
}

impl Studio {
    /// Starts the threads. `sink` is told of each picture, on one of them.
    ///
    /// They are called `giqa-picture-...`. A panic on one of them is caught and becomes the reason why there is no
    /// picture; the panic hook still runs, and should leave the screen alone for threads of this name.
    #[must_use]
    pub fn start(display: Display, sink: impl Fn(Shown) + Send + Sync + 'static) -> Self {
        Self::of(Parts::default(), display, Box::new(sink))
    }

    fn of(parts: Parts, display: Display, sink: Box<Sink>) -> Self {
        let inside = Arc::new(Inside {
            desk: Mutex::new(Desk::new(display, parts.wait)),
            bell: Condvar::new(),
            load: parts.load,
            sink,
            tmux: parts.tmux,
        });
        let start = |name: String, work: fn(&Inside)| {
            let inside = Arc::clone(&inside);
            if let Err(error) = std::thread::Builder::new().name(name).spawn(move || work(&inside)) {
                tracing::error!(%error, "pictures can't be shown: no thread for them");
            }
        };
        start("giqa-picture-look".into(), work::look);
        for n in 1..=MAKERS {
            start(format!("giqa-picture-{n}"), work::make);
        }
        Self { inside }
    }

    /// Exactly these are wanted from now on, the first most; work on others stops. What is in the cache is told at
    /// once. A scene that was in the list before and stays in it is not told again.
    pub fn want(&self, scenes: Vec<Scene>) {
        self.inside.desk().want(scenes);
        self.inside.bell.notify_all();
    }

    /// The font of the terminal changed; what was encoded for the old one is dropped, and what is wanted is told anew.
    /// Also for a terminal that forgot its pictures (after a suspend, a clear): kitty's are sent once only.
    pub fn set_display(&self, display: Display) {
        self.inside.desk().set_display(display);
        self.inside.bell.notify_all();
    }
}

impl Drop for Studio {
    /// The threads end as soon as they are done with the step that they are at; nobody waits for them, as a file on a
    /// network may take long to read. Nothing is told any more.
    fn drop(&mut self) {
        self.inside.desk().close();
        self.inside.bell.notify_all();
    }
}
