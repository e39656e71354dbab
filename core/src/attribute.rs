//! What can be good or wrong with a picture, and how good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A quality attribute. The names are the ones used in code, config, reports and the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Attribute {
    /// Acuity: focus and fine detail.
    Sharpness,
    /// Blur with a direction, from the camera or the subject.
    Motion,
    /// Random variation of sensor or film origin.
    Noise,
    /// Brightness, clipped highlights and clipped shadows.
    Exposure,
    /// Spread of tones.
    Contrast,
    /// Cast, saturation, colour balance.
    Colour,
    /// Blocks and ringing left by lossy compression.
    Compression,
    /// Steps in what should be a smooth gradient.
    Banding,
    /// A veil that lowers contrast with distance.
    Haze,
    /// Anything else that was not in the scene.
    Artefact,
}

impl Attribute {
    /// All attributes, in the order in which reports list them.
    pub const ALL: [Attribute; 10] = [
        Attribute::Sharpness,
        Attribute::Motion,
        Attribute::Noise,
        Attribute::Exposure,
        Attribute::Contrast,
        Attribute::Colour,
        Attribute::Compression,
        Attribute::Banding,
        Attribute::Haze,
        Attribute::Artefact,
    ];

    /// The lower-case name, as in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Attribute::Sharpness => "sharpness",
            Attribute::Motion => "motion",
            Attribute::Noise => "noise",
            Attribute::Exposure => "exposure",
            Attribute::Contrast => "contrast",
            Attribute::Colour => "colour",
            Attribute::Compression => "compression",
            Attribute::Banding => "banding",
            Attribute::Haze => "haze",
            Attribute::Artefact => "artefact",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The five levels of ITU-R BT.500, as words for a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Score below 20.
    Bad,
    /// 20 up to 40.
    Poor,
    /// 40 up to 60.
    Fair,
    /// 60 up to 80.
    Good,
    /// 80 and more.
    Excellent,
}

impl Level {
    /// The level of a quality score in `0..=100` (values outside are clamped, NaN is `Bad`).
    #[must_use]
    pub fn of_score(score: f64) -> Level {
        match score {
            s if s >= 80.0 => Level::Excellent,
            s if s >= 60.0 => Level::Good,
            s if s >= 40.0 => Level::Fair,
            s if s >= 20.0 => Level::Poor,
            _ => Level::Bad,
        }
    }

    /// The level that a fault of this severity (`0..=1`) leaves for its attribute.
    #[must_use]
    pub fn of_severity(severity: f64) -> Level {
        Level::of_score(100.0 * (1.0 - severity))
    }

    /// The lower-case name, as in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Bad => "bad",
            Level::Poor => "poor",
            Level::Fair => "fair",
            Level::Good => "good",
            Level::Excellent => "excellent",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_bt500_fifths() {
        let at = |s| Level::of_score(s).name();
        assert_eq!(
            [at(0.0), at(19.9), at(20.0), at(40.0), at(60.0), at(80.0)],
            ["bad", "bad", "poor", "fair", "good", "excellent"]
        );
        assert_eq!(Level::of_score(f64::NAN), Level::Bad);
        assert_eq!(Level::of_severity(0.0), Level::Excellent);
        assert_eq!(Level::of_severity(1.0), Level::Bad);
    }

    #[test]
    fn names_are_the_serialised_ones() {
        for a in Attribute::ALL {
            assert_eq!(serde_json::to_value(a).unwrap(), a.to_string());
        }
        for s in [10.0, 30.0, 50.0, 70.0, 90.0] {
            let level = Level::of_score(s);
            assert_eq!(serde_json::to_value(level).unwrap(), level.to_string());
        }
    }
}
