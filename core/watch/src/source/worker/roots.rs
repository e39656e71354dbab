//! Roots that go away and come back.

use super::*;

impl Worker {
    /// Checks on the roots, and begins the scans whose time has come.
    pub(super) fn keep_time(&mut self) {
        let now = Instant::now();
        if self.next_check <= now {
            self.next_check = now + self.options.poll_interval;
            for root in 0..self.roots.len() {
                if !self.still_there(root) {
                    self.bring_back(root);
                }
            }
        }
        for root in 0..self.roots.len() {
            if self.roots[root].next_scan.is_some_and(|due| due <= now) && self.still_there(root) {
                self.scan(root, self.roots[root].path.clone(), Purpose::Look);
            }
        }
    }

    /// Whether the root is open, and still the same folder. If it is not, that is told.
    pub(super) fn still_there(&mut self, root: usize) -> bool {
        if self.roots[root].is_open() && !self.roots[root].is_there() {
            self.lose(root);
        }
        self.roots[root].is_open()
    }

    /// The root is away, and what was below it is not gone: it may come back.
    pub(super) fn lose(&mut self, root: usize) {
        if self.roots[root].is_open() {
            self.roots[root].close();
            self.roots[root].next_scan = None;
            self.scans.retain(|scan| scan.root != root);
            self.tell(Event::Note(Note::RootLost { root: self.roots[root].path.clone() }));
            self.bring_back(root);
        }
    }

    /// Watches and scans a root that is there again.
    fn bring_back(&mut self, root: usize) {
        if !self.roots[root].can_return() {
            return;
        }
        let path = self.roots[root].path.clone();
        // Not told if it fails: it is tried again, and was reported as lost.
        if let Ok(note) = self.roots[root].open(&self.options, &self.inbox) {
            self.tell(Event::Note(Note::RootBack { root: path.clone() }));
            note.into_iter().for_each(|note| self.tell(Event::Note(note)));
            self.scan(root, path, Purpose::Look);
        }
    }

    /// Watches a folder of the root with all below it.
    pub(super) fn cover(&mut self, root: usize, folder: &Path) {
        if let Err(error) = self.roots[root].cover(folder) {
            match PollingReason::of(&error) {
                // It vanished, or can't be read: the walk says which.
                PollingReason::Failed(_) => {}
                limit => self.poll(root, limit),
            }
        }
    }

    pub(super) fn poll(&mut self, root: usize, why: PollingReason) {
        let note = self.roots[root].poll(why, self.options.poll_interval);
        self.tell(Event::Note(note));
    }
}
