//! Scans: when they begin, go on, and what their end says.

use super::*;

impl Worker {
    pub(super) fn scan_all(&mut self, purpose: Purpose) {
        for root in 0..self.roots.len() {
            self.scan(root, self.roots[root].path.clone(), purpose);
        }
    }

    /// Tells of everything below the folder again.
    pub(super) fn rescan(&mut self, below: Option<PathBuf>) {
        self.drained = false;
        let Some(below) = below.map(|below| resolved(&below)) else { return self.scan_all(Purpose::Again) };
        for root in 0..self.roots.len() {
            let path = self.roots[root].path.clone();
            if below.starts_with(&path) {
                self.scan(root, below.clone(), Purpose::Again);
            } else if path.starts_with(&below) {
                self.scan(root, path, Purpose::Again);
            }
        }
    }

    /// Queues a scan, unless one that has not begun yet covers it.
    pub(super) fn scan(&mut self, root: usize, base: PathBuf, purpose: Purpose) {
        let covers = |scan: &Scan| {
            scan.root == root && scan.number == 0 && base.starts_with(&scan.base) && scan.purpose >= purpose
        };
        if self.scans.iter().any(covers) {
            return;
        }
        let filter = Arc::clone(&self.filter);
        let scan = Scan::new(root, &self.roots[root].path, base, purpose, filter);
        if scan.is_whole() {
            self.roots[root].next_scan = None;
        }
        self.scans.push_back(scan);
    }

    /// Goes on with the scan in front for a while.
    pub(super) fn scan_on(&mut self) {
        let Some(mut scan) = self.scans.pop_front() else { return };
        if scan.number == 0 && !self.begin(&mut scan) {
            return;
        }
        let turn = Instant::now() + SCAN_TURN;
        while Instant::now() < turn {
            match scan.next() {
                Some(Some(found)) => self.meet(&scan, found),
                Some(None) => {}
                None => return self.end(&scan),
            }
        }
        self.scans.push_front(scan);
    }

    /// Watch first, then scan: also folders that the watcher missed are watched before they are looked into.
    fn begin(&mut self, scan: &mut Scan) -> bool {
        self.scans_begun += 1;
        scan.number = self.scans_begun;
        scan.filter = Arc::clone(&self.filter);
        if self.ended {
            return true;
        }
        if !self.still_there(scan.root) {
            return false;
        }
        if scan.is_whole() {
            self.roots[scan.root].forget_links();
        }
        self.cover(scan.root, &scan.base);
        true
    }

    fn meet(&mut self, scan: &Scan, found: Found) {
        match found {
            Found::File(path, stat) => {
                self.seen.met(&path, scan.number);
                if scan.purpose == Purpose::Again && self.seen.has(&path, stat) && !self.pending.is_owed(&path) {
                    self.pending.forget(&path);
                    return self.tell(Event::File { path, stat, fresh: false });
                }
                let backlog = scan.purpose == Purpose::First;
                self.see(&path, stat, false, Sighting { writer: false, backlog });
            }
            Found::Link(link, target) => {
                if self.roots[scan.root].link(link, target.clone()) && !self.ended {
                    self.cover(scan.root, &target);
                }
            }
            Found::Trouble(note) => {
                if self.troubles.insert(note.clone(), scan.number).is_none() {
                    self.tell(Event::Note(note));
                }
            }
        }
    }

    fn end(&mut self, scan: &Scan) {
        if self.ended || !self.still_there(scan.root) {
            return;
        }
        self.gone(&self.seen.not_met(&scan.base, scan.number));
        if scan.is_whole() {
            let roots = self.roots.iter().map(|root| root.path.as_path());
            self.gone(&self.seen.outside(roots));
            let met_again = |note: &Note, last: &mut u64| *last >= scan.number || !note.is_below(&scan.base);
            self.troubles.retain(|note, last| met_again(note, last));
            let root = &mut self.roots[scan.root];
            root.next_scan = Some(Instant::now() + root.interval(&self.options));
        }
    }
}
