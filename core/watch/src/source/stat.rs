use std::fs::Metadata;
use std::io;
use std::path::Path;

/// What one `stat` call says about a file, links followed. Equal stats mean an unchanged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change of the content, nanoseconds since 1970. Compared for equality only: clocks are set
    /// back, and cameras live in the future.
    pub modified_ns: i128,
    /// Number of the inode: a file put in place of another has a new one. 0 where the system has none.
    pub inode: u64,
    /// Number of the device the file lies on. 0 where the system has none.
    pub device: u64,
}

impl Stat {
    /// Asks the file system.
    ///
    /// # Errors
    /// What `stat` says.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&path.metadata()?))
    }

    #[cfg(unix)]
    pub(super) fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let modified_ns = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
        Self { bytes: meta.len(), modified_ns, inode: meta.ino(), device: meta.dev() }
    }

    #[cfg(not(unix))]
    pub(super) fn of(meta: &Metadata) -> Self {
        let since_1970 = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        let modified_ns = since_1970.map_or(0, |d| i128::try_from(d.as_nanos()).unwrap_or(i128::MAX));
        Self { bytes: meta.len(), modified_ns, inode: 0, device: 0 }
    }
}
