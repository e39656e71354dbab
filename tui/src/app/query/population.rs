//! A photo's scores among those of others.

use super::run::score;
use crate::app::model::rows::Rows;
use std::path::{Path, PathBuf};

/// Columns of a histogram.
pub const COLUMNS: usize = 16;

/// Photos among which another has its place: those of one folder.
#[derive(Debug, Clone)]
pub struct Population {
    /// All rows.
    pub rows: Rows,
    /// The folder.
    pub folder: PathBuf,
}

/// Where a value lies among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The metric; empty = the overall score.
    pub metric: String,
    /// Share of the others whose value is lower, `0..=1`.
    pub below: f32,
    /// How many others there are.
    pub others: usize,
    /// How many there are from the lowest to the highest value.
    pub histogram: [u32; COLUMNS],
    /// In which column the value is.
    pub column: usize,
}

impl Population {
    /// Where a photo's values lie. Values by name of the metric; an empty name = the overall score.
    #[must_use]
    pub fn places(&self, values: &[(String, f32)]) -> Vec<Place> {
        let rows: Vec<_> = self.rows.iter().map(|(_, r)| r).filter(|r| r.path.parent() == Some(&self.folder)).collect();
        let of = |(name, value): &(String, f32)| {
            let others: Vec<f32> = if name.is_empty() {
                rows.iter().filter_map(|r| Some(r.result.as_ref()?.score)).collect()
            } else {
                let metric = self.rows.metric(name)?;
                rows.iter().filter_map(|r| score(r, metric)).collect()
            };
            place(name, *value, &others)
        };
        values.iter().filter_map(of).collect()
    }

    /// The photos of this one's folder.
    #[must_use]
    pub fn around(rows: &Rows, path: &Path) -> Self {
        Self { rows: rows.clone(), folder: path.parent().unwrap_or(path).to_owned() }
    }
}

fn place(metric: &str, value: f32, others: &[f32]) -> Option<Place> {
    if !value.is_finite() {
        return None;
    }
    let others: Vec<f32> = others.iter().copied().filter(|v| v.is_finite()).collect();
    let low = others.iter().copied().fold(value, f32::min);
    let high = others.iter().copied().fold(value, f32::max);
    let column =
        |v: f32| (((v - low) / (high - low).max(f32::MIN_POSITIVE) * COLUMNS as f32) as usize).min(COLUMNS - 1);
    let mut histogram = [0; COLUMNS];
    others.iter().for_each(|v| histogram[column(*v)] += 1);
    let below = others.iter().filter(|v| **v < value).count();
    Some(Place {
        metric: metric.to_owned(),
        below: below as f32 / others.len().max(1) as f32,
        others: others.len(),
        histogram,
        column: column(value),
    })
}
