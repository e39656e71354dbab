//! Drawing a token by its probability, in place of taking the most likely one.

/// How tokens are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Logits are divided by it, above 0: below 1 likely tokens become likelier still.
    pub temperature: f64,
    /// Only so many of the most likely tokens are drawn from.
    pub top_k: Option<usize>,
    /// Only as many of the most likely tokens as have this probability together, `0..=1`, at least one. Of what `top_k`
    /// left, if both are given.
    pub top_p: f64,
    /// Equal seeds draw equally.
    pub seed: u64,
}

impl Sampling {
    /// Draws one of these logits; `None` where a NaN or an infinite one is among them. `-inf` is never drawn.
    pub fn draw(&self, logits: &[f32], dice: &mut Dice) -> Option<usize> {
        let candidates = self.candidates(logits)?;
        let sum: f64 = candidates.iter().map(|c| c.1).sum();
        let mut left = dice.roll() * sum;
        let drawn = candidates.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        // Rounding may leave a little over at the end.
        drawn.or(candidates.last()).map(|c| c.0)
    }

    /// What is drawn from, with weights in proportion to the probabilities; `None` as in [`Sampling::draw`].
    #[must_use]
    pub fn candidates(&self, logits: &[f32]) -> Option<Vec<(usize, f64)>> {
        if logits.iter().any(|l| l.is_nan()) {
            return None;
        }
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if !most.is_finite() {
            return None;
        }
        let weigh = |&l: &f32| (f64::from(l - most) / self.temperature).exp();
        let mut all: Vec<(usize, f64)> = logits.iter().map(weigh).enumerate().filter(|c| c.1 > 0.0).collect();
        let by_weight = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if let Some(k) = self.top_k.filter(|k| *k < all.len()) {
            all.select_nth_unstable_by(k.max(1) - 1, by_weight);
            all.truncate(k.max(1));
        }
        if self.top_p < 1.0 {
            let sum: f64 = all.iter().map(|c| c.1).sum();
            // Together, tokens as rare as this have less than what may be left out: they need not be sorted.
            let rare = (1.0 - self.top_p) * sum / all.len() as f64;
            all.retain(|c| c.1 >= rare);
            all.sort_unstable_by(by_weight);
            let mut reached = 0.0;
            let enough = all.iter().position(|c| {
                reached += c.1;
                reached >= self.top_p * sum
            });
            all.truncate(enough.map_or(all.len(), |last| last + 1));
        }
        Some(all)
    }
}

/// Random numbers of one answer (SplitMix64): each has its own, so that an answer doesn't depend on those beside it.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Starts a series.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, in `0..1`.
    pub fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The upper 53 bits: as many as an f64 has.
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Sampling = Sampling { temperature: 1.0, top_k: None, top_p: 1.0, seed: 0 };

    /// Probabilities of all, in f64.
    fn probabilities(logits: &[f32], temperature: f64) -> Vec<f64> {
        let weights: Vec<f64> = logits.iter().map(|l| (f64::from(*l) / temperature).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect()
    }

    fn shares(sampling: &Sampling, logits: &[f32]) -> Vec<f64> {
        const ROLLS: usize = 40_000;
        let (mut counts, mut dice) = (vec![0.0; logits.len()], Dice::new(sampling.seed));
        for _ in 0..ROLLS {
            counts[sampling.draw(logits, &mut dice).unwrap()] += 1.0 / ROLLS as f64;
        }
        counts
    }

    #[test]
    fn tokens_are_drawn_as_often_as_they_are_likely() {
        let logits = [0.5_f32, -1.0, 2.0, f32::NEG_INFINITY, 0.0];
        for temperature in [0.7, 1.0, 1.5] {
            let drawn = shares(&Sampling { temperature, seed: 3, ..PLAIN }, &logits);
            for (drawn, expected) in drawn.iter().zip(probabilities(&logits, temperature)) {
                // Four standard deviations of 40,000 rolls.
                assert!((drawn - expected).abs() < 0.01, "{drawn} {expected}");
            }
            assert_eq!(drawn[3], 0.0);
        }
        // Of the two most likely ones, in the same proportion to each other.
        let drawn = shares(&Sampling { top_k: Some(2), ..PLAIN }, &logits);
        assert_eq!((drawn[1], drawn[3], drawn[4]), (0.0, 0.0, 0.0));
        assert!((drawn[2] / drawn[0] - 1.5_f64.exp()).abs() < 0.2, "{drawn:?}");
    }

    #[test]
    fn equal_seeds_roll_equally_and_others_do_not() {
        let series = |seed| -> Vec<f64> {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.roll()).collect()
        };
        assert_eq!(series(1), series(1));
        assert!(series(1).iter().zip(series(2)).all(|(a, b)| *a != b));
        assert!(series(0).iter().all(|r| (0.0..1.0).contains(r)));
    }

    #[test]
    fn numbers_that_ran_away_are_not_drawn_from() {
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(PLAIN.draw(&[0.0, bad, 1.0], &mut Dice::new(0)), None);
        }
        assert_eq!(PLAIN.draw(&[f32::NEG_INFINITY; 3], &mut Dice::new(0)), None);
        assert_eq!(PLAIN.draw(&[], &mut Dice::new(0)), None);
        let cold = Sampling { temperature: 1e-9, ..PLAIN };
        assert_eq!(cold.draw(&[1.0, 80_000.0, 3.0], &mut Dice::new(0)), Some(1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn candidates_are_the_smallest_set_of_the_most_likely(
            logits in prop::collection::vec(-12.0_f32..12.0, 1..200),
            temperature in 0.2..3.0_f64,
            top_k in prop::option::of(1..40_usize),
            top_p in 0.0..=1.0_f64,
        ) {
            let sampling = Sampling { temperature, top_k, top_p, seed: 0 };
            let mut expected: Vec<(usize, f64)> = probabilities(&logits, temperature).into_iter().enumerate().collect();
            expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            expected.truncate(top_k.unwrap_or(usize::MAX));
            let all: f64 = expected.iter().map(|c| c.1).sum();
            let mut kept: Vec<usize> = sampling.candidates(&logits).unwrap().iter().map(|c| c.0).collect();
            kept.sort_unstable();
            let mut most: Vec<usize> = expected.iter().take(kept.len()).map(|c| c.0).collect();
            most.sort_unstable();
            prop_assert_eq!(&kept, &most, "the most likely ones");
            let share = |n: usize| expected[..n].iter().map(|c| c.1 / all).sum::<f64>();
            prop_assert!(share(kept.len()) >= top_p - 1e-9, "enough");
            prop_assert!(top_p >= 1.0 || kept.len() == 1 || share(kept.len() - 1) < top_p + 1e-9, "no more than enough");
            let drawn = sampling.draw(&logits, &mut Dice::new(7)).unwrap();
            prop_assert!(kept.contains(&drawn));
        }
    }
}
