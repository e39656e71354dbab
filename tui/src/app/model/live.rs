//! What is going on, and what inspects.

use giqa_watch::status::Status;
use std::collections::VecDeque;

/// Photos that are listed as the latest.
pub const LATEST: usize = 200;
/// Seconds of the chart.
pub const SECONDS: usize = 120;

/// What is going on.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// How the watcher is doing; `None` = nobody watches.
    pub status: Option<Status>,
    /// The watcher is this process.
    pub own: bool,
    /// Photos per second, oldest first.
    pub rates: VecDeque<f32>,
    /// Photos done and failed at the last sample, and when.
    pub sample: Option<(u64, i64)>,
    /// Rows of the latest photos, newest first.
    pub latest: VecDeque<u32>,
    /// The line under the cursor.
    pub cursor: usize,
    /// The first line that shows.
    pub top: usize,
}

/// How the watcher is doing.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    /// `None` = nobody watches.
    pub status: Option<Status>,
    /// It is this process.
    pub own: bool,
}

impl Live {
    /// Takes a pulse in.
    pub fn take(&mut self, pulse: Pulse, now: i64) {
        let total = pulse.status.as_ref().map(|s| s.done + s.failed);
        match (total, self.sample) {
            (Some(total), Some((before, at))) if now - at >= 1000 => {
                let rate = total.saturating_sub(before) as f32 * 1000.0 / (now - at) as f32;
                self.rates.push_back(rate);
                while self.rates.len() > SECONDS {
                    self.rates.pop_front();
                }
                self.sample = Some((total, now));
            }
            (Some(total), None) => self.sample = Some((total, now)),
            (Some(_), Some(_)) => {}
            (None, _) => self.sample = None,
        }
        (self.status, self.own) = (pulse.status, pulse.own);
    }

    /// Photos per second of late: over the last ten seconds.
    #[must_use]
    pub fn rate(&self) -> f32 {
        let last: Vec<f32> = self.rates.iter().rev().take(10).copied().collect();
        last.iter().fold(0.0, |sum, rate| sum + rate) / last.len().max(1) as f32
    }

    /// Photos came to an end, and others may be gone. The cursor stays on its photo; on the first line it stays on the
    /// first line, which is the newest.
    pub fn arrived(&mut self, rows: &[u32], there: impl Fn(u32) -> bool) {
        let under = self.latest.get(self.cursor).copied().filter(|_| self.cursor > 0);
        self.latest.retain(|n| there(*n) && !rows.contains(n));
        rows.iter().for_each(|row| self.latest.push_front(*row));
        self.latest.truncate(LATEST);
        let at = under.and_then(|row| self.latest.iter().position(|n| *n == row));
        self.cursor = at.unwrap_or(self.cursor).min(self.latest.len().saturating_sub(1));
    }
}

/// What inspects, and what could.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surveyed {
    /// The profile that is on.
    pub profile: String,
    /// All profiles.
    pub profiles: Vec<String>,
    /// Components of all plugins.
    pub components: Vec<ComponentInfo>,
    /// Plugins that can't be used, and why.
    pub problems: Vec<String>,
    /// This process watches, so that changes take effect.
    pub can_switch: bool,
}

/// A component.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComponentInfo {
    /// `plugin.component`.
    pub id: String,
    /// Metric, proposer or model.
    pub kind: String,
    /// Version of its plugin.
    pub version: String,
    /// Where the plugin comes from.
    pub origin: String,
    /// Whether it runs in a process of its own.
    pub isolation: String,
    /// It is in the profile.
    pub in_profile: bool,
    /// It was switched off by hand.
    pub off: bool,
    /// Why it can't be used.
    pub problem: Option<String>,
}
