use super::filesystem;
use super::inbox::Inbox;
use super::note::{Note, PollingReason};
use super::options::{Fault, Polling, SourceOptions};
use super::paths::resolved;
use super::stat::Stat;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A watched folder: how its changes are learnt of, and whether it is still the same folder.
pub(super) struct Root {
    pub path: PathBuf,
    /// When to scan all of it next; `None` while a scan is under way.
    pub next_scan: Option<Instant>,
    index: usize,
    watch: Watch,
    /// Where links to folders lead, and where they lie: events name the folder, the filter is about the link.
    links: BTreeSet<(PathBuf, PathBuf)>,
}

enum Watch {
    Native(RecommendedWatcher, Identity),
    Polled(Identity),
    /// Not there, or not watched any more.
    Off {
        was_mount: bool,
    },
}

/// Which folder it is that lies at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    inode: u64,
    device: u64,
    /// A mount point: when it is unmounted, an empty folder comes to light that must not be taken for the root.
    is_mount: bool,
}

impl Identity {
    fn of(path: &Path) -> Option<Self> {
        let here = path.metadata().ok().filter(std::fs::Metadata::is_dir)?;
        let Stat { inode, device, .. } = Stat::of(&here);
        let above = path.parent().and_then(|above| Stat::read(above).ok());
        Some(Self { inode, device, is_mount: above.is_some_and(|above| above.device != device) })
    }
}

impl Root {
    pub fn new(index: usize, path: PathBuf) -> Self {
        Self { path, next_scan: None, index, watch: Watch::Off { was_mount: false }, links: BTreeSet::new() }
    }

    /// Watches the root, or settles for polling and says why.
    pub fn open(&mut self, options: &SourceOptions, inbox: &Arc<Inbox>) -> Result<Option<Note>, notify::Error> {
        let identity = Identity::of(&self.path).ok_or_else(notify::Error::path_not_found)?;
        let asked = match options.polling {
            Polling::Always => Some(PollingReason::Asked),
            Polling::Auto => filesystem::silent(&self.path).map(PollingReason::FileSystem),
            Polling::Never => None,
        };
        let why = match asked {
            Some(why) => why,
            None => match self.native(options, inbox) {
                Ok(watcher) => {
                    self.watch = Watch::Native(watcher, identity);
                    return Ok(None);
                }
                Err(error) if options.polling == Polling::Never => return Err(error),
                Err(error) => PollingReason::of(&error),
            },
        };
        Ok(Some(self.poll(why, options.poll_interval)))
    }

    fn native(&self, options: &SourceOptions, inbox: &Arc<Inbox>) -> notify::Result<RecommendedWatcher> {
        if options.fault == Some(Fault::Limit) {
            return Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch));
        }
        let (inbox, index) = (Arc::clone(inbox), self.index);
        // A watch belongs to a folder, not to a name. If notify followed links, it would take the one for the other:
        // with the link, the folder would lose its watch.
        let config = notify::Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(move |said| inbox.tell(index, said), config)?;
        watcher.watch(&self.path, RecursiveMode::Recursive)?;
        Ok(watcher)
    }

    /// From now on the root is polled.
    pub fn poll(&mut self, why: PollingReason, interval: Duration) -> Note {
        self.watch = match Identity::of(&self.path) {
            Some(identity) => Watch::Polled(identity),
            None => Watch::Off { was_mount: false },
        };
        Note::Polling { root: self.path.clone(), interval, why }
    }

    /// Makes sure that all folders below are watched, also those whose creation was missed. Returns when they are.
    pub fn cover(&mut self, folder: &Path) -> notify::Result<()> {
        match &mut self.watch {
            Watch::Native(watcher, _) => watcher.watch(&resolved(folder), RecursiveMode::Recursive),
            Watch::Polled(_) | Watch::Off { .. } => Ok(()),
        }
    }

    /// A link to a folder was met. Returns whether the folder is new, and lies where no watch of the root reaches.
    pub fn link(&mut self, link: PathBuf, target: PathBuf) -> bool {
        let is_new = !self.names(&target).any(|name| name != target);
        let is_outside = !target.starts_with(&self.path);
        self.links.insert((target, link));
        is_new && is_outside
    }

    /// Links are met again by the scan that begins.
    pub fn forget_links(&mut self) {
        self.links.clear();
    }

    /// The names below the root by which a path of an event is reached.
    pub fn names<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        let itself = path.starts_with(&self.path).then(|| path.to_owned());
        let linked = self.links.iter().filter_map(move |(target, link)| match path.strip_prefix(target).ok()? {
            rest if rest.as_os_str().is_empty() => Some(link.clone()),
            rest => Some(link.join(rest)),
        });
        itself.into_iter().chain(linked)
    }

    /// Ends the watch; the root counts as away.
    pub fn close(&mut self) {
        self.watch = Watch::Off { was_mount: self.identity().is_some_and(|identity| identity.is_mount) };
    }

    /// Whether the folder that is watched still lies at its path.
    pub fn is_there(&self) -> bool {
        self.identity().is_some_and(|known| Identity::of(&self.path) == Some(known))
    }

    pub fn is_open(&self) -> bool {
        self.identity().is_some()
    }

    /// Whether a folder lies at the path that can be opened again.
    pub fn can_return(&self) -> bool {
        let was_mount = matches!(self.watch, Watch::Off { was_mount: true });
        Identity::of(&self.path).is_some_and(|identity| identity.is_mount || !was_mount)
    }

    /// Time from the end of a full scan to the next.
    pub fn interval(&self, options: &SourceOptions) -> Duration {
        match self.watch {
            Watch::Native(..) => options.rescan,
            Watch::Polled(_) | Watch::Off { .. } => options.poll_interval,
        }
    }

    fn identity(&self) -> Option<Identity> {
        match self.watch {
            Watch::Native(_, identity) | Watch::Polled(identity) => Some(identity),
            Watch::Off { .. } => None,
        }
    }
}
