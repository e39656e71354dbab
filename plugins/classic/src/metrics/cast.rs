//! Colour cast: how far the picture's colours lie off grey as a whole, after Gasparini and Schettini, "Color balancing
//! of digital photos using simple image statistics", Pattern Recognition 2004.
//!
//! On the a-b plane of CIE Lab (D65), over pixels with `10 < L < 95`: `mu` is the distance of the mean from grey and
//! `sigma` the spread around it; the value is `(mu - sigma) / sigma`, at least 0. A cloud of colours that keeps away
//! from grey is a cast (or a scene of one colour; the number alone can't tell). Details: `a`, `b` (means: +a reddish,
//! -a greenish, +b yellowish, -b bluish), `spread`. Pictures over 0.3 megapixels are sampled.

use super::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::Measurement;

/// Means need fewer pixels than shares; and Lab costs three cube roots each.
const MOST_SAMPLES: u64 = 300_000;
/// Spread (Lab) below which the picture has one colour alone.
const ONE_COLOUR: f64 = 6.0;
/// Mean chroma (Lab) beyond which such a picture is thought to show a thing of that colour, such as the sky.
const STRONG: f64 = 25.0;

/// Measures; range 0 upwards, lower is more neutral.
pub fn measure(look: Look<'_>) -> Measurement {
    let linear: Vec<f32> = (0..=255_u8).map(linearise).collect();
    let mut sums = [0.0_f64; 4];
    let (mut n, mut all) = (0.0_f64, 0.0_f64);
    super::sample(look.image, pixels_of(look.image, look.region), MOST_SAMPLES, |p| {
        all += 1.0;
        let [l, a, b] = lab(linear[p[0] as usize], linear[p[1] as usize], linear[p[2] as usize]).map(f64::from);
        if 10.0 < l && l < 95.0 {
            sums[0] += a;
            sums[1] += a * a;
            sums[2] += b;
            sums[3] += b * b;
            n += 1.0;
        }
    });
    if n < 0.05 * all {
        return Measurement::not_measurable("nearly all pixels are too dark or too bright to have a colour");
    }
    let [a, a2, b, b2] = sums.map(|s| s / n);
    let spread = ((a2 - a * a).max(0.0) + (b2 - b * b).max(0.0)).sqrt();
    if spread < ONE_COLOUR && a.hypot(b) > STRONG {
        return Measurement::not_measurable(
            "one strong colour alone: a cast can't be told from the scene's own colour",
        );
    }
    // A few Lab steps of spread at least: a grey picture with rounding has no cast.
    let spread = spread.max(4.0);
    let value = ((a.hypot(b) - spread) / spread).max(0.0);
    measured(value, &[("a", a), ("b", b), ("spread", spread)], None)
}

/// sRGB to linear light, `0..=1`.
fn linearise(v: u8) -> f32 {
    let v = f32::from(v) / 255.0;
    if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// CIE Lab (D65) of linear sRGB.
fn lab(r: f32, g: f32, b: f32) -> [f32; 3] {
    let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
    let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
    let z = (0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / 1.088_83;
    let f = |t: f32| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let (x, y, z) = (f(x), f(y), f(z));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
