//! What the scripts that calibrate this plugin see of it; not for other use.

use crate::judging_metrics;
use crate::proposers::cues;
use crate::proposers::forest::{Kind, kinds};
use crate::proposers::quality_map;
use giqa_core::{ComponentError, ImageView, NormBox};

/// What the proposer of faults knows of a picture.
#[derive(Debug)]
pub struct Seen {
    seen: quality_map::Seen,
}

impl Seen {
    /// Looks at a picture.
    ///
    /// # Errors
    /// When the plugin's own manifest is damaged.
    pub fn new(image: ImageView<'_>) -> Result<Self, ComponentError> {
        Ok(Self { seen: quality_map::Seen::new(image, &judging_metrics()?) })
    }

    /// The boxes that it looks at.
    #[must_use]
    pub fn candidates(&self) -> &[NormBox] {
        &self.seen.candidates
    }

    /// The boxes that fit some fault best by the parameters of now, however badly: what is to be learned next.
    #[must_use]
    pub fn fitted(&self, faults: &Faults) -> Vec<NormBox> {
        let cues = self.seen.all_cues();
        faults.0.iter().flat_map(|kind| self.seen.fitted(&cues, kind)).map(|f| f.0).collect()
    }

    /// The cues of a box, in the order of [`cue_names`].
    #[must_use]
    pub fn cues(&self, place: &NormBox) -> Vec<f32> {
        self.seen.cues.of(place).to_vec()
    }
}

/// The faults that are known, by the parameters of now.
#[derive(Debug)]
pub struct Faults(Vec<Kind>);

impl Faults {
    /// Those in `params/faults.json`.
    ///
    /// # Errors
    /// When they were fitted to other cues.
    pub fn new() -> Result<Self, ComponentError> {
        kinds().map(Self)
    }
}

/// The names of the cues.
#[must_use]
pub fn cue_names() -> Vec<String> {
    cues::names()
}
