//! Which photograph gets which fault, and where.

/// What is done to the picture.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// Out of focus: Gaussian, in linear light.
    Blur { sigma: f64 },
    /// Moved while exposing: a line of `len` pixels along `(dx, dy)`, in linear light.
    Motion { dx: f64, dy: f64, len: f64 },
    /// Gaussian noise per channel, in 8-bit steps.
    Noise { sd: f64, seed: u64 },
    /// Stops of light, negative for less.
    Exposure { ev: f64 },
    /// Encoded as JPEG at this quality, then decoded.
    Compress { quality: u8 },
    /// Gain of red, green and blue in linear light.
    Gains { rgb: [f64; 3] },
    /// Scaled about mid grey.
    Flatten { scale: f64 },
    /// Rounded to this many steps per channel.
    Posterise { steps: f64 },
}

/// Where it is done. Boxes are xyxy pixels; half the fault's strength lies on their border.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Whole,
    Ellipse([u32; 4]),
    Rect([u32; 4]),
}

impl Place {
    pub(super) fn bounds(self) -> Option<[u32; 4]> {
        match self {
            Place::Whole => None,
            Place::Ellipse(b) | Place::Rect(b) => Some(b),
        }
    }

    /// How strong the fault is at a pixel, 0 to 1; the border of the box has one half.
    pub(super) fn weight(self, x: u32, y: u32, width: u32, height: u32) -> f64 {
        const FEATHER: f64 = 40.0;
        let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        match self {
            Place::Whole => 1.0,
            Place::Ellipse(b) => {
                let [x1, y1, x2, y2] = b.map(f64::from);
                let (u, v) = ((2.0 * px - x1 - x2) / (x2 - x1), (2.0 * py - y1 - y2) / (y2 - y1));
                1.0 - smooth(((u * u + v * v).sqrt() - 0.75) / 0.5)
            }
            Place::Rect(b) => {
                let [x1, y1, x2, y2] = b.map(f64::from);
                // A side on the border of the picture has no feather.
                let side = |inside: f64, at_border: bool| if at_border { 1.0 } else { smooth(inside / FEATHER + 0.5) };
                side(px - x1, b[0] == 0)
                    * side(py - y1, b[1] == 0)
                    * side(x2 - px, b[2] == width)
                    * side(y2 - py, b[3] == height)
            }
        }
    }
}

fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub(super) struct Recipe {
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) attribute: &'static str,
    pub(super) words: &'static str,
    pub(super) fault: Fault,
    pub(super) place: Place,
}

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        file: "cat-blurred-face.jpg",
        from: "cat.jpg",
        attribute: "sharpness",
        words: "The cat's face is out of focus, ear and neck are sharp: Gaussian blur, sigma 4",
        fault: Fault::Blur { sigma: 4.0 },
        place: Place::Ellipse([110, 55, 375, 275]),
    },
    Recipe {
        file: "rocket-noisy-sky.jpg",
        from: "rocket.jpg",
        attribute: "noise",
        words: "The evening sky is noisy: Gaussian noise, sd 25",
        fault: Fault::Noise { sd: 25.0, seed: 20 },
        place: Place::Rect([0, 0, 640, 320]),
    },
    Recipe {
        file: "coffee-blown-out.jpg",
        from: "coffee.jpg",
        attribute: "exposure",
        words: "The cup is blown out: +2.5 EV, clipped",
        fault: Fault::Exposure { ev: 2.5 },
        place: Place::Ellipse([165, 10, 425, 210]),
    },
    Recipe {
        file: "astronaut-face-in-shadow.jpg",
        from: "astronaut.jpg",
        attribute: "exposure",
        words: "Flag and face lie in deep shadow: -2.5 EV",
        fault: Fault::Exposure { ev: -2.5 },
        place: Place::Rect([0, 0, 290, 205]),
    },
    Recipe {
        file: "cat-turned-head.jpg",
        from: "cat.jpg",
        attribute: "motion",
        words: "The cat turned its head while the rest stood still: 19 pixels of motion, level",
        fault: Fault::Motion { dx: 1.0, dy: 0.0, len: 19.0 },
        place: Place::Ellipse([110, 55, 375, 275]),
    },
    Recipe {
        file: "astronaut-compressed.jpg",
        from: "astronaut.jpg",
        attribute: "compression",
        words: "JPEG at quality 8, stored again at 92",
        fault: Fault::Compress { quality: 8 },
        place: Place::Whole,
    },
    Recipe {
        file: "cat-underexposed.jpg",
        from: "cat.jpg",
        attribute: "exposure",
        words: "Underexposed: -2.5 EV",
        fault: Fault::Exposure { ev: -2.5 },
        place: Place::Whole,
    },
    Recipe {
        file: "rocket-camera-shake.jpg",
        from: "rocket.jpg",
        attribute: "motion",
        words: "Camera shake: 15 pixels of motion, down to the right",
        fault: Fault::Motion { dx: 0.8, dy: 0.6, len: 15.0 },
        place: Place::Whole,
    },
    Recipe {
        file: "cat-blue-cast.jpg",
        from: "cat.jpg",
        attribute: "colour",
        words: "Blue cast from a wrong white balance: gains 0.45, 0.85, 2.20",
        fault: Fault::Gains { rgb: [0.45, 0.85, 2.20] },
        place: Place::Whole,
    },
    Recipe {
        file: "coffee-flat.jpg",
        from: "coffee.jpg",
        attribute: "contrast",
        words: "Flat: contrast scaled to 30 % about mid grey",
        fault: Fault::Flatten { scale: 0.30 },
        place: Place::Whole,
    },
    Recipe {
        file: "rocket-banded.jpg",
        from: "rocket.jpg",
        attribute: "banding",
        words: "Rounded to 14 steps per channel: bands in the sky",
        fault: Fault::Posterise { steps: 14.0 },
        place: Place::Whole,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_of_a_box_has_half_the_fault() {
        let place = Place::Ellipse([100, 100, 200, 200]);
        assert!((place.weight(150, 150, 300, 300) - 1.0).abs() < 1e-12);
        assert!((place.weight(200, 150, 300, 300) - 0.5).abs() < 0.05);
        assert!(place.weight(280, 150, 300, 300).abs() < 1e-12);
    }
}
