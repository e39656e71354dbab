use super::Filter;
use std::path::PathBuf;
use std::time::Duration;

/// What to watch, and how patiently.
#[derive(Debug, Clone)]
pub struct SourceOptions {
    /// Folders, watched with all that lies below them.
    pub roots: Vec<PathBuf>,
    /// Which files are taken.
    pub filter: Filter,
    /// A file that was not closed counts as complete when it stayed unchanged this long; five times as long if it is
    /// empty or known to be open for writing.
    pub settle: Duration,
    /// Time between full scans, the net below the events.
    pub rescan: Duration,
    /// Whether to look instead of being told.
    pub polling: Polling,
    /// Time between looks at a polled root, and between looks whether a root is still there.
    pub poll_interval: Duration,
    /// Events are acted on when a path was quiet for this long.
    pub debounce: Duration,
    /// End when everything that is there is complete and reported.
    pub once: bool,
    /// For tests: what shall go wrong.
    #[doc(hidden)]
    pub fault: Option<Fault>,
}

/// As good as never, and yet a time that can be added to others.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
/// Looking more often would be all that the machine does.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);

impl SourceOptions {
    pub(super) fn keep_sane(&mut self) {
        for wait in [&mut self.settle, &mut self.debounce] {
            *wait = (*wait).min(LONGEST);
        }
        for interval in [&mut self.rescan, &mut self.poll_interval] {
            *interval = (*interval).clamp(SHORTEST_INTERVAL, LONGEST);
        }
    }
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            filter: Filter::default(),
            settle: Duration::from_secs(1),
            rescan: Duration::from_secs(300),
            polling: Polling::Auto,
            poll_interval: Duration::from_secs(5),
            debounce: Duration::from_millis(150),
            once: false,
            fault: None,
        }
    }
}

/// Whether roots are polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Polling {
    /// Where the file system keeps changes to itself (network mounts), or the kernel's limits are used up.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere: a root that can't be watched is an error.
    Never,
}

/// What shall go wrong, for tests.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The kernel's queue overflows at every event: nothing is known but that something happened.
    Overflow,
    /// The kernel's number of watched folders is used up.
    Limit,
}
