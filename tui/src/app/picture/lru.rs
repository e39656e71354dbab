//! A cache that forgets what was not used for longest when it gets too large.

/// Few and large things: a list is quick enough.
pub(super) struct Lru<K, V> {
    /// Last used last.
    entries: Vec<(K, V, usize)>,
    bytes: usize,
    most: usize,
}

impl<K, V: Clone> Lru<K, V> {
    /// Holds up to `most` bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { entries: Vec::new(), bytes: 0, most }
    }

    pub(super) fn get(&mut self, is: impl Fn(&K) -> bool) -> Option<V> {
        let index = self.entries.iter().position(|(k, ..)| is(k))?;
        let entry = self.entries.remove(index);
        let value = entry.1.clone();
        self.entries.push(entry);
        Some(value)
    }

    pub(super) fn has(&self, is: impl Fn(&K) -> bool) -> bool {
        self.entries.iter().any(|(k, ..)| is(k))
    }

    /// Keeps it, and forgets what it replaces. What is larger than everything allowed is not kept.
    pub(super) fn put(&mut self, key: K, value: V, bytes: usize, is: impl Fn(&K) -> bool) {
        self.remove(is);
        if bytes > self.most {
            return;
        }
        self.bytes += bytes;
        self.entries.push((key, value, bytes));
        while self.bytes > self.most && !self.entries.is_empty() {
            self.bytes -= self.entries.remove(0).2;
        }
    }

    pub(super) fn remove(&mut self, is: impl Fn(&K) -> bool) {
        self.entries.retain(|(k, ..)| !is(k));
        self.bytes = self.entries.iter().map(|e| e.2).sum();
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_used_goes_first() {
        let mut cache = Lru::new(10);
        for k in 0..3 {
            cache.put(k, k, 3, |e| *e == k);
        }
        assert_eq!(cache.get(|k| *k == 0), Some(0));
        cache.put(3, 3, 3, |e| *e == 3);
        assert_eq!([0, 1, 2, 3].map(|k| cache.has(|e| *e == k)), [true, false, true, true]);
        cache.put(9, 9, 11, |e| *e == 9);
        assert!(!cache.has(|e| *e == 9) && cache.bytes() == 9);
        cache.put(0, 7, 1, |e| *e == 0);
        assert_eq!((cache.get(|e| *e == 0), cache.bytes()), (Some(7), 7));
        cache.clear();
        assert_eq!(cache.bytes(), 0);
    }
}
