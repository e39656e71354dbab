//! Batches that are too large for the memory.

use crate::error::{Result, TorchError};
use std::ops::Range;

/// Runs items at once; where memory runs out, in halves, and one that is too large alone fails alone. `run` gives a
/// result for each item of its range.
///
/// # Errors
/// What `run` reports for all of them.
pub(super) fn in_halves<T>(
    items: Range<usize>,
    run: &mut dyn FnMut(Range<usize>) -> Result<Vec<Result<T>>>,
) -> Result<Vec<Result<T>>> {
    match run(items.clone()) {
        Err(TorchError::OutOfMemory(what)) if items.len() > 1 => {
            tracing::warn!("{} prompts at once need more memory than there is ({what}): halves", items.len());
            let middle = items.start + items.len() / 2;
            let mut results = in_halves(items.start..middle, run)?;
            results.extend(in_halves(middle..items.end, run)?);
            Ok(results)
        }
        Err(error @ TorchError::OutOfMemory(_)) => Ok(vec![Err(error)]),
        results => results,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory for `room` units; each item needs its number. Notes the batches that ran.
    fn run(needs: &[usize], room: usize) -> (Result<Vec<Result<usize>>>, Vec<Range<usize>>) {
        let mut ran = Vec::new();
        let mut one = |items: Range<usize>| {
            if needs[items.clone()].iter().sum::<usize>() > room {
                return Err(TorchError::OutOfMemory("no room".to_owned()));
            }
            ran.push(items.clone());
            Ok(needs[items].iter().map(|&n| Ok(n)).collect())
        };
        let results = in_halves(0..needs.len(), &mut one);
        (results, ran)
    }

    #[test]
    fn everything_that_fits_is_done_once_and_in_order() {
        let (results, ran) = run(&[1, 2, 3, 9, 1], 4);
        let results: Vec<_> = results.unwrap().into_iter().map(|r| r.ok()).collect();
        assert_eq!(results, [Some(1), Some(2), Some(3), None, Some(1)]);
        assert_eq!(ran, [0..2, 2..3, 4..5]);
        assert_eq!(run(&[1, 2], 4).1.first(), Some(&(0..2)));
    }

    #[test]
    fn other_errors_end_it() {
        let mut calls = 0;
        let mut cancelled = |_| {
            calls += 1;
            Err::<Vec<Result<()>>, _>(TorchError::Cancelled)
        };
        assert!(matches!(in_halves(0..4, &mut cancelled), Err(TorchError::Cancelled)));
        assert_eq!(calls, 1);
    }
}
