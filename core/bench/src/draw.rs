//! Chance from a seed: the same seed and label give the same numbers on every machine and in every version.
//!
//! ChaCha8 is a fixed stream of bits; what is made of the bits stands here, so that no library's change of a
//! distribution changes a picture.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of chance.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of a seed and a label.
    #[must_use]
    pub fn new(seed: u64, label: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes()).update(label.as_bytes());
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// A number in `0..1`.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `n`; 0 for `n` = 0.
    pub fn below(&mut self, n: usize) -> usize {
        // The bias of at most n / 2^64 is far below anything that could be seen.
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// One of them; `None` of none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// A shuffle (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// A number of mean 0 and standard deviation 1: the sum of twelve even ones, which needs no logarithm and so
    /// comes out the same everywhere.
    pub fn normal(&mut self) -> f32 {
        let mut sum = 0_u32;
        for _ in 0..3 {
            let bits = self.0.next_u64();
            sum += (0..4).map(|i| (bits >> (16 * i)) as u32 & 0xffff).sum::<u32>();
        }
        sum as f32 / 65_535.0 - 6.0
    }
}

/// Deals items so that each comes equally often: a shuffled pack, and another when it is used up.
pub struct Deck<T> {
    items: Vec<T>,
    pack: Vec<T>,
    draw: Draw,
}

impl<T: Clone> Deck<T> {
    /// A deck of these items.
    #[must_use]
    pub fn new(items: Vec<T>, draw: Draw) -> Self {
        Self { items, pack: Vec::new(), draw }
    }

    /// The next; `None` from a deck of nothing.
    pub fn deal(&mut self) -> Option<T> {
        if self.pack.is_empty() {
            self.pack.clone_from(&self.items);
            self.draw.shuffle(&mut self.pack);
        }
        self.pack.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_same_seed_and_label_give_the_same() {
        let take = |seed, label| -> Vec<u64> {
            let mut draw = Draw::new(seed, label);
            (0..4).map(|_| draw.0.next_u64()).collect()
        };
        assert_eq!(take(1, "a"), take(1, "a"));
        assert_ne!(take(1, "a"), take(2, "a"));
        assert_ne!(take(1, "a"), take(1, "b"));
    }

    #[test]
    fn ranges_and_moments() {
        let mut draw = Draw::new(7, "");
        assert!((0..1000).all(|_| draw.below(3) < 3 && (0.0..1.0).contains(&draw.unit())));
        assert_eq!((draw.below(0), draw.pick::<u8>(&[])), (0, None));
        let values: Vec<f64> = (0..20_000).map(|_| f64::from(draw.normal())).collect();
        let mean = values.iter().sum::<f64>() / 2e4;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn a_deck_deals_equally() {
        let mut deck = Deck::new((0..5).collect(), Draw::new(3, "deck"));
        let mut counts = BTreeMap::<i32, usize>::new();
        for _ in 0..23 {
            *counts.entry(deck.deal().unwrap()).or_default() += 1;
        }
        assert!(counts.len() == 5 && counts.values().all(|&n| n == 4 || n == 5), "{counts:?}");
        assert_eq!(Deck::<u8>::new(Vec::new(), Draw::new(0, "")).deal(), None);
    }
}
