//! Plants faults in photographs.

use crate::apply::{Planting, change};
use crate::coco::{Coco, Object};
use crate::draw::{Deck, Draw};
use crate::error::BenchError;
use crate::fault::{Fault, SEVERITIES};
use crate::mask::Mask;
use crate::picture::Picture;
use crate::places;
use crate::records::{MARKED, Made, records};
use crate::truth::{TruthBox, TruthWriter};
use giqa_core::CancelToken;
use giqa_engine::files::{OutputDir, stem_of};
use giqa_engine::{Limits, decode};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The least side of a photograph in pixels.
const MIN_SIDE: u32 = 64;
/// A local fault should change the pixels by this much (root of the mean square, 8-bit steps): noise in a black corner
/// or blur of an empty wall is no fault that anybody could find.
const SEEN: f64 = 2.0;
/// Places that are tried for it.
const TRIES: usize = 6;

/// What to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeOptions {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Pictures with a fault in one place, for each photograph.
    pub local: usize,
    /// Pictures with a fault everywhere, for each photograph.
    pub global: usize,
    /// Severities to plant; empty = all.
    pub severities: Vec<u8>,
}

impl Default for MakeOptions {
    fn default() -> Self {
        Self { seed: 0, local: 2, global: 1, severities: SEVERITIES.to_vec() }
    }
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MakeSummary {
    /// Photographs that were used.
    pub photos: usize,
    /// Photographs that could not be used.
    pub failed: usize,
    /// Pictures that were written.
    pub pictures: usize,
    /// Records that were written.
    pub records: usize,
}

/// A photograph, and its path below the folder that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The file.
    pub path: PathBuf,
    /// The same below its folder, with `/`; the file's name when it was given itself.
    pub relative: String,
}

impl Photo {
    /// A file found below one of these.
    #[must_use]
    pub fn below(path: &Path, given: &[PathBuf]) -> Self {
        let inside = given.iter().filter(|g| *g != path).find_map(|g| path.strip_prefix(g).ok());
        let name = inside.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
        let parts: Vec<_> = name.iter().map(|p| p.to_string_lossy()).collect();
        Self { path: path.to_owned(), relative: parts.join("/") }
    }
}

/// Makes a bench of photographs in `dir`: pictures in `images/`, and truth.json. The photographs are only read. After
/// each, `done` is told its problem if it could not be used.
///
/// # Errors
/// [`BenchError`] when the folder is not empty, nothing could be used, something can't be written, or `cancel` said so.
pub fn make(
    photos: &[Photo],
    coco: Option<&Coco>,
    dir: &Path,
    options: &MakeOptions,
    cancel: &CancelToken,
    mut done: impl FnMut(Option<String>),
) -> Result<MakeSummary, BenchError> {
    check_empty(dir)?;
    if photos.is_empty() {
        return Err(BenchError::NoPhotos);
    }
    let images = OutputDir::create(&dir.join("images"))?;
    let mut truth = TruthWriter::create(dir)?;
    let severities = if options.severities.is_empty() { &SEVERITIES[..] } else { &options.severities };
    let pairs: Vec<(Fault, u8)> = Fault::ALL.iter().flat_map(|&f| severities.iter().map(move |&s| (f, s))).collect();
    let deck = |name| Deck::new(pairs.clone(), Draw::new(options.seed, name));
    let (mut local, mut global) = (deck("local"), deck("global"));
    let mut summary = MakeSummary::default();
    for photo in photos {
        if cancel.is_cancelled() {
            return Err(BenchError::Stopped);
        }
        let picture = match read(&photo.path) {
            Ok(picture) => picture,
            Err(why) => {
                summary.failed += 1;
                done(Some(why));
                continue;
            }
        };
        // Dealt here, so that a photograph that can't be read takes nothing out of the balance.
        let faults = (0..options.local).filter_map(|_| local.deal().map(|f| (f, true)));
        let mut faults: Vec<_> = faults.collect();
        faults.extend((0..options.global).filter_map(|_| global.deal().map(|f| (f, false))));
        let objects = coco.and_then(|c| c.objects(&photo.relative, picture.width() as u32, picture.height() as u32));
        let one =
            OnePhoto { photo, picture, objects: objects.unwrap_or_default(), images: &images, seed: options.seed };
        let made = one.variants(&faults)?;
        let records = records(&made, &mut Draw::new(options.seed, &format!("records {}", photo.relative)));
        for record in &records {
            truth.write(record)?;
        }
        summary.photos += 1;
        summary.pictures += made.len();
        summary.records += records.len();
        done(None);
    }
    if summary.photos == 0 {
        return Err(BenchError::NoneUsable);
    }
    truth.finish()?;
    Ok(summary)
}

fn check_empty(dir: &Path) -> Result<(), BenchError> {
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(BenchError::NotEmpty { path: dir.to_owned() }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(BenchError::Io { path: dir.to_owned(), source }),
    }
}

