//! Rank correlation and bootstrap intervals.

use crate::draw::Draw;

/// Spearman's correlation: Pearson's over ranks, ties sharing the mean of theirs. 0 where the second list is the same
/// everywhere (nothing was told apart); `None` for fewer than three pairs, or a first list without differences.
#[must_use]
pub fn spearman(planted: &[f64], found: &[f64]) -> Option<f64> {
    if planted.len() < 3 || planted.len() != found.len() {
        return None;
    }
    let (a, b) = (ranks(planted), ranks(found));
    let mean = (a.len() + 1) as f64 / 2.0;
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    let (spread_a, spread_b) = (product(&a, &a), product(&b, &b));
    if spread_a <= 0.0 {
        return None;
    }
    Some(if spread_b <= 0.0 { 0.0 } else { product(&a, &b) / (spread_a * spread_b).sqrt() })
}

/// Ranks from 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    for group in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let rank = from as f64 + (group.len() + 1) as f64 / 2.0;
        group.iter().for_each(|&i| ranks[i] = rank);
        from += group.len();
    }
    ranks
}

/// The mean; `None` of nothing.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.into_iter().fold((0.0, 0_u64), |(s, n), v| (s + v, n + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Percentile bootstrap: the bounds that hold 95 % of each of `N` figures over resamples of the items. Resamples in
/// which a figure has no value don't count for it.
#[must_use]
pub fn bootstrap<T, const N: usize>(
    items: &[T],
    resamples: usize,
    seed: u64,
    figures: impl Fn(&[&T]) -> [Option<f64>; N] + Sync,
) -> [Option<(f64, f64)>; N]
where
    T: Sync,
{
    use rayon::prelude::*;
    if items.is_empty() {
        return [None; N];
    }
    let all: Vec<[Option<f64>; N]> = (0..resamples)
        .into_par_iter()
        .map(|n| {
            let mut draw = Draw::new(seed, &format!("bootstrap {n}"));
            let sample: Vec<&T> = items.iter().map(|_| &items[draw.below(items.len())]).collect();
            figures(&sample)
        })
        .collect();
    std::array::from_fn(|k| {
        let mut values: Vec<f64> = all.iter().filter_map(|f| f[k]).collect();
        values.sort_by(f64::total_cmp);
        Some((percentile(&values, 0.025)?, percentile(&values, 0.975)?))
    })
}

/// Between the two nearest of sorted values.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(at.floor() as usize)?, sorted.get(at.ceil() as usize)?);
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spearman_by_hand() {
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 21.0]), Some(1.0));
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, -1.0]), Some(-1.0));
        // Ranks 1 2.5 2.5 4 against 1 2 3 4: 4.5 / sqrt(4.5 * 5).
        let tied = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((tied - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{tied}");
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[0.0; 3]), Some(0.0));
        assert_eq!(spearman(&[2.0; 3], &[1.0, 2.0, 3.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn the_bootstrap_is_repeatable_and_holds_the_mean() {
        let items: Vec<f64> = (0..200).map(|i| f64::from(i % 10)).collect();
        let figures = |s: &[&f64]| [mean(s.iter().map(|v| **v)), None];
        let [one, two] = [0, 1].map(|_| bootstrap(&items, 500, 7, figures));
        assert_eq!(one, two);
        let (low, high) = one[0].unwrap();
        // Standard error 2.87 / sqrt(200) = 0.203.
        assert!((4.5 - low - 0.4).abs() < 0.08 && (high - 4.5 - 0.4).abs() < 0.08, "{low} {high}");
        assert_eq!(one[1], None);
        assert_ne!(one[0], bootstrap(&items, 500, 8, figures)[0]);
        assert_eq!(bootstrap(&[0.0; 0], 10, 1, |_| [Some(1.0)]), [None]);
    }
}
