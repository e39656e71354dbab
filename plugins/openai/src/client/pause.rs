//! How long to wait before another try.

use std::time::Duration;

/// The pause before the second try; doubles with each further one.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(20);

/// The pause after the `n`-th try (from 0): doubling, with jitter, so that many callers don't come back at once.
pub(super) fn back_off(n: u32) -> Duration {
    let full = FIRST.saturating_mul(1 << n.min(16)).min(LONGEST);
    full.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What a `Retry-After` header asks for: seconds, or a date.
pub(super) fn retry_after(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()?;
    let ahead = date.as_millisecond().saturating_sub(now.as_millisecond());
    Some(Duration::from_millis(u64::try_from(ahead).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_and_dates() {
        let now: jiff::Timestamp = "2015-10-21T07:28:00Z".parse().unwrap();
        let after = |value| retry_after(value, now);
        assert_eq!(after("3"), Some(Duration::from_secs(3)));
        assert_eq!(after(" 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(after("Wed, 21 Oct 2015 07:28:07 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(after("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        for none in ["", "soon", "-1", "inf", "NaN", "1e300"] {
            assert_eq!(after(none), None, "{none}");
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert!((125..=250).contains(&(back_off(0).as_millis() as u64)));
        assert!((1000..=2000).contains(&(back_off(3).as_millis() as u64)));
        assert!(back_off(u32::MAX) <= LONGEST);
    }

    proptest! {
        #[test]
        fn any_header_is_a_time_or_none(value in ".{0,40}") {
            let _ = retry_after(&value, jiff::Timestamp::UNIX_EPOCH);
        }
    }
}
