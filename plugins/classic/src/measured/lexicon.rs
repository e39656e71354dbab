//! What the words of a question mean.

use super::kind::{Kind, Tint};
use giqa_core::Attribute;

/// What a question can be about. Finer than [`Attribute`]: "overexposed" and "underexposed" are different questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    Sharp,
    Motion,
    Noise,
    Over,
    Under,
    /// Bright without "too": a picture may be bright and well exposed.
    Bright,
    Dark,
    Exposure,
    Contrast,
    Colourful,
    Cast,
    Blocks,
    Banding,
    Haze,
    Artefacts,
    Quality,
}

impl Aspect {
    /// The attributes whose faults it covers; the first is the one that praise speaks of.
    pub(super) fn attributes(self) -> &'static [Attribute] {
        match self {
            Aspect::Sharp => &[Attribute::Sharpness, Attribute::Motion],
            Aspect::Motion => &[Attribute::Motion],
            Aspect::Noise => &[Attribute::Noise],
            Aspect::Over | Aspect::Under | Aspect::Bright | Aspect::Dark | Aspect::Exposure => &[Attribute::Exposure],
            Aspect::Contrast => &[Attribute::Contrast, Attribute::Haze],
            Aspect::Colourful | Aspect::Cast => &[Attribute::Colour],
            Aspect::Blocks => &[Attribute::Compression],
            Aspect::Banding => &[Attribute::Banding],
            Aspect::Haze => &[Attribute::Haze],
            Aspect::Artefacts => &[Attribute::Compression, Attribute::Banding, Attribute::Artefact],
            Aspect::Quality => &Attribute::ALL,
        }
    }

    /// Whether a fault is what the question is about.
    pub(super) fn covers(self, attribute: Attribute, kind: Kind, tint: Option<Tint>) -> bool {
        self.attributes().contains(&attribute)
            && match self {
                Aspect::Over | Aspect::Bright => matches!(kind, Kind::Over | Kind::BothEnds),
                Aspect::Under | Aspect::Dark => matches!(kind, Kind::Under | Kind::BothEnds),
                Aspect::Cast => tint.is_none() || kind == tint.map_or(Kind::Colour, Kind::Cast),
                _ => true,
            }
    }

    /// The thing that was measured, without article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Aspect::Sharp => "sharpness",
            Aspect::Motion => "motion blur",
            Aspect::Noise => "noise",
            Aspect::Over | Aspect::Under | Aspect::Bright | Aspect::Dark | Aspect::Exposure => "exposure",
            Aspect::Contrast => "contrast",
            Aspect::Colourful => "colourfulness",
            Aspect::Cast => "colour balance",
            Aspect::Blocks => "compression",
            Aspect::Banding => "banding",
            Aspect::Haze => "haze",
            Aspect::Artefacts => "artefacts",
            Aspect::Quality => "quality",
        }
    }

    /// What a place with the fault is called, in "Nothing is ...".
    pub(super) fn faulty(self, tint: Option<Tint>) -> &'static str {
        match self {
            Aspect::Sharp => "soft",
            Aspect::Motion => "blurred by motion",
            Aspect::Noise => "noisy",
            Aspect::Over | Aspect::Bright => "overexposed",
            Aspect::Under | Aspect::Dark => "underexposed",
            Aspect::Exposure => "badly exposed",
            Aspect::Contrast => "flat",
            Aspect::Colourful => "colourful",
            Aspect::Cast => tint.map_or("tinted", Tint::word),
            Aspect::Blocks => "blocky",
            Aspect::Banding => "marked by banding",
            Aspect::Haze => "hazy",
            Aspect::Artefacts => "marred by artefacts",
            Aspect::Quality => "at fault",
        }
    }
}

/// Whether a word says that the thing is right, wrong, or just names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Good,
    Bad,
    Neutral,
}

