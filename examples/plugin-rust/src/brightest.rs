//! A proposer: the brightest tile.

use crate::brightness::mean;
use giqa_sdk::core::{
    ComponentError, Context, ErrorKind, ImageView, NormBox, ProposerInput, ProposerSpec, Region, RegionProposer,
};

/// Proposes the brightest of `tiles` x `tiles` equal parts.
pub struct Brightest {
    spec: ProposerSpec,
    tiles: u32,
}

impl Brightest {
    /// # Errors
    /// When the manifest does not have it, or the configuration does not fit.
    pub fn new(config: &serde_json::Value) -> Result<Self, ComponentError> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Config {
            #[serde(default = "four")]
            tiles: u32,
        }
        fn four() -> u32 {
            4
        }
        let Config { tiles } = serde_json::from_value(config.clone())
            .map_err(|e| ComponentError::new(ErrorKind::BadConfig, format!("example.brightest: {e}")))?;
        if !(1..=64).contains(&tiles) {
            return Err(ComponentError::new(ErrorKind::BadConfig, format!("tiles = {tiles}, expected 1 to 64")));
        }
        Ok(Self { spec: giqa_sdk::proposer_spec::<crate::Example>("brightest")?, tiles })
    }

    fn brightest(&self, image: ImageView<'_>) -> Option<Region> {
        let n = f64::from(self.tiles);
        let tile = |i: u32| {
            let (x, y) = (f64::from(i % self.tiles) / n, f64::from(i / self.tiles) / n);
            NormBox::clamped(x, y, x + 1.0 / n, y + 1.0 / n)
        };
        let tiles = (0..self.tiles * self.tiles).filter_map(tile);
        let (value, bounds) = tiles.map(|t| (mean(image, t), t)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Region::new("brightest part", bounds, value / 255.0))
    }
}

impl RegionProposer for Brightest {
    fn spec(&self) -> &ProposerSpec {
        &self.spec
    }

    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        let one = |item: &ProposerInput<'_>| {
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            Ok(self.brightest(item.image).into_iter().collect())
        };
        items.iter().map(one).collect()
    }
}
