//! The flavours of a fault: an attribute says what is wrong, its kind says which way.

use giqa_core::Attribute;
use std::collections::BTreeMap;

/// Direction in which colours lean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tint {
    Bluish,
    Yellowish,
    Reddish,
    Greenish,
}

impl Tint {
    pub(super) fn word(self) -> &'static str {
        match self {
            Tint::Bluish => "bluish",
            Tint::Yellowish => "yellowish",
            Tint::Reddish => "reddish",
            Tint::Greenish => "greenish",
        }
    }

    fn of(details: &BTreeMap<String, f64>) -> Option<Self> {
        let (a, b) = (*details.get("a")?, *details.get("b")?);
        // Written so that NaN and a colour without direction are no tint.
        if a.abs() > b.abs() {
            Some(if a > 0.0 { Tint::Reddish } else { Tint::Greenish })
        } else if b.abs() > 0.0 {
            Some(if b > 0.0 { Tint::Yellowish } else { Tint::Bluish })
        } else {
            None
        }
    }
}

/// What a fault looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Blur,
    Motion,
    Noise,
    Over,
    Under,
    /// Clipped at both ends of the scale.
    BothEnds,
    /// Wrong in a direction that the numbers don't tell.
    Exposure,
    Flat,
    Harsh,
    Cast(Tint),
    Colour,
    Blocks,
    Banding,
    Haze,
    Artefact,
}

/// Share of clipped pixels that counts as clipping.
const CLIPPED: f64 = 0.02;
/// Signed exposure beyond which a picture leans to one side.
const LEANS: f64 = 0.05;
/// Median tones above and below which a badly exposed picture is too bright or too dark.
const BRIGHT: f64 = 150.0;
const DARK: f64 = 100.0;

impl Kind {
    /// The kind of a fault, from the numbers behind it.
    pub(super) fn of(attribute: Attribute, value: f64, expected: f64, details: &BTreeMap<String, f64>) -> Self {
        match attribute {
            Attribute::Sharpness => Kind::Blur,
            Attribute::Motion => Kind::Motion,
            Attribute::Noise => Kind::Noise,
            Attribute::Exposure => Self::exposure(details),
            Attribute::Contrast if value > expected => Kind::Harsh,
            Attribute::Contrast => Kind::Flat,
            Attribute::Colour => Tint::of(details).map_or(Kind::Colour, Kind::Cast),
            Attribute::Compression => Kind::Blocks,
            Attribute::Banding => Kind::Banding,
            Attribute::Haze => Kind::Haze,
            Attribute::Artefact => Kind::Artefact,
        }
    }

    fn exposure(details: &BTreeMap<String, f64>) -> Self {
        let number = |name: &str| details.get(name).copied().filter(|v| v.is_finite());
        let high = number("clip_high").unwrap_or(0.0);
        let low = number("clip_low").unwrap_or(0.0);
        if high > CLIPPED && low > CLIPPED && high < 2.0 * low && low < 2.0 * high {
            return Kind::BothEnds;
        }
        if let Some(bias) = number("bias").filter(|b| b.abs() > LEANS) {
            return if bias > 0.0 { Kind::Over } else { Kind::Under };
        }
        if high.max(low) > CLIPPED {
            return if high > low { Kind::Over } else { Kind::Under };
        }
        match number("median") {
            Some(m) if m > BRIGHT => Kind::Over,
            Some(m) if m < DARK => Kind::Under,
            _ => Kind::Exposure,
        }
    }
}
