//! Requests and tokens per minute, spread evenly: a bucket of a second's worth, shared by all worker processes.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The limits; `None` = none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PerMinute {
    pub requests: Option<f64>,
    pub tokens: Option<f64>,
}

/// What is left at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bucket {
    requests: f64,
    tokens: f64,
    /// Unix time in seconds.
    at: f64,
}

/// Says when the next request may be sent.
#[derive(Debug)]
pub(super) struct Rate {
    limits: PerMinute,
    file: Option<PathBuf>,
    here: Mutex<Option<Bucket>>,
}

impl Rate {
    pub(super) fn new(limits: PerMinute, folder: Option<&Path>) -> Self {
        Self { limits, file: folder.map(|f| f.join("rate.json")), here: Mutex::new(None) }
    }

    /// Takes one request of about so many tokens; else says how long to wait.
    pub(super) fn take(&self, tokens: u64) -> Result<(), Duration> {
        if self.limits.requests.is_none() && self.limits.tokens.is_none() {
            return Ok(());
        }
        self.change(|bucket| {
            let wait = |limit: Option<f64>, left: f64, wanted: f64| match limit {
                // A request that needs more than a whole bucket waits for a full one, and overdraws it.
                Some(limit) => (wanted.min(capacity(limit)) - left).max(0.0) * 60.0 / limit,
                None => 0.0,
            };
            let seconds = wait(self.limits.requests, bucket.requests, 1.0).max(wait(
                self.limits.tokens,
                bucket.tokens,
                tokens as f64,
            ));
            if seconds > 1e-3 {
                return Err(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(60)));
            }
            bucket.requests -= 1.0;
            bucket.tokens -= tokens as f64;
            Ok(())
        })
    }

    /// Puts the guess of [`Rate::take`] right.
    pub(super) fn settle(&self, guessed: u64, used: u64) {
        if self.limits.tokens.is_some() {
            self.change(|bucket| bucket.tokens += guessed as f64 - used as f64);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.file.as_deref().and_then(locked);
        let kept = file.as_ref().and_then(read).or(*here);
        let mut bucket = self.filled(kept, now());
        let result = change(&mut bucket);
        *here = Some(bucket);
        // Without the file, the limit holds in this process alone.
        if let Some(mut file) = file
            && let Err(e) = write(&mut file, &bucket)
        {
            tracing::debug!("limits per minute hold for each worker alone: {e}");
        }
        result
    }

    fn filled(&self, kept: Option<Bucket>, now: f64) -> Bucket {
        let (requests, tokens) = (self.limits.requests.unwrap_or(0.0), self.limits.tokens.unwrap_or(0.0));
        let full = Bucket { requests: capacity(requests), tokens: capacity(tokens), at: now };
        let Some(kept) = kept.filter(|b| b.requests.is_finite() && b.tokens.is_finite() && b.at.is_finite()) else {
            return full;
        };
        // Clocks may be set; nothing is owed for longer than a minute.
        let passed = (now - kept.at).clamp(0.0, 60.0) / 60.0;
        Bucket {
            requests: (kept.requests + requests * passed).clamp(-requests, full.requests),
            tokens: (kept.tokens + tokens * passed).clamp(-tokens, full.tokens),
            at: now,
        }
    }
}

fn capacity(per_minute: f64) -> f64 {
    (per_minute / 60.0).max(1.0)
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn locked(path: &Path) -> Option<File> {
    let file = File::options().create(true).truncate(false).read(true).write(true).open(path).ok()?;
    file.lock().ok()?;
    Some(file)
}

fn read(mut file: &File) -> Option<Bucket> {
    let mut text = String::new();
    file.take(1000).read_to_string(&mut text).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File, bucket: &Bucket) -> std::io::Result<()> {
    let text = serde_json::to_vec(bucket).map_err(std::io::Error::other)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&text)?;
    file.set_len(text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PerMinute = PerMinute { requests: Some(600.0), tokens: Some(60_000.0) };

    #[test]
    fn a_second_is_free_and_then_it_takes_time() {
        let dir = tempfile::tempdir().unwrap();
        // Two of them on one folder are two processes.
        let rates = [Rate::new(LIMITS, Some(dir.path())), Rate::new(LIMITS, Some(dir.path()))];
        let began = std::time::Instant::now();
        let taken = (0..30).filter(|n| rates[n % 2].take(1).is_ok()).count();
        let most = 11.0 + 10.0 * began.elapsed().as_secs_f64();
        assert!(taken >= 10 && taken as f64 <= most, "{taken}");
        while rates[0].take(1).is_ok() {}
        let wait = rates[0].take(1).unwrap_err();
        assert!(wait <= Duration::from_millis(110), "{wait:?}");
        std::thread::sleep(wait + Duration::from_millis(5));
        assert!(rates[0].take(1).is_ok());
    }

    #[test]
    fn tokens_are_counted_and_settled() {
        let rate = Rate::new(PerMinute { requests: None, ..LIMITS }, None);
        assert!(rate.take(5000).is_ok(), "more than a bucket, but the bucket was full");
        let wait = rate.take(1000).unwrap_err();
        assert!(wait > Duration::from_secs(4), "{wait:?}");
        rate.settle(5000, 10);
        assert!(rate.take(900).is_ok());
    }

    #[test]
    fn spoilt_files_and_clocks_do_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let rate = Rate::new(LIMITS, Some(dir.path()));
        std::fs::write(dir.path().join("rate.json"), "garbage").unwrap();
        assert!(rate.take(1).is_ok());
        let future = Bucket { requests: -1e9, tokens: -1e9, at: 1e12 };
        let filled = rate.filled(Some(future), 0.0);
        assert_eq!((filled.requests, filled.tokens), (-600.0, -60_000.0));
        assert!(Rate::new(PerMinute::default(), None).take(u64::MAX).is_ok());
    }
}
