//! Plants a fault in a picture.

mod jpeg;
mod light;
pub(crate) mod plane;
mod samples;

use crate::draw::Draw;
use crate::fault::Fault;
use crate::mask::Mask;
use crate::picture::Picture;
use giqa_core::PixelBox;
use light::Tint;

/// A fault with everything about it that chance decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planting {
    /// The fault.
    pub fault: Fault,
    /// How strong, 1 to 5.
    pub severity: u8,
    angle: f64,
    tint: Tint,
    grain: u64,
}

impl Planting {
    /// Draws what is left to chance: the direction of motion, the tint, the grain.
    #[must_use]
    pub fn new(fault: Fault, severity: u8, draw: &mut Draw) -> Self {
        let angle = draw.between(0.0, std::f64::consts::PI);
        let tint = Tint::ALL[draw.below(Tint::ALL.len())];
        let grain = draw.below(usize::MAX) as u64;
        Self { fault, severity, angle, tint, grain }
    }

    /// The picture with the fault where the mask says.
    ///
    /// # Errors
    /// [`image::ImageError`] when the JPEG coder fails.
    pub fn apply(&self, picture: &Picture, mask: &Mask) -> Result<Picture, image::ImageError> {
        let strength = self.fault.strength(self.severity);
        let pixels = strength * picture.scale();
        let part = grown(mask.area(), self.reach(pixels), picture);
        let crop = picture.crop(part);
        let faulty = match self.fault {
            Fault::Blur => light::blur(&crop, pixels),
            Fault::Motion => light::motion(&crop, pixels, self.angle),
            Fault::Noise => samples::noise(&crop, strength as f32, Draw::new(self.grain, "grain")),
            Fault::Jpeg => jpeg::compressed(&crop, strength as u8)?,
            Fault::Over => light::gains(&crop, [strength; 3]),
            Fault::Under => light::gains(&crop, [-strength; 3]),
            Fault::Cast => light::gains(&crop, self.tint.stops(strength)),
            Fault::Banding => samples::banding(&crop, strength as usize),
            Fault::Pixelation => samples::pixelation(&crop, (pixels.round() as usize).max(2)),
        };
        Ok(blended(picture, &faulty, part, mask))
    }

    /// How far from a pixel the fault looks.
    fn reach(&self, pixels: f64) -> u32 {
        match self.fault {
            Fault::Blur => (3.0 * pixels).ceil() as u32 + 1,
            Fault::Motion => (pixels / 2.0).ceil() as u32 + 1,
            Fault::Jpeg => 16,
            _ => 0,
        }
    }
}

fn grown(area: PixelBox, by: u32, picture: &Picture) -> PixelBox {
    PixelBox {
        x1: area.x1.saturating_sub(by),
        y1: area.y1.saturating_sub(by),
        x2: area.x2.saturating_add(by).min(picture.width() as u32),
        y2: area.y2.saturating_add(by).min(picture.height() as u32),
    }
}

/// `faulty` is the part of the picture that lies in `part`.
fn blended(picture: &Picture, faulty: &Picture, part: PixelBox, mask: &Mask) -> Picture {
    let mut out = picture.clone();
    let (width, left, top) = (picture.width(), part.x1 as usize, part.y1 as usize);
    for y in 0..faulty.height() {
        for x in 0..faulty.width() {
            let alpha = u32::from(mask.at(left + x, top + y));
            if alpha == 0 {
                continue;
            }
            let (to, from) = (3 * ((top + y) * width + left + x), 3 * (y * faulty.width() + x));
            for c in 0..3 {
                let (old, new) = (u32::from(out.rgb()[to + c]), u32::from(faulty.rgb()[from + c]));
                out.rgb_mut()[to + c] = ((old * (255 - alpha) + new * alpha + 127) / 255) as u8;
            }
        }
    }
    out
}

/// The root of the mean squared change, in 8-bit steps, where the mask is over one half.
#[must_use]
pub fn change(before: &Picture, after: &Picture, mask: &Mask) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u64);
    let width = before.width();
    let pairs = before.rgb().chunks_exact(3).zip(after.rgb().chunks_exact(3));
    for (_, (a, b)) in pairs.enumerate().filter(|(i, _)| mask.at(i % width, i / width) > 127) {
        sum += a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>();
        count += 3;
    }
    if count == 0 { 0.0 } else { (sum / count as f64).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::SEVERITIES;
    use crate::picture::sample;
    use giqa_core::NormBox;

    fn planted(fault: Fault, severity: u8, picture: &Picture, mask: &Mask) -> Picture {
        Planting::new(fault, severity, &mut Draw::new(5, "test")).apply(picture, mask).unwrap()
    }

    #[test]
    fn each_fault_grows_with_its_severity() {
        let picture = sample(640, 400);
        for mask in [Mask::full(640, 400), Mask::of_box(&NormBox::new(0.2, 0.3, 0.7, 0.8).unwrap(), 640, 400)] {
            for fault in Fault::ALL {
                let changes = SEVERITIES.map(|s| change(&picture, &planted(fault, s, &picture, &mask), &mask));
                assert!(changes.windows(2).all(|w| w[0] < w[1]), "{fault} {changes:?}");
                assert!(changes[0] > 0.5 && changes[4] > 10.0, "{fault} {changes:?}");
            }
        }
    }

    #[test]
    fn nothing_changes_outside_the_mask() {
        let picture = sample(300, 200);
        let mask = Mask::of_box(&NormBox::new(0.4, 0.4, 0.7, 0.7).unwrap(), 300, 200);
        for fault in Fault::ALL {
            let after = planted(fault, 5, &picture, &mask);
            let same = |i: usize| picture.rgb()[3 * i..3 * i + 3] == after.rgb()[3 * i..3 * i + 3];
            assert!((0..300 * 200).filter(|i| mask.at(i % 300, i / 300) == 0).all(same), "{fault}");
            assert!(change(&picture, &after, &mask) > 5.0, "{fault}");
        }
    }

    #[test]
    fn the_same_chance_gives_the_same_and_small_pictures_are_no_trouble() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (9, 9)] {
            let picture = sample(width, height);
            let mask = Mask::full(width, height);
            for fault in Fault::ALL {
                let [one, two] = [0, 1].map(|_| planted(fault, 5, &picture, &mask));
                assert!(one == two && one.rgb().len() == 3 * width * height, "{fault}");
            }
        }
    }
}
