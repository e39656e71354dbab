//! Words for faults, for their absence and for how bad they are.

use super::kind::Kind;
use giqa_core::{Attribute, Level};

/// FNV-1a, 64 bits: short, without state between runs, the same on every machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn add(self, bytes: &[u8]) -> Self {
        Fnv(bytes.iter().fold(self.0, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// One of the options; `salt` keeps the choices of one text apart from each other.
    pub(super) fn choose<'a>(self, salt: &str, options: &[&'a str]) -> &'a str {
        // The low bits of FNV are poor; fold the high half in.
        let h = self.add(salt.as_bytes()).0;
        let h = (h ^ (h >> 32)) as usize;
        options.get(h % options.len().max(1)).copied().unwrap_or_default()
    }
}

/// How bad, as an adverb before an adjective; every level has its own words.
fn degree(kind: Kind, level: Level, seed: Fnv) -> &'static str {
    // Participles ("overexposed") take other adverbs than adjectives ("soft").
    let participle = matches!(
        kind,
        Kind::Motion | Kind::Over | Kind::Under | Kind::BothEnds | Kind::Exposure | Kind::Artefact | Kind::Banding
    );
    let options: &[&'static str] = match (level, participle) {
        (Level::Excellent, _) => &["very slightly"],
        (Level::Good, _) => &["slightly", "a little"],
        (Level::Fair, _) => &["noticeably", "visibly"],
        (Level::Poor, false) => &["very", "clearly"],
        (Level::Poor, true) => &["clearly", "heavily"],
        (Level::Bad, false) => &["extremely"],
        (Level::Bad, true) => &["severely", "badly"],
    };
    seed.choose("degree", options)
}

impl Kind {
    /// What a place with this fault *is*, without its degree.
    pub(super) fn adjective(self, seed: Fnv) -> &'static str {
        match self {
            Kind::Blur => seed.choose("blur", &["soft", "blurred"]),
            Kind::Motion => "blurred by motion",
            Kind::Noise => seed.choose("noise", &["noisy", "grainy"]),
            Kind::Over => "overexposed",
            Kind::Under => "underexposed",
            Kind::BothEnds => "clipped in both highlights and shadows",
            Kind::Exposure => "misexposed",
            Kind::Flat => seed.choose("flat", &["flat", "low in contrast"]),
            Kind::Harsh => "harsh in contrast",
            Kind::Cast(tint) => tint.word(),
            Kind::Colour => "off in colour",
            Kind::Blocks => "blocky",
            Kind::Banding => "marked by banding",
            Kind::Haze => "hazy",
            Kind::Artefact => "marred by artefacts",
        }
    }

    /// The same with its degree: "noticeably soft".
    pub(super) fn told(self, level: Level, seed: Fnv) -> String {
        format!("{} {}", degree(self, level, seed), self.adjective(seed))
    }

    /// The fault as a thing, with its article.
    pub(super) fn noun(self) -> String {
        match self {
            Kind::Blur => "the softness".into(),
            Kind::Motion => "the motion blur".into(),
            Kind::Noise => "the noise".into(),
            Kind::Over => "the overexposure".into(),
            Kind::Under => "the underexposure".into(),
            Kind::BothEnds => "the clipping at both ends of the scale".into(),
            Kind::Exposure => "the faulty exposure".into(),
            Kind::Flat => "the lack of contrast".into(),
            Kind::Harsh => "the harsh contrast".into(),
            Kind::Cast(tint) => format!("the {} cast", tint.word()),
            Kind::Colour => "the faulty colour".into(),
            Kind::Blocks => "the blocking from compression".into(),
            Kind::Banding => "the banding".into(),
            Kind::Haze => "the haze".into(),
            Kind::Artefact => "the artefacts".into(),
        }
    }

    /// What a fault of at most fair level does to a picture; only what follows from the fault itself.
    pub(super) fn effect(self, seed: Fnv) -> &'static str {
        match self {
            Kind::Blur => seed.choose("effect", &["fine detail is lost", "edges lack definition"]),
            Kind::Motion => "edges are drawn out in one direction",
            Kind::Noise => seed.choose("effect", &["even tones look rough", "fine detail drowns in the grain"]),
            Kind::Over => seed.choose("effect", &["bright tones run together", "the highlights lack gradation"]),
            Kind::Under => seed.choose("effect", &["dark tones run together", "the shadows lack gradation"]),
            Kind::BothEnds => "detail is missing at either end",
            Kind::Exposure => "tones are not where they belong",
            Kind::Flat => "the tones lie close together",
            Kind::Harsh => "the steps between tones are too large",
            Kind::Cast(_) => "neutral tones can't look neutral",
            Kind::Colour => "the colours don't look right",
            Kind::Blocks => "the block pattern of the compression shows",
            Kind::Banding => "gradients break into steps",
            Kind::Haze => "a veil dulls the tones",
            Kind::Artefact => "traces show that were not in the scene",
        }
    }
}

/// What a place without this fault *is*.
pub(super) fn praise(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Sharpness => "sharp",
        Attribute::Motion => "free of motion blur",
        Attribute::Noise => "almost free of noise",
        Attribute::Exposure => "well exposed",
        Attribute::Contrast => "good in contrast",
        Attribute::Colour => "neutral in colour",
        Attribute::Compression => "free of blocking",
        Attribute::Banding => "free of banding",
        Attribute::Haze => "free of haze",
        Attribute::Artefact => "free of artefacts",
    }
}

/// Attributes whose faults look alike: with a fault in one, praise of the other would read as a contradiction.
pub(super) fn related(attribute: Attribute) -> &'static [Attribute] {
    match attribute {
        Attribute::Sharpness | Attribute::Motion => &[Attribute::Sharpness, Attribute::Motion],
        Attribute::Contrast | Attribute::Haze => &[Attribute::Contrast, Attribute::Haze],
        Attribute::Compression | Attribute::Banding | Attribute::Artefact => {
            &[Attribute::Compression, Attribute::Banding, Attribute::Artefact]
        }
        Attribute::Noise => &[Attribute::Noise],
        Attribute::Exposure => &[Attribute::Exposure],
        Attribute::Colour => &[Attribute::Colour],
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == items.len() { " and " } else { ", " });
        }
        out.push_str(item.as_ref());
    }
    out
}

/// A number for prose: two decimals, one from 10 on, none from 100 on.
pub(super) fn number(v: f64) -> String {
    let decimals = match v.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    // A value that rounds to zero from below would read "-0.00".
    let v = if v.abs() < 0.005 { 0.0 } else { v };
    format!("{v:.decimals$}")
}

/// The word with a capital first letter.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
