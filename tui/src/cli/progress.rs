//! How far a run is: a bar with rate and time left on a terminal, plain lines elsewhere.

use super::args::Global;
use super::terminal;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often a plain line is written.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows the progress of a batch on stderr.
pub struct Progress {
    bar: ProgressBar,
    lines: bool,
    began: Instant,
    last_line: Instant,
}

impl Progress {
    /// Progress of `total` images; silent with `--quiet` and for a single image.
    pub fn new(global: &Global, total: usize) -> Self {
        let shown = !global.quiet && total > 1;
        let terminal = std::io::stderr().is_terminal();
        let target = if shown && terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let template = "{bar:24} {pos}/{len} photos, {per_sec}, {eta} left {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { bar, lines: shown && !terminal, began: now, last_line: now }
    }

    /// One more is done. `write` prints to stdout; the bar steps aside meanwhile.
    pub fn step<T>(&mut self, write: impl FnOnce() -> T) -> T {
        let value = self.bar.suspend(write);
        self.bar.inc(1);
        if self.lines && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
            let rate = done as f64 / self.began.elapsed().as_secs_f64().max(1e-9);
            let left = (total.saturating_sub(done)) as f64 / rate.max(1e-9);
            terminal::note(&format!("{done}/{total} photos, {rate:.1}/s, {left:.0} s left"));
        }
        value
    }

    /// Says something on stderr without tearing the bar.
    pub fn note(&self, line: &str) {
        self.bar.suspend(|| terminal::note(line));
    }

    /// Takes the bar away.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
