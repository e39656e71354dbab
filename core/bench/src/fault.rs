//! The faults that are planted, how strong each is, and the words for them.
//!
//! Strengths by severity; pixel sizes are for a picture of 640 pixels on its longer side and grow with it:
//!
//! | fault | 1 | 2 | 3 | 4 | 5 | unit |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | blur | 0.8 | 1.5 | 2.5 | 4 | 6 | sigma of a Gaussian in px, in linear light |
//! | motion | 5 | 9 | 15 | 24 | 35 | length of the path in px, any direction, in linear light |
//! | noise | 5 | 10 | 18 | 30 | 45 | standard deviation in 8-bit steps, each channel by itself |
//! | jpeg | 50 | 30 | 18 | 10 | 5 | quality |
//! | over | 0.7 | 1.2 | 1.8 | 2.4 | 3 | EV up, in linear light, clipped |
//! | under | 0.7 | 1.2 | 1.8 | 2.4 | 3 | EV down, in linear light |
//! | cast | 0.2 | 0.4 | 0.65 | 0.95 | 1.3 | EV by which the gains of the channels part, in linear light |
//! | banding | 24 | 16 | 10 | 6 | 4 | tone levels a channel |
//! | pixelation | 3 | 5 | 8 | 12 | 18 | side of a block in px |

use giqa_core::Attribute;
use serde::{Deserialize, Serialize};

/// The severities that there are.
pub const SEVERITIES: [u8; 5] = [1, 2, 3, 4, 5];

/// The longer side for which strengths in pixels are given.
pub const REFERENCE_SIDE: f64 = 640.0;

/// A fault that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Out of focus.
    Blur,
    /// Blurred along a line.
    Motion,
    /// Random grain.
    Noise,
    /// Compressed too much.
    Jpeg,
    /// Too bright.
    Over,
    /// Too dark.
    Under,
    /// A colour cast.
    Cast,
    /// Few tone levels.
    Banding,
    /// Coarse blocks of one colour.
    Pixelation,
}

impl Fault {
    /// All faults, in the order of tables.
    pub const ALL: [Fault; 9] = [
        Fault::Blur,
        Fault::Motion,
        Fault::Noise,
        Fault::Jpeg,
        Fault::Over,
        Fault::Under,
        Fault::Cast,
        Fault::Banding,
        Fault::Pixelation,
    ];

    /// The lower-case name, as in truth.json.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fault::Blur => "blur",
            Fault::Motion => "motion",
            Fault::Noise => "noise",
            Fault::Jpeg => "jpeg",
            Fault::Over => "over",
            Fault::Under => "under",
            Fault::Cast => "cast",
            Fault::Banding => "banding",
            Fault::Pixelation => "pixelation",
        }
    }

    /// The attribute that it spoils.
    #[must_use]
    pub fn attribute(self) -> Attribute {
        match self {
            Fault::Blur => Attribute::Sharpness,
            Fault::Motion => Attribute::Motion,
            Fault::Noise => Attribute::Noise,
            Fault::Jpeg => Attribute::Compression,
            Fault::Over | Fault::Under => Attribute::Exposure,
            Fault::Cast => Attribute::Colour,
            Fault::Banding => Attribute::Banding,
            Fault::Pixelation => Attribute::Artefact,
        }
    }

    /// Its strength at a severity (1 to 5; others are taken as the nearest), as in the table above.
    #[must_use]
    pub fn strength(self, severity: u8) -> f64 {
        let table: [f64; 5] = match self {
            Fault::Blur => [0.8, 1.5, 2.5, 4.0, 6.0],
            Fault::Motion => [5.0, 9.0, 15.0, 24.0, 35.0],
            Fault::Noise => [5.0, 10.0, 18.0, 30.0, 45.0],
            Fault::Jpeg => [50.0, 30.0, 18.0, 10.0, 5.0],
            Fault::Over | Fault::Under => [0.7, 1.2, 1.8, 2.4, 3.0],
            Fault::Cast => [0.2, 0.4, 0.65, 0.95, 1.3],
            Fault::Banding => [24.0, 16.0, 10.0, 6.0, 4.0],
            Fault::Pixelation => [3.0, 5.0, 8.0, 12.0, 18.0],
        };
        table[usize::from(severity.clamp(1, 5)) - 1]
    }

    /// What a place with it is: "the cup is ...".
    #[must_use]
    pub fn adjective(self) -> &'static str {
        match self {
            Fault::Blur => "blurry",
            Fault::Motion => "blurred by motion",
            Fault::Noise => "noisy",
            Fault::Jpeg => "blocky from compression",
            Fault::Over => "overexposed",
            Fault::Under => "underexposed",
            Fault::Cast => "tinted by a colour cast",
            Fault::Banding => "marked by banding",
            Fault::Pixelation => "pixelated",
        }
    }

    /// A yes/no question whether a place has it.
    #[must_use]
    pub fn question(self, place: &str) -> String {
        match self {
            Fault::Motion => format!("Does {place} show motion blur?"),
            Fault::Cast => format!("Does {place} have a colour cast?"),
            Fault::Banding => format!("Does {place} show banding?"),
            _ => format!("Is {place} {}?", self.adjective()),
        }
    }

    /// Whether somebody might rightly see the other fault where this one was planted, so that "no" would be unfair.
    #[must_use]
    pub fn resembles(self, other: Fault) -> bool {
        use Fault as F;
        let one_way = |a: Fault, b: Fault| {
            matches!(
                (a, b),
                (F::Blur, F::Motion | F::Jpeg | F::Pixelation)
                    | (F::Motion, F::Jpeg | F::Pixelation)
                    | (F::Jpeg, F::Pixelation | F::Banding | F::Noise)
                    | (F::Banding, F::Pixelation | F::Cast | F::Noise)
                    | (F::Noise, F::Pixelation)
                    | (F::Cast, F::Over | F::Under)
            )
        };
        self == other || one_way(self, other) || one_way(other, self)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How much of a fault there is, in words.
#[must_use]
pub fn degree(severity: u8) -> &'static str {
    match severity {
        0 | 1 => "slightly",
        2 => "somewhat",
        3 => "clearly",
        4 => "strongly",
        _ => "extremely",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_serialised_ones() {
        for fault in Fault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        }
    }

    #[test]
    fn each_fault_leaves_others_to_ask_about() {
        for fault in Fault::ALL {
            assert!(fault.resembles(fault));
            assert!(Fault::ALL.iter().filter(|&&o| !fault.resembles(o)).count() >= 3, "{fault}");
            assert!(Fault::ALL.iter().all(|&o| fault.resembles(o) == o.resembles(fault)), "{fault}");
        }
    }
}
