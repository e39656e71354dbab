//! Bursts: photos of one folder that look alike and were taken soon after each other.

use super::run::Entry;
use crate::app::model::rows::Rows;
use giqa_watch::look::alike;
use giqa_watch::store::Row;
use std::collections::{HashMap, HashSet};

/// Photos before and after in time that a photo is compared with: bursts are short, and this keeps all of it linear.
const NEIGHBOURS: usize = 8;

/// Lines with each burst on one, the best photo's; members follow where it is open. A burst stands where its first
/// photo stood.
pub fn gather(rows: &Rows, order: &[u32], open: &HashSet<i64>) -> Vec<Entry> {
    let groups = groups(rows, order);
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for &row in order {
        members.entry(groups[&row]).or_default().push(row);
    }
    let mut entries = Vec::with_capacity(members.len());
    for &row in order {
        let Some(mut burst) = members.remove(&groups[&row]) else { continue };
        let score = |n: &u32| rows.get(*n).and_then(|r| r.result.as_ref()).map_or(-1.0, |b| b.score);
        // The first of the best, in the order of the list.
        let mut best = 0;
        for at in 1..burst.len() {
            if score(&burst[at]) > score(&burst[best]) {
                best = at;
            }
        }
        let head = burst.remove(best);
        let size = if burst.is_empty() { 0 } else { burst.len() as u32 + 1 };
        entries.push(Entry { row: head, burst: size, member: false });
        if rows.get(head).is_some_and(|r| open.contains(&r.id)) {
            entries.extend(burst.into_iter().map(|row| Entry { row, burst: 0, member: true }));
        }
    }
    entries
}

/// The number of the burst of each row: that of one of its photos.
fn groups(rows: &Rows, order: &[u32]) -> HashMap<u32, u32> {
    let mut parent: HashMap<u32, u32> = order.iter().map(|n| (*n, *n)).collect();
    let mut by_time: Vec<(&Row, u32)> = order.iter().filter_map(|n| Some((rows.get(*n)?, *n))).collect();
    let time = |row: &Row| row.result.as_ref().and_then(|b| b.taken);
    by_time.retain(|(row, _)| row.result.as_ref().is_some_and(|b| b.look.is_some()));
    by_time.sort_by(|(a, _), (b, _)| (a.path.parent(), time(a), &a.path).cmp(&(b.path.parent(), time(b), &b.path)));
    for (at, (a, number)) in by_time.iter().enumerate() {
        for (b, other) in by_time.iter().skip(at + 1).take(NEIGHBOURS) {
            if a.path.parent() != b.path.parent() {
                break;
            }
            let look = |row: &Row| row.result.as_ref().and_then(|r| r.look).unwrap_or(0);
            if alike((look(a), time(a)), (look(b), time(b))) {
                let (x, y) = (find(&parent, *number), find(&parent, *other));
                parent.insert(x.max(y), x.min(y));
            }
        }
    }
    order.iter().map(|n| (*n, find(&parent, *n))).collect()
}

fn find(parent: &HashMap<u32, u32>, mut n: u32) -> u32 {
    while let Some(&up) = parent.get(&n).filter(|up| **up != n) {
        n = up;
    }
    n
}
