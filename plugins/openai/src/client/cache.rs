//! Answers on disk, by everything that decides them. Files appear whole or not at all, so that several processes can
//! use one folder; what can't be read counts as absent.

use crate::reply::Reply;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Changes when the form of the files or of the key changes.
const VERSION: &str = "answers-v1";
/// How often old answers are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// The answers of all components.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

/// What decides an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Again, so that a file in a wrong place is noticed.
    key: String,
    reply: Reply,
}

impl Key {
    /// Of the servers (whose models may differ under one name), the endpoint and the whole request: model, prompts,
    /// picture, sampling. Headers are left out; keys and traces don't change an answer.
    pub(super) fn new(base_urls: &[String], path: &str, body: &Map<String, Value>) -> Self {
        let mut servers: Vec<&str> = base_urls.iter().map(String::as_str).collect();
        servers.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        // Keys of JSON objects are sorted, or in the order of insertion, which is ours: either way the same each time.
        // How the answer is carried does not decide it.
        let said: Map<String, Value> = body
            .iter()
            .filter(|(k, _)| !matches!(k.as_str(), "stream" | "stream_options"))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        for part in [servers.join("\n"), path.to_owned(), Value::Object(said).to_string()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finalize().to_hex().to_string())
    }
}

impl Cache {
    /// Below a plugin's cache folder; the oldest answers go once an hour where there are more than `max_bytes`.
    pub(super) fn new(folder: &Path, max_bytes: u64) -> Option<Self> {
        let folder = folder.join(VERSION);
        if let Err(e) = fs::create_dir_all(&folder) {
            tracing::warn!("answers are not kept: {}: {e}", folder.display());
            return None;
        }
        let cache = Self { folder };
        cache.prune(max_bytes);
        Some(cache)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Reply> {
        let bytes = fs::read(self.file(key)).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        (kept.key == key.0).then_some(kept.reply)
    }

    /// Keeps an answer. A full disk costs the cache, not the answer.
    pub(super) fn put(&self, key: &Key, reply: &Reply) {
        if let Err(e) = self.write(key, reply) {
            tracing::warn!("an answer is not kept: {e}");
        }
    }

    fn write(&self, key: &Key, reply: &Reply) -> std::io::Result<()> {
        let file = self.file(key);
        let folder = file.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut whole, &Kept { key: key.0.clone(), reply: reply.clone() })?;
        whole.flush()?;
        whole.persist(file)?;
        Ok(())
    }

    fn file(&self, key: &Key) -> PathBuf {
        self.folder.join(key.0.get(..2).unwrap_or_default()).join(format!("{}.json", key.0))
    }

    /// Removes the oldest answers; one process at a time, and not often: it looks at every file.
    fn prune(&self, max_bytes: u64) {
        let marker = self.folder.join("pruned");
        let Ok(lock) = fs::File::options().create(true).truncate(false).write(true).open(&marker) else { return };
        let recent = || {
            let meta = lock.metadata().ok()?;
            let age = SystemTime::now().duration_since(meta.modified().ok()?).ok()?;
            Some(meta.len() > 0 && age < PRUNE_EVERY)
        };
        if lock.try_lock().is_err() || recent().unwrap_or(false) {
            return;
        }
        let mut answers = Vec::new();
        for folder in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let Ok(meta) = file.metadata() else { continue };
                answers.push((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), meta.len(), file.path()));
            }
        }
        let mut total: u64 = answers.iter().map(|(_, bytes, _)| bytes).sum();
        answers.sort_unstable();
        for (_, bytes, path) in answers {
            if total <= max_bytes {
                break;
            }
            // One that another process removed is gone as well.
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        if let Err(e) = fs::write(&marker, "old answers were last looked for when this was written\n") {
            tracing::debug!("{}: {e}", marker.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(urls: &[&str], body: &Value) -> Key {
        let urls: Vec<String> = urls.iter().map(|u| (*u).to_owned()).collect();
        Key::new(&urls, "/chat/completions", body.as_object().unwrap())
    }

    fn reply(text: &str) -> Reply {
        Reply { text: text.into(), ..Reply::default() }
    }

    #[test]
    fn everything_that_decides_is_in_the_key() {
        let body = json!({ "model": "m", "seed": 1, "stream": true });
        let base = key(&["a", "b"], &body);
        assert_eq!(key(&["b", "a"], &json!({ "model": "m", "seed": 1 })), base);
        assert_ne!(key(&["a"], &body), base);
        assert_ne!(key(&["a", "b"], &json!({ "model": "m", "seed": 2 })), base);
        assert_ne!(Key::new(&["a".into(), "b".into()], "/completions", body.as_object().unwrap()), base);
    }

    #[test]
    fn answers_come_back_and_spoilt_ones_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path(), 1 << 20).unwrap();
        let (one, two) = (key(&["a"], &json!({ "n": 1 })), key(&["a"], &json!({ "n": 2 })));
        assert_eq!(cache.get(&one), None);
        cache.put(&one, &reply("yes"));
        assert_eq!(cache.get(&one), Some(reply("yes")));
        // A file under another's name, and one that was cut off by a crash.
        fs::create_dir_all(cache.file(&two).parent().unwrap()).unwrap();
        fs::copy(cache.file(&one), cache.file(&two)).unwrap();
        assert_eq!(cache.get(&two), None);
        fs::write(cache.file(&one), "{\"key\":").unwrap();
        assert_eq!(cache.get(&one), None);
        cache.put(&one, &reply("again"));
        assert_eq!(cache.get(&one), Some(reply("again")));
    }

    #[test]
    fn the_oldest_go_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path(), u64::MAX).unwrap();
        let keys: Vec<Key> = (0..10).map(|n| key(&["a"], &json!({ "n": n }))).collect();
        for (n, key) in keys.iter().enumerate() {
            cache.put(key, &reply("x"));
            let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + n as u64);
            fs::File::options().write(true).open(cache.file(key)).unwrap().set_modified(then).unwrap();
        }
        let size = fs::metadata(cache.file(&keys[0])).unwrap().len();
        cache.prune(3 * size);
        assert!(keys.iter().all(|k| cache.get(k).is_some()), "looked at a moment ago");
        fs::remove_file(cache.folder.join("pruned")).unwrap();
        cache.prune(3 * size);
        let left: Vec<bool> = keys.iter().map(|k| cache.get(k).is_some()).collect();
        assert_eq!(left, [false, false, false, false, false, false, false, true, true, true]);
    }
}
