//! A test kit for plugin authors: pictures that break careless code, and a check of a plugin's static twin.
//!
//! `giqa plugins check LIBRARY` asks more of the finished library; this runs inside `cargo test` and under Miri.

use crate::{Instance, Plugin, Services};
use giqa_core::{
    CancelToken, ComponentError, ComponentSpec, Context, ErrorKind, Evidence, ImageView, Measurement, MetricInput,
    ModelInput, ModelTask, ProposerInput, Request, Silent,
};

/// A picture with its own pixels.
#[derive(Debug, Clone)]
pub struct Picture {
    name: &'static str,
    width: u32,
    height: u32,
    stride: isize,
    data: Vec<u8>,
}

impl Picture {
    /// What is special about it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The picture as components see it.
    ///
    /// # Panics
    /// Never for the pictures of this module.
    #[must_use]
    #[expect(clippy::expect_used, reason = "sizes are made to fit in `picture`")]
    pub fn view(&self) -> ImageView<'_> {
        ImageView::strided(self.width, self.height, self.stride, &self.data).expect("a picture that fits its bytes")
    }
}

fn picture(
    name: &'static str,
    width: u32,
    height: u32,
    gap: usize,
    flip: bool,
    pixel: impl Fn(u32, u32) -> [u8; 3],
) -> Picture {
    let step = width as usize * 3 + gap;
    // The gap holds 0xAA: a reader that ignores the stride sees stripes.
    let mut data = vec![0xAA; step * height as usize];
    for y in 0..height {
        let row = if flip { height - 1 - y } else { y } as usize;
        for x in 0..width {
            let at = row * step + x as usize * 3;
            data[at..at + 3].copy_from_slice(&pixel(x, y));
        }
    }
    let stride = if flip { -(step as isize) } else { step as isize };
    Picture { name, width, height, stride, data }
}

/// A scene with gradients, edges and seeded grain.
fn scene(x: u32, y: u32) -> [u8; 3] {
    let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 28;
    let edge = if (x / 12 + y / 9).is_multiple_of(2) { 60 } else { 0 };
    let tone = |base: u32| (base + edge + grain).min(255) as u8;
    [tone(40 + x % 120), tone(60 + y % 110), tone(90)]
}

/// Pictures that break careless code: one pixel, a line, flat, black, white, padded rows, rows from bottom to top.
#[must_use]
pub fn pictures() -> Vec<Picture> {
    vec![
        picture("64 x 48 scene", 64, 48, 0, false, scene),
        picture("padded rows", 33, 21, 7, false, scene),
        picture("rows from bottom to top", 40, 30, 5, true, scene),
        picture("one pixel", 1, 1, 0, false, scene),
        picture("a column", 1, 97, 2, false, scene),
        picture("a row", 131, 1, 0, false, scene),
        picture("flat grey", 50, 50, 0, false, |_, _| [128; 3]),
        picture("black", 24, 24, 1, false, |_, _| [0; 3]),
        picture("white", 24, 24, 1, false, |_, _| [255; 3]),
    ]
}

/// Runs every component of a plugin, with its default configuration, on every picture of [`pictures`]; gives the
/// complaints, none when all is well. Components that can't be made without configuration are skipped with
/// `BadConfig`.
///
/// # Errors
/// When the manifest is wrong or a component can't be made.
pub fn check<P: Plugin>() -> Result<Vec<String>, ComponentError> {
    let manifest = crate::manifest::<P>()?;
    let pictures = pictures();
    let mut complaints = Vec::new();
    for component in &manifest.components {
        let instance = match P::create(&Services::default(), &component.name, &serde_json::json!({})) {
            Err(e) if e.kind == ErrorKind::BadConfig => continue,
            made => made?,
        };
        let mut complain = |what: String| complaints.push(format!("{}.{}: {what}", manifest.name, component.name));
        match (&instance, &component.spec) {
            (Instance::Metric(_), ComponentSpec::Metric(_))
            | (Instance::Proposer(_), ComponentSpec::Proposer(_))
            | (Instance::Model(_), ComponentSpec::Model(_)) => {}
            _ => complain(format!("the manifest calls it a {}", component.spec.kind())),
        }
        for picture in &pictures {
            if let Err(what) = check_one(&instance, picture.view()) {
                complain(format!("{}: {what}", picture.name()));
            }
        }
    }
    Ok(complaints)
}

fn check_one(instance: &Instance, image: ImageView<'_>) -> Result<(), String> {
    let token = CancelToken::new();
    let context = Context::new(&token, &Silent);
    match instance {
        Instance::Metric(metric) => {
            let results = metric.measure(&context, &[MetricInput { map: true, ..MetricInput::new(image) }]);
            match one(results)? {
                Measurement::Measured { value, .. } if !value.is_finite() => {
                    Err("a value that is not finite".to_owned())
                }
                _ => Ok(()),
            }
        }
        Instance::Proposer(proposer) => {
            let regions = one(proposer.propose(&context, &[ProposerInput { image, phrases: &[] }]))?;
            let good = regions.iter().all(|r| (0.0..=1.0).contains(&r.score) && !r.name.trim().is_empty());
            if good { Ok(()) } else { Err("a region without a name or with a score outside 0..1".to_owned()) }
        }
        Instance::Model(model) if model.spec().tasks.contains(&ModelTask::Describe) => {
            let input = ModelInput { image: Some(image), request: &Request::Describe, evidence: &Evidence::default() };
            let output = one(model.generate(&context, &[input]))?;
            if output.text.is_consistent() { Ok(()) } else { Err("spans that do not fit their text".to_owned()) }
        }
        Instance::Model(_) => Ok(()),
    }
}

fn one<T>(mut results: Vec<Result<T, ComponentError>>) -> Result<T, String> {
    match (results.len(), results.pop()) {
        (1, Some(result)) => result.map_err(|e| e.to_string()),
        (n, _) => Err(format!("{n} results for one item")),
    }
}
