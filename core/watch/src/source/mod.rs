//! Folders over time: which files are there, and complete.
