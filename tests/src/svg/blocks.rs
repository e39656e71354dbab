//! Block elements: letters that are parts of a cell, and must meet their neighbours.

/// Which part of its cell a block fills, as `[x, y, width, height]` of a cell, and how densely.
pub(super) fn part(contents: &str) -> Option<([f64; 4], f64)> {
    let mut chars = contents.chars();
    let (block, None) = (chars.next()?, chars.next()) else { return None };
    let eighths = |n: u32| f64::from(n) / 8.0;
    let code = block as u32;
    Some(match code {
        0x2580 => ([0.0, 0.0, 1.0, 0.5], 1.0),
        // From below, one eighth to all.
        0x2581..=0x2588 => ([0.0, 1.0 - eighths(code - 0x2580), 1.0, eighths(code - 0x2580)], 1.0),
        // From the left, seven eighths to one.
        0x2589..=0x258f => ([0.0, 0.0, eighths(0x2590 - code), 1.0], 1.0),
        0x2590 => ([0.5, 0.0, 0.5, 1.0], 1.0),
        0x2591..=0x2593 => ([0.0, 0.0, 1.0, 1.0], f64::from(code - 0x2590) / 4.0),
        0x2594 => ([0.0, 0.0, 1.0, eighths(1)], 1.0),
        0x2595 => ([1.0 - eighths(1), 0.0, eighths(1), 1.0], 1.0),
        _ => return None,
    })
}
