//! Places in a picture, by chance.

use crate::draw::Draw;
use giqa_core::NormBox;

/// A box of 0.05 to 0.3 of the picture, somewhere.
#[must_use]
pub fn anywhere(draw: &mut Draw) -> NormBox {
    of_share(draw.between(0.05, 0.3), draw)
}

fn of_share(share: f64, draw: &mut Draw) -> NormBox {
    let slimness = draw.between(0.65, 1.5);
    let (w, h) = ((share * slimness).sqrt().min(1.0), (share / slimness).sqrt().min(1.0));
    let (x, y) = (draw.between(0.0, 1.0 - w), draw.between(0.0, 1.0 - h));
    // The numbers are in order and in 0..1 but for rounding.
    NormBox::clamped(x, y, x + w, y + h).unwrap_or(NormBox::FULL)
}

/// A box that keeps a little away from another; `None` when chance finds no room.
#[must_use]
pub fn apart(from: &NormBox, draw: &mut Draw) -> Option<NormBox> {
    let away = NormBox::clamped(from.x1() - 0.02, from.y1() - 0.02, from.x2() + 0.02, from.y2() + 0.02)?;
    (0..30).map(|_| of_share(draw.between(0.04, 0.15), draw)).find(|b| b.intersection(&away).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_room() {
        let mut draw = Draw::new(1, "places");
        for _ in 0..500 {
            let place = anywhere(&mut draw);
            assert!((0.0499..=0.3001).contains(&place.area()), "{place:?}");
            if let Some(other) = apart(&place, &mut draw) {
                assert_eq!(other.intersection(&place), None);
            }
        }
        assert_eq!(apart(&NormBox::FULL, &mut draw), None);
        assert!(apart(&NormBox::new(0.0, 0.0, 0.3, 0.3).unwrap(), &mut draw).is_some());
    }
}
