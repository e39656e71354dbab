//! What the scripts that calibrate this plugin see of it; not for other use.

use crate::judging_metrics;
use crate::proposers::candidates::candidates;
use crate::proposers::cues::{self, Cues, MAPS};
use crate::proposers::surface::surface;
use giqa_core::{ComponentError, ImageView, Map, NormBox};

/// What the proposer of faults knows of a picture.
#[derive(Debug)]
pub struct Seen {
    /// The boxes that it looks at.
    pub candidates: Vec<NormBox>,
    cues: Cues,
}

impl Seen {
    /// Looks at a picture.
    ///
    /// # Errors
    /// When the plugin's own manifest is damaged.
    pub fn new(image: ImageView<'_>) -> Result<Self, ComponentError> {
        let metrics = judging_metrics()?;
        let maps: [Option<(f64, Map)>; MAPS.len()] =
            MAPS.map(|name| metrics.iter().find(|m| m.name() == name).and_then(|m| m.map(image)));
        let surface = surface(image);
        let scaled = maps.iter().zip(MAPS).filter_map(|(map, name)| {
            let scale = metrics.iter().find(|m| m.name() == name)?.metric_spec().severity?;
            map.as_ref().map(|(value, map)| (scale, *value, map))
        });
        Ok(Self {
            candidates: candidates(&scaled.collect::<Vec<_>>(), &surface.halved()),
            cues: Cues::new(image.width(), image.height(), &maps, &surface),
        })
    }

    /// The cues of a box, in the order of [`cue_names`].
    #[must_use]
    pub fn cues(&self, place: &NormBox) -> Vec<f32> {
        self.cues.of(place).to_vec()
    }
}

/// The names of the cues.
#[must_use]
pub fn cue_names() -> Vec<String> {
    cues::names()
}
