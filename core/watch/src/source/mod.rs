//! Folders over time: which files are there, and complete.

/// Size, time and place of a file, from one look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Its size.
    pub bytes: u64,
    /// When it was changed last, ns since 1970.
    pub modified_ns: i128,
    /// Its number on its device.
    pub inode: u64,
    /// Its device.
    pub device: u64,
}