fn read(path: &Path) -> Result<Picture, String> {
    let image = decode(path, &Limits::default()).map_err(|e| e.to_string())?;
    let (width, height) = (image.width(), image.height());
    if width.min(height) < MIN_SIDE {
        let shown = giqa_engine::safe_text::shown(path);
        return Err(format!("{shown}: has {width} x {height} pixels; expected at least {MIN_SIDE} a side"));
    }
    Ok(Picture::from(&image))
}

/// One photograph and what is made of it.
struct OnePhoto<'a> {
    photo: &'a Photo,
    picture: Picture,
    objects: &'a [Object],
    images: &'a OutputDir,
    seed: u64,
}

/// A place for a local fault.
struct Spot {
    label: String,
    mask: Mask,
    outlined: bool,
}

impl OnePhoto<'_> {
    fn draw(&self, what: &str) -> Draw {
        Draw::new(self.seed, &format!("{what} {}", self.photo.relative))
    }

    /// The clean picture, then the faulty ones.
    fn variants(&self, faults: &[((Fault, u8), bool)]) -> Result<Vec<Made>, BenchError> {
        // The order of objects is drawn once, so that two local faults lie on different ones where there are two.
        let mut order: Vec<&Object> = self.objects.iter().collect();
        self.draw("objects").shuffle(&mut order);
        let clean = std::iter::once(None);
        let wanted: Vec<_> = clean.chain(faults.iter().copied().map(Some)).enumerate().collect();
        let made: Vec<(String, Vec<u8>, Made)> = wanted
            .into_par_iter()
            .map(|(n, fault)| self.variant(n, fault, &order))
            .collect::<Result<_, BenchError>>()?;
        // Written in order: a name that two photographs share is told apart in the same way each time.
        made.into_iter()
            .map(|(stem, png, mut made)| {
                let path = self.images.write(&stem, "png", &png)?;
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                made.image = format!("images/{name}");
                Ok(made)
            })
            .collect()
    }

    fn variant(
        &self,
        n: usize,
        wanted: Option<((Fault, u8), bool)>,
        order: &[&Object],
    ) -> Result<(String, Vec<u8>, Made), BenchError> {
        let stem = stem_of(&self.photo.relative);
        let code = |source| BenchError::Code { path: self.photo.path.clone(), source };
        let (mut place, mut outlined, mut rmse) = (None, false, 0.0);
        let mut spoilt = None;
        let name = match wanted {
            None => format!("{stem}-clean"),
            Some(((fault, severity), is_local)) => {
                let mut draw = self.draw(&format!("variant {n}"));
                let planting = Planting::new(fault, severity, &mut draw);
                if is_local {
                    let spots = self.spots(n, order, &mut draw);
                    for spot in spots {
                        let after = planting.apply(&self.picture, &spot.mask).map_err(code)?;
                        let by = change(&self.picture, &after, &spot.mask);
                        if spoilt.is_none() || by > rmse {
                            place = spot.mask.tight_box().map(|b| TruthBox::new(&spot.label, b));
                            (spoilt, outlined, rmse) = (Some(after), spot.outlined, by);
                        }
                        if by >= SEEN {
                            break;
                        }
                    }
                } else {
                    let mask = Mask::full(self.picture.width(), self.picture.height());
                    let after = planting.apply(&self.picture, &mask).map_err(code)?;
                    rmse = change(&self.picture, &after, &mask);
                    spoilt = Some(after);
                }
                format!("{stem}-{n}-{}-{fault}{severity}", if is_local { "local" } else { "global" })
            }
        };
        let picture = spoilt.as_ref().unwrap_or(&self.picture);
        let png = png(picture).map_err(code)?;
        let made = Made {
            image: String::new(),
            fault: wanted.map(|w| w.0),
            place,
            outlined,
            rmse,
            size: (picture.width() as u32, picture.height() as u32),
            source: self.photo.relative.clone(),
            seed: self.seed,
            blake3: blake3::hash(&png).to_hex().to_string(),
        };
        Ok((name, png, made))
    }

    /// Places to try: objects, each variant beginning with another, every second one by its outline; else boxes.
    fn spots(&self, n: usize, order: &[&Object], draw: &mut Draw) -> Vec<Spot> {
        let (width, height) = (self.picture.width(), self.picture.height());
        let turn = n.saturating_sub(1).checked_rem(order.len()).unwrap_or(0);
        let objects = order.iter().cycle().skip(turn).take(order.len().min(TRIES));
        let mut spots: Vec<Spot> = objects
            .map(|o| {
                let follow = draw.below(2) == 0;
                let outline = Mask::of_polygons(&o.polygons, width, height).filter(|_| follow);
                let outlined = outline.is_some();
                let mask = outline.unwrap_or_else(|| Mask::of_box(&o.bounds, width, height));
                Spot { label: o.label.clone(), mask, outlined }
            })
            .collect();
        if spots.is_empty() {
            spots.extend((0..TRIES).map(|_| {
                let mask = Mask::of_box(&places::anywhere(draw), width, height);
                Spot { label: MARKED.to_owned(), mask, outlined: false }
            }));
        }
        spots
    }
}

fn png(picture: &Picture) -> Result<Vec<u8>, image::ImageError> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    encoder.write_image(picture.rgb(), width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}
