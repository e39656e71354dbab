//! Photos that wait for the rest of their burst.

use super::inspect::Inspected;
use crate::look::Groups;
use std::time::{Duration, Instant};

/// Inspected photos whose groups may not be complete yet, and all groups of this run.
#[derive(Default)]
pub(super) struct Held {
    pub(super) groups: Groups,
    waiting: Vec<(usize, Inspected)>,
    /// When the last member of a group came.
    came: std::collections::BTreeMap<usize, Instant>,
}

impl Held {
    pub(super) fn hold(&mut self, group: usize, photo: Inspected) {
        self.waiting.push((group, photo));
        self.came.insert(group, Instant::now());
        // Groups that were joined have one number now.
        for (number, waiting) in &mut self.waiting {
            *number = self.groups.number(waiting.photo.id).unwrap_or(*number);
        }
    }

    /// Those whose group had no new member for so long; all of them when nothing more can come.
    pub(super) fn complete(&mut self, wait: Duration, all: bool) -> Vec<Inspected> {
        let came = &self.came;
        let is_due = |group: &usize| all || came.get(group).is_none_or(|at| at.elapsed() >= wait);
        let (due, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(group, _)| is_due(group));
        self.waiting = waiting;
        due.into_iter().map(|(_, photo): (usize, Inspected)| photo).collect()
    }

    /// How long until a group may be complete.
    pub(super) fn next(&self, wait: Duration) -> Duration {
        let left = self.waiting.iter().filter_map(|(group, _)| self.came.get(group));
        let left = left.map(|at| wait.saturating_sub(at.elapsed())).min();
        left.map_or(super::IDLE, |l| l.max(Duration::from_millis(5)))
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}
