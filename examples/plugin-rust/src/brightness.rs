//! A metric: mean brightness.

use giqa_sdk::core::{ComponentError, Context, ImageView, Measurement, Metric, MetricInput, MetricSpec, NormBox};

/// Mean of the three channels, 0 to 255, over the picture or a region of it.
pub struct Brightness(MetricSpec);

impl Brightness {
    /// # Errors
    /// When the manifest does not have it.
    pub fn new() -> Result<Self, ComponentError> {
        giqa_sdk::metric_spec::<crate::Example>("brightness").map(Self)
    }
}

impl Metric for Brightness {
    fn spec(&self) -> &MetricSpec {
        &self.0
    }

    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        let one = |item: &MetricInput<'_>| {
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            Ok(Measurement::value(mean(item.image, item.region.unwrap_or(NormBox::FULL))))
        };
        items.iter().map(one).collect()
    }
}

/// Mean of all channels inside a region.
pub fn mean(image: ImageView<'_>, region: NormBox) -> f64 {
    let pixels = region.to_pixels(image.width(), image.height());
    let columns = pixels.x1 as usize * 3..pixels.x2 as usize * 3;
    let rows = (pixels.y1..pixels.y2).map(|y| &image.row(y)[columns.clone()]);
    let sum: u64 = rows.flatten().map(|&v| u64::from(v)).sum();
    sum as f64 / (f64::from(pixels.width()) * f64::from(pixels.height()) * 3.0)
}
