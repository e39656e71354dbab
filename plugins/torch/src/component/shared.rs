//! Components on the same weights share one model, and what it remembers of the last picture.
//!
//! The host makes each component by itself, through a function without state (`Plugin::create`). So what they share lies
//! in a table of this library, that is, of one process. It holds weak references: with the last component its model goes.

use super::inner::Inner;
use crate::error::Result;
use crate::model::{LoadOptions, Model};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

struct Entry {
    folder: PathBuf,
    options: LoadOptions,
    inner: Weak<Mutex<Inner>>,
}

static LOADED: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// The model of a folder: one that is loaded already with these very options, or a fresh one with room for answers of
/// `room` tokens.
///
/// # Errors
/// As [`Model::load`].
pub(super) fn model(folder: &Path, options: &LoadOptions, room: usize) -> Result<Arc<Mutex<Inner>>> {
    // A folder that isn't there is told when it is read.
    let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    // Locked while loading: a second component waits for the first one's model. What panics leaves whole entries.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    loaded.retain(|entry| entry.inner.strong_count() > 0);
    let same = loaded.iter().find(|entry| entry.folder == place && entry.options == *options);
    if let Some(inner) = same.and_then(|entry| entry.inner.upgrade()) {
        tracing::debug!("{}: shared with another component", folder.display());
        return Ok(inner);
    }
    let inner = Arc::new(Mutex::new(Inner::new(Model::load(folder, options)?, room)));
    loaded.push(Entry { folder: place, options: options.clone(), inner: Arc::downgrade(&inner) });
    Ok(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn the_same_weights_are_loaded_once_and_go_with_the_last() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/models");
        let load = |folder: &str, options: &LoadOptions| model(&fixtures.join(folder), options, 8).unwrap();
        let plain = LoadOptions::default();
        let first = load("llava15", &plain);
        // By another name of the same folder.
        let second = load("../models/llava15", &plain);
        assert!(Arc::ptr_eq(&first, &second));
        for other in [
            load("llava_next", &plain),
            load("llava15", &LoadOptions { kind: Kind::Double, ..plain.clone() }),
            load("llava15", &LoadOptions { int8: true, ..plain.clone() }),
            load("llava15", &LoadOptions { adapter: Some(fixtures.join("llava15/lora")), ..plain.clone() }),
        ] {
            assert!(!Arc::ptr_eq(&first, &other));
        }
        let gone = Arc::downgrade(&first);
        drop(first);
        assert!(Arc::ptr_eq(&second, &load("llava15", &plain)));
        drop(second);
        assert!(gone.upgrade().is_none(), "the table keeps the model");
        load("llava15", &plain);
    }
}
