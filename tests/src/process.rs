//! Processes that a run may have left behind.

use std::path::Path;
use std::time::{Duration, Instant};

/// How long an orphan may take to notice that it is one.
const GRACE: Duration = Duration::from_secs(10);

/// Asserts that no process lives whose `HOME` is this folder: a worker of a giqa that is gone.
///
/// # Panics
/// When one still lives after some seconds.
pub fn assert_none_left(home: &Path) {
    let until = Instant::now() + GRACE;
    loop {
        let left = with_home(home);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "left behind: {left:?}");
        // Not our children: there is nothing to wait on but time.
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The command lines of all processes whose `HOME` is this folder. Empty where there is no /proc.
#[must_use]
pub fn with_home(home: &Path) -> Vec<String> {
    let wanted = format!("HOME={}/\0", home.display());
    let wanted = [wanted.as_bytes(), format!("HOME={}\0", home.display()).as_bytes()].map(<[u8]>::to_vec);
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if wanted.iter().any(|w| environment.windows(w.len()).any(|part| part == w)) {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(format!("{} {}", entry.path().display(), String::from_utf8_lossy(&line).replace('\0', " ")));
        }
    }
    found
}
