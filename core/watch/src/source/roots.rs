//! The watched folders, and how each is watched.

use super::{Message, Note, Polling, SourceError, SourceOptions};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{Debouncer, NoCache, new_debouncer_opt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// File systems that don't tell of changes made elsewhere, by the magic number of `statfs`.
const NETWORK: [(i64, &str); 8] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
];
/// How long a folder that is gone is waited for between two looks.
const MISSING: Duration = Duration::from_secs(1);

enum Watch {
    Events(#[expect(dead_code, reason = "it watches as long as it lives")] Debouncer<RecommendedWatcher, NoCache>),
    Looks,
    Missing,
}

pub(super) struct Root {
    pub(super) path: PathBuf,
    watch: Watch,
    /// When to look next where there are no events.
    pub(super) next_look: Option<Instant>,
}

/// The folders by their real paths, without those inside others.
pub(super) fn roots(paths: &[PathBuf]) -> Result<Vec<Root>, SourceError> {
    let mut real = Vec::new();
    for path in paths {
        let wrong = |reason: String| SourceError::Root { path: path.clone(), reason };
        let canonical = path.canonicalize().map_err(|e| wrong(e.to_string()))?;
        if !canonical.is_dir() {
            return Err(wrong("it is not a folder".into()));
        }
        real.push(canonical);
    }
    real.sort();
    real.dedup();
    let outer = real.iter().filter(|p| !real.iter().any(|o| *o != **p && p.starts_with(o)));
    Ok(outer.map(|p| Root { path: p.clone(), watch: Watch::Missing, next_look: None }).collect())
}

impl Root {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.watch, Watch::Missing)
    }

    /// Begins to watch; says so when it can only look every now and then.
    pub(super) fn begin(&mut self, number: usize, options: &SourceOptions, to: &Sender<Message>) -> Option<Note> {
        let seconds = options.poll_interval.as_secs().max(1);
        let mut looks = |note: Option<Note>| {
            self.watch = Watch::Looks;
            self.next_look = Some(Instant::now() + options.poll_interval);
            note
        };
        if options.polling == Polling::Always {
            return looks(None);
        }
        if let Some(kind) = network(&self.path) {
            let root = self.path.clone();
            return looks(Some(Note::Network { root, kind, seconds }));
        }
        match watch(&self.path, number, options.debounce, to.clone()) {
            Ok(debouncer) => {
                self.watch = Watch::Events(debouncer);
                self.next_look = None;
                None
            }
            Err(error) => {
                let root = self.path.clone();
                let reason = error.to_string();
                let limit = matches!(error.kind, ErrorKind::MaxFilesWatch)
                    || matches!(&error.kind, ErrorKind::Io(e) if matches!(e.raw_os_error(), Some(24 | 28)));
                looks(Some(if limit {
                    Note::Limit { root, reason, seconds }
                } else {
                    Note::Unreadable { path: root, reason }
                }))
            }
        }
    }

    /// The folder is gone.
    pub(super) fn lose(&mut self) {
        self.watch = Watch::Missing;
        self.next_look = Some(Instant::now() + MISSING);
    }

    pub(super) fn look_later(&mut self, options: &SourceOptions) {
        let after = match self.watch {
            Watch::Events(_) => {
                self.next_look = None;
                return;
            }
            Watch::Looks => options.poll_interval,
            Watch::Missing => MISSING,
        };
        self.next_look = Some(Instant::now() + after);
    }
}

fn watch(
    path: &Path,
    number: usize,
    debounce: Duration,
    to: Sender<Message>,
) -> notify::Result<Debouncer<RecommendedWatcher, NoCache>> {
    let tell = move |events| {
        let _ = to.send(Message::Events(number, events));
    };
    let config = notify::Config::default();
    let mut debouncer = new_debouncer_opt::<_, RecommendedWatcher, NoCache>(debounce, None, tell, NoCache, config)?;
    debouncer.watch(path, RecursiveMode::Recursive)?;
    Ok(debouncer)
}

#[allow(clippy::unnecessary_cast, reason = "its type differs between systems")]
fn network(path: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(path).ok()?.f_type as i64;
    NETWORK.iter().find(|(magic, _)| *magic == kind & 0xffff_ffff).map(|(_, name)| *name)
}
