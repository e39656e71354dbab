//! Embedded colour profiles: pixels become sRGB.

use super::pixels::{CHUNK_PIXELS, Samples, to_rgb};
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};
use rayon::prelude::*;
use std::sync::Arc;

/// Converts samples to sRGB by the embedded profile. A profile that can't be used gives a warning and leaves the
/// pixels as if there were none.
pub(crate) fn to_srgb(samples: Samples, icc: Option<&[u8]>, warnings: &mut Vec<String>) -> Vec<u8> {
    let Some(icc) = icc.filter(|i| !i.is_empty()) else {
        if matches!(samples, Samples::Cmyk(_)) {
            warnings.push("CMYK without a colour profile; colours are approximate".into());
        }
        return to_rgb(samples);
    };
    match transform_for(&samples, icc) {
        Ok(None) => to_rgb(samples),
        Ok(Some(transform)) => apply(samples, transform.as_ref(), warnings),
        Err(reason) => {
            warnings.push(format!("its colour profile can't be used ({reason}); colours are unchanged"));
            to_rgb(samples)
        }
    }
}

/// The transform to sRGB; `None` where it would change nothing.
fn transform_for(samples: &Samples, icc: &[u8]) -> Result<Option<Arc<Transform8BitExecutor>>, String> {
    let profile = ColorProfile::new_from_slice(icc).map_err(|e| format!("{e:?}"))?;
    let (space, layout) = match samples {
        Samples::Grey(_) => (DataColorSpace::Gray, Layout::Gray),
        Samples::Rgb(_) => (DataColorSpace::Rgb, Layout::Rgb),
        Samples::Cmyk(_) => (DataColorSpace::Cmyk, Layout::Rgba),
    };
    if profile.color_space != space {
        return Err(format!("it is for {:?} and the pixels are {space:?}", profile.color_space));
    }
    let srgb = ColorProfile::new_srgb();
    let transform = profile
        .create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
        .map_err(|e| format!("{e:?}"))?;
    let same = match samples {
        Samples::Rgb(_) => changes_nothing::<3>(transform.as_ref()),
        Samples::Grey(_) => changes_nothing::<1>(transform.as_ref()),
        Samples::Cmyk(_) => false,
    };
    Ok((!same).then_some(transform))
}

/// Whether a lattice of colours comes out as it went in, give or take one step. sRGB profiles come in dozens of
/// spellings; what they do is easier to compare than what they say.
fn changes_nothing<const N: usize>(transform: &Transform8BitExecutor) -> bool {
    let levels: Vec<u8> = (0..=255).step_by(17).collect();
    let mut from = Vec::new();
    if N == 1 {
        from.extend(&levels);
    } else {
        for &r in &levels {
            for &g in &levels {
                from.extend(levels.iter().flat_map(|&b| [r, g, b]));
            }
        }
    }
    let mut to = vec![0; from.len() / N * 3];
    transform.transform(&from, &mut to).is_ok()
        && from
            .chunks_exact(N)
            .zip(to.chunks_exact(3))
            .all(|(f, t)| t.iter().enumerate().all(|(i, &v)| v.abs_diff(f[i.min(N - 1)]) <= 1))
}

fn apply(samples: Samples, transform: &Transform8BitExecutor, warnings: &mut Vec<String>) -> Vec<u8> {
    let done = match &samples {
        Samples::Grey(grey) => run(grey, 1, transform),
        Samples::Rgb(rgb) => run(rgb, 3, transform),
        Samples::Cmyk(cmyk) => run(cmyk, 4, transform),
    };
    done.unwrap_or_else(|reason| {
        warnings.push(format!("its colour profile failed ({reason}); colours are unchanged"));
        to_rgb(samples)
    })
}

fn run(from: &[u8], channels: usize, transform: &Transform8BitExecutor) -> Result<Vec<u8>, String> {
    let mut to = vec![0; from.len() / channels * 3];
    to.par_chunks_mut(CHUNK_PIXELS * 3)
        .zip(from.par_chunks(CHUNK_PIXELS * channels))
        .try_for_each(|(to, from)| transform.transform(from, to).map_err(|e| format!("{e:?}")))?;
    Ok(to)
}