/// The aspect that a word speaks of.
pub(super) fn topic(word: &str) -> Option<(Aspect, Sense)> {
    use Aspect as A;
    use Sense::{Bad, Good, Neutral};
    Some(match word {
        "blurry" | "blurred" | "blur" | "soft" | "unsharp" | "unfocused" | "unfocussed" | "defocused"
        | "defocussed" | "fuzzy" | "softness" | "blurriness" | "unclear" | "indistinct" => (A::Sharp, Bad),
        "sharp" | "clear" | "crisp" | "focused" | "focussed" | "detailed" | "distinct" => (A::Sharp, Good),
        "sharpness" | "focus" | "clarity" | "acuity" | "detail" | "details" => (A::Sharp, Neutral),
        "motion" | "shaken" | "shake" | "shaky" | "smeared" => (A::Motion, Bad),
        "noisy" | "grainy" | "noise" | "grain" | "graininess" | "speckled" => (A::Noise, Bad),
        "clean" | "noiseless" => (A::Noise, Good),
        "overexposed" | "overexposure" | "blown" | "burnt" | "clipped" | "glare" => (A::Over, Bad),
        "underexposed" | "underexposure" => (A::Under, Bad),
        "bright" => (A::Bright, Bad),
        "dark" | "dim" => (A::Dark, Bad),
        "exposure" | "exposed" | "lighting" | "brightness" | "light" | "lit" => (A::Exposure, Neutral),
        "misexposed" => (A::Exposure, Bad),
        "contrast" | "contrasts" | "tones" => (A::Contrast, Neutral),
        "contrasty" | "punchy" => (A::Contrast, Good),
        "dull" | "flat" => (A::Contrast, Bad),
        "colourful" | "colorful" | "vivid" | "saturated" | "vibrant" | "saturation" | "colourfulness" => {
            (A::Colourful, Good)
        }
        "pale" | "colourless" | "colorless" | "desaturated" | "monochrome" | "greyish" => (A::Colourful, Bad),
        "cast" | "tint" | "tinted" | "discoloured" | "discolored" => (A::Cast, Bad),
        "bluish" | "yellowish" | "reddish" | "greenish" => (A::Cast, Bad),
        "colour" | "color" | "colours" | "colors" | "whitebalance" => (A::Cast, Neutral),
        "neutral" | "natural" => (A::Cast, Good),
        "blocky" | "blocks" | "blocking" | "blockiness" | "compressed" | "compression" | "jpeg" | "pixelated" => {
            (A::Blocks, Bad)
        }
        "banding" | "banded" | "posterised" | "posterized" => (A::Banding, Bad),
        "haze" | "hazy" | "fog" | "foggy" | "mist" | "misty" => (A::Haze, Bad),
        "artefact" | "artefacts" | "artifact" | "artifacts" | "distortion" | "distorted" => (A::Artefacts, Bad),
        "quality" => (A::Quality, Neutral),
        _ => return None,
    })
}

/// The tint that a word names.
pub(super) fn tint(word: &str) -> Option<Tint> {
    [Tint::Bluish, Tint::Yellowish, Tint::Reddish, Tint::Greenish].into_iter().find(|t| t.word() == word)
}

/// Words of judgement without an aspect of their own. Alone they judge the quality.
pub(super) fn judgement(word: &str) -> Option<Sense> {
    match word {
        "good" | "fine" | "ok" | "okay" | "well" | "great" | "excellent" | "nice" | "correct" | "correctly"
        | "right" | "proper" | "properly" | "acceptable" | "adequate" | "perfect" | "perfectly" | "usable"
        | "beautiful" => Some(Sense::Good),
        "bad" | "badly" | "poor" | "poorly" | "wrong" | "terrible" | "awful" | "incorrect" | "problem" | "problems"
        | "fault" | "faults" | "defect" | "defects" | "degraded" | "issue" | "issues" | "flaw" | "flaws"
        | "disturbs" | "disturbing" => Some(Sense::Bad),
        _ => None,
    }
}

/// "sharper" is "sharp", compared.
pub(super) fn compared(word: &str) -> Option<&'static str> {
    Some(match word {
        "sharper" | "sharpest" => "sharp",
        "clearer" | "clearest" => "clear",
        "crisper" | "crispest" => "crisp",
        "softer" | "softest" => "soft",
        "blurrier" | "blurriest" => "blurry",
        "noisier" | "noisiest" => "noisy",
        "grainier" | "grainiest" => "grainy",
        "cleaner" | "cleanest" => "clean",
        "brighter" | "brightest" | "lighter" => "bright",
        "darker" | "darkest" => "dark",
        "flatter" | "flattest" => "flat",
        "duller" | "dullest" => "dull",
        "blockier" | "blockiest" => "blocky",
        "hazier" | "haziest" => "hazy",
        "better" | "best" => "good",
        "worse" | "worst" => "bad",
        _ => return None,
    })
}

/// Words that carry no object: what stands before them is not the name of a thing.
pub(super) fn is_function_word(word: &str) -> bool {
    const WORDS: &str = " a an the this that these those is are was were be been being am do does did has have had can could \
        should would will shall may might must it its they them there here i you we he she of in on at with without to \
        for from by as and or but nor not no never too very so quite rather really just still more less most least much \
        many any anything some something nothing everything all none than then what which where who why how when whose \
        look looks looking seem seems appear appears show shows see say tell give lack lacks lacking suffer suffers \
        enough also both either between inside within low high strong weak heavy slight level amount degree free \
        please if about out into over under such only even ";
    WORDS.contains(&format!(" {word} "))
}

/// Other words for the things that proposers name.
pub(super) fn same_thing(word: &str) -> &str {
    match word {
        "skies" | "clouds" => "sky",
        "sea" | "ocean" | "lake" | "river" => "water",
        "lawn" | "meadow" => "grass",
        "leaves" | "greenery" | "vegetation" => "foliage",
        other => other,
    }
}

/// Words that mean the picture or a part of it without naming anything in it.
pub(super) fn is_picture_word(word: &str) -> bool {
    const WORDS: &str = " image picture photo photograph shot frame pic snapshot whole overall entire part parts area areas \
        region regions place places spot spots object objects thing things box boxes marked texture textures edge edges \
        pixel pixels highlights shadows visible technical rest general side ";
    WORDS.contains(&format!(" {word} "))
}
