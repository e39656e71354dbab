//! Against the real file system. Waiting is on the channel; only writers that are to be slow sleep.

mod arrive;
mod change;
mod links;
mod once;
mod polling;
mod roots;
mod storm;

use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(30);
const SETTLE: Duration = Duration::from_millis(120);
const DEBOUNCE: Duration = Duration::from_millis(30);

/// A folder `in` that can be watched, beside others that are not.
struct Place {
    dir: TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("in");
        fs::create_dir(&root).unwrap();
        Self { dir, root }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A path beside the root, on the same file system.
    fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn options(&self) -> SourceOptions {
        SourceOptions {
            roots: vec![self.root.clone()],
            settle: SETTLE,
            debounce: DEBOUNCE,
            rescan: Duration::from_secs(3600),
            poll_interval: Duration::from_millis(100),
            ..SourceOptions::default()
        }
    }

    fn watch(&self) -> Watched {
        Watched::start(self.options())
    }
}

struct Watched {
    source: Source,
    events: Receiver<Event>,
}

impl Watched {
    fn start(options: SourceOptions) -> Self {
        let (sender, events) = channel();
        let source = Source::start(options, move |event| sender.send(event).unwrap_or_default()).unwrap();
        Self { source, events }
    }

    /// Up to the given event; fails when it doesn't come.
    fn until(&self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut before = Vec::new();
        while let Ok(event) = self.events.recv_timeout(LONG) {
            let found = wanted(&event);
            before.push(event);
            if found {
                return before;
            }
        }
        panic!("it did not come; instead: {before:?}")
    }

    fn ready(&self) -> Vec<Event> {
        self.until(|event| *event == Event::Ready)
    }

    fn file(&self, path: &Path) -> Stat {
        let events = self.until(|event| matches!(event, Event::File { path: p, .. } if p == path));
        match events.last() {
            Some(Event::File { stat, .. }) => *stat,
            _ => unreachable!(),
        }
    }

    fn gone(&self, path: &Path) -> Vec<Event> {
        self.until(|event| *event == Event::Gone { path: path.to_owned() })
    }

    fn note(&self, wanted: impl Fn(&Note) -> bool) -> Note {
        let events = self.until(|event| matches!(event, Event::Note(note) if wanted(note)));
        match events.last() {
            Some(Event::Note(note)) => note.clone(),
            _ => unreachable!(),
        }
    }

    /// What still comes until nothing does for longer than any file is waited for.
    fn rest(&self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.recv_timeout(SETTLE * 7).ok()).collect()
    }

    /// How often each file was told of, and its last stat, until nothing comes any more.
    fn tally(&self, paths: &[PathBuf]) -> BTreeMap<PathBuf, (u32, Stat)> {
        let mut tally = BTreeMap::new();
        let mut add = |event| {
            if let Event::File { path, stat, .. } = event {
                let entry = tally.entry(path).or_insert((0, stat));
                *entry = (entry.0 + 1, stat);
            }
            tally.len()
        };
        while add(self.events.recv_timeout(LONG).unwrap()) < paths.len() {}
        self.rest().into_iter().for_each(|event| _ = add(event));
        tally
    }
}

/// Each of the paths, once, as it is now; and no others.
fn each_once(paths: &[PathBuf]) -> BTreeMap<PathBuf, (u32, Stat)> {
    paths.iter().map(|path| (path.clone(), (1, Stat::read(path).unwrap()))).collect()
}

fn files(events: &[Event]) -> Vec<(&Path, bool)> {
    let file = |event| match event {
        &Event::File { ref path, fresh, .. } => Some((path.as_path(), fresh)),
        _ => None,
    };
    events.iter().filter_map(file).collect()
}
