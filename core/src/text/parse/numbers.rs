//! Numbers and white space.

/// The first byte from `at` on that is not white space (ASCII).
pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    skip_while(bytes, at, |b| b.is_ascii_whitespace())
}

/// The first byte from `at` on that `keep` refuses.
pub(super) fn skip_while(bytes: &[u8], at: usize, keep: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| keep(**b)).count()
}

/// A whole number and the place behind it. What doesn't fit, and what is negative, is `u32::MAX`: outside any grid.
pub(super) fn whole(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let negative = bytes.get(at) == Some(&b'-');
    let start = at + usize::from(negative);
    let end = skip_while(bytes, start, |b| b.is_ascii_digit());
    if end == start {
        return None;
    }
    let digits = bytes[start..end].iter().map(|b| u32::from(b - b'0'));
    let value = digits.fold(0_u32, |n, d| n.saturating_mul(10).saturating_add(d));
    Some((if negative { u32::MAX } else { value }, end))
}

/// A coordinate: `12`, `0.5`, `.5`, `-3`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub(super) value: f64,
    /// Written with a decimal point.
    pub(super) decimal: bool,
}

/// A coordinate and the place behind it.
pub(super) fn number(input: &str, at: usize) -> Option<(Number, usize)> {
    let bytes = input.as_bytes();
    let start = at + usize::from(bytes.get(at) == Some(&b'-'));
    let mut end = skip_while(bytes, start, |b| b.is_ascii_digit());
    // "3." at the end of a sentence is a 3; a decimal point has a digit behind it.
    let decimal = bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    if decimal {
        end = skip_while(bytes, end + 1, |b| b.is_ascii_digit());
    }
    if end == start {
        return None;
    }
    let value = input[at..end].parse().ok()?;
    Some((Number { value, decimal }, end))
}

/// Whether a coordinate may begin with this byte.
pub(super) fn starts_number(byte: Option<u8>) -> bool {
    byte.is_some_and(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
}
