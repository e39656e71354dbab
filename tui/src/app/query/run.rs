//! Applies a query to all rows.

use super::bursts;
use super::parse::{Query, Term};
use crate::app::model::rows::{Rows, verdict, worst};
use giqa_watch::store::Row;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;

/// By what photos are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The last change, newest first.
    #[default]
    Time,
    /// Overall score, worst first.
    Score,
    /// Path, by letters.
    Name,
    /// Worst severity, worst first.
    Faults,
    /// When it was taken, newest first.
    Taken,
    /// A metric, lowest first.
    Metric(String),
}

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request {
    /// All rows.
    pub rows: Rows,
    /// Which.
    pub query: Query,
    /// In which order.
    pub sort: Sort,
    /// The other way around.
    pub reversed: bool,
    /// Bursts are gathered; those of these photos are open.
    pub bursts: Option<HashSet<i64>>,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Number of the row.
    pub row: u32,
    /// Photos of its burst, on the line of its best; 0 for others.
    pub burst: u32,
    /// It stands below the best of its burst.
    pub member: bool,
}

/// The lines of the list.
#[must_use]
pub fn run(request: &Request) -> Vec<Entry> {
    let rows = &request.rows;
    let test = Test::new(rows, &request.query.terms);
    let mut order: Vec<u32> = rows.iter().filter(|(_, row)| test.holds(row)).map(|(number, _)| number).collect();
    if !request.query.fuzzy.is_empty() {
        fuzzy(rows, &request.query.fuzzy, &mut order);
    }
    sort(rows, &request.sort, request.reversed, &mut order);
    match &request.bursts {
        Some(open) => bursts::gather(rows, &order, open),
        None => order.into_iter().map(|row| Entry { row, burst: 0, member: false }).collect(),
    }
}

/// Keeps those of which each word is found: in the name of the file with its letters in their order, or as it is in the
/// path. Letters that are spread over the names of folders would be found nearly everywhere.
fn fuzzy(rows: &Rows, words: &str, found: &mut Vec<u32>) {
    let atom = |word, kind| Atom::new(word, CaseMatching::Smart, Normalization::Smart, kind, false);
    let words: Vec<(Atom, Atom)> =
        words.split_whitespace().map(|w| (atom(w, AtomKind::Fuzzy), atom(w, AtomKind::Substring))).collect();
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut buffer = Vec::new();
    found.retain(|number| {
        let Some(row) = rows.get(*number) else { return false };
        let path = row.path.to_string_lossy();
        let name = path.rsplit('/').next().unwrap_or_default();
        words.iter().all(|(spread, whole)| {
            spread.score(Utf32Str::new(name, &mut buffer), &mut matcher).is_some()
                || whole.score(Utf32Str::new(&path, &mut buffer), &mut matcher).is_some()
        })
    });
}

fn sort(rows: &Rows, sort: &Sort, reversed: bool, order: &mut [u32]) {
    let by = |key: &dyn Fn(&Row) -> f64, order: &mut [u32]| {
        let keys: Vec<f64> = (0..rows.len()).map(|n| rows.get(n).map_or(f64::NAN, key)).collect();
        let of = |n: &u32| keys.get(*n as usize).copied().unwrap_or(f64::NAN);
        order.sort_unstable_by(|a, b| {
            let (x, y) = (of(a), of(b));
            // What has no value comes last, either way.
            let known = x.is_nan().cmp(&y.is_nan());
            known.then_with(|| turned(reversed, x.total_cmp(&y))).then_with(|| b.cmp(a))
        });
    };
    match sort {
        Sort::Time => by(&|r| -(r.updated as f64), order),
        Sort::Taken => by(&|r| r.result.as_ref().and_then(|b| b.taken).map_or(f64::NAN, |t| -(t as f64)), order),
        Sort::Score => by(&|r| r.result.as_ref().map_or(f64::NAN, |b| f64::from(b.score)), order),
        Sort::Faults => by(&|r| worst(r).map_or(f64::NAN, |(_, s)| -f64::from(s)), order),
        Sort::Metric(name) => {
            let metric = rows.metric(name);
            by(&|r| metric.and_then(|m| score(r, m)).map_or(f64::NAN, f64::from), order);
        }
        Sort::Name => {
            let name = |n: &u32| rows.get(*n).map_or(&[][..], |r| r.path.as_os_str().as_bytes());
            order.sort_unstable_by(|a, b| turned(reversed, name(a).cmp(name(b))));
        }
    }
}

fn turned(reversed: bool, order: Ordering) -> Ordering {
    if reversed { order.reverse() } else { order }
}

/// A metric's value of a photo.
#[must_use]
pub fn score(row: &Row, metric: u16) -> Option<f32> {
    row.result.as_ref()?.scores.iter().find(|(m, _)| *m == metric).map(|(_, v)| *v)
}

/// Terms with what they need of the table looked up once.
struct Test<'a> {
    terms: Vec<(&'a Term, Vec<u16>)>,
}

impl<'a> Test<'a> {
    fn new(rows: &Rows, terms: &'a [Term]) -> Self {
        let metrics = |wanted: &dyn Fn(&str) -> bool| -> Vec<u16> {
            (0..).zip(rows.metrics.iter()).filter(|(_, name)| wanted(name)).map(|(n, _)| n).collect()
        };
        let with = |term: &'a Term| match term {
            Term::Metric(name, _) => {
                (term, metrics(&|m| m == name || m.split_once('.').is_some_and(|(_, short)| short == name)))
            }
            Term::Plugin(name) => (term, metrics(&|m| m.split_once('.').is_some_and(|(plugin, _)| plugin == name))),
            _ => (term, Vec::new()),
        };
        Self { terms: terms.iter().map(with).collect() }
    }

    fn holds(&self, row: &Row) -> bool {
        self.terms.iter().all(|(term, metrics)| {
            let brief = row.result.as_ref();
            match term {
                Term::Level(level) => brief.is_some_and(|b| b.level == *level),
                Term::Verdict(decision) => verdict(row) == *decision,
                Term::ByHand(by_hand) => row.hand.is_some() == *by_hand,
                Term::State(state) => row.state == *state,
                Term::Gone(gone) => row.gone == *gone,
                Term::Pending => row.pending > 0,
                Term::Fault(attribute, bound) => {
                    brief.is_some_and(|b| bound.holds(f32::from(b.faults[*attribute as usize]) / 255.0))
                }
                Term::Score(bound) => brief.is_some_and(|b| bound.holds(b.score)),
                Term::Metric(_, bound) => metrics.iter().any(|m| score(row, *m).is_some_and(|v| bound.holds(v))),
                Term::Plugin(_) => metrics.iter().any(|m| score(row, *m).is_some()),
                Term::Within(folder) => row.path.starts_with(folder),
                Term::Among(photos) => photos.contains(&row.id),
                Term::Path(part) => row.path.to_string_lossy().to_lowercase().contains(part.as_str()),
            }
        })
    }
}
