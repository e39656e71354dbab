//! Paths as people write them in a configuration.

use std::path::{Path, PathBuf};

/// `~` is the home folder; what is relative lies below `base`.
pub(crate) fn resolve(written: &str, base: &Path) -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match written.strip_prefix('~') {
        Some("") => home().unwrap_or_else(|| PathBuf::from(written)),
        Some(rest) if rest.starts_with('/') => {
            home().map_or_else(|| PathBuf::from(written), |h| h.join(rest.trim_start_matches('/')))
        }
        _ => PathBuf::from(written),
    };
    base.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_absolute_relative() {
        let base = Path::new("/etc/giqa");
        assert_eq!(resolve("a/b", base), Path::new("/etc/giqa/a/b"));
        assert_eq!(resolve("/x", base), Path::new("/x"));
        assert_eq!(resolve("~user/x", base), Path::new("/etc/giqa/~user/x"));
        if let Some(home) = std::env::var_os("HOME") {
            assert_eq!(resolve("~/x", base), Path::new(&home).join("x"));
            assert_eq!(resolve("~", base), Path::new(&home));
        }
    }
}
