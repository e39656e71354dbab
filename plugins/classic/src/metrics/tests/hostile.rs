//! Shapes and contents that break careless code: nothing panics, and every number is finite.

use super::*;
use crate::testing::boxed;

#[test]
fn odd_pictures_have_finite_answers_or_reasons() {
    let sizes = [(1, 1), (1, 5000), (5000, 1), (8, 8), (9, 7), (33, 32), (64, 63), (200, 40), (97, 191)];
    let fillings: [fn(usize, usize) -> [u8; 3]; 5] = [
        |_, _| [0; 3],
        |_, _| [255; 3],
        |x, y| [((x * 7 + y * 13) % 256) as u8, (x % 256) as u8, (y % 256) as u8],
        |x, y| if (x + y) % 2 == 0 { [255; 3] } else { [0; 3] },
        |x, _| if x == 0 { [255, 0, 0] } else { [0, 0, 255] },
    ];
    let regions =
        [None, Some(boxed(0.5, 0.5, 0.5, 0.5)), Some(boxed(0.9, 0.0, 1.0, 1.0)), Some(boxed(1.0, 1.0, 1.0, 1.0))];
    for (width, height) in sizes {
        for filling in fillings {
            let picture = Picture::of(width, height, filling);
            for (name, _) in ALL {
                for region in regions {
                    match try_measure(name, &picture, region) {
                        Ok(answer) => {
                            let spec = giqa_sdk::metric_spec::<Classic>(name).unwrap();
                            let (low, high) = (spec.range[0].unwrap_or(f64::MIN), spec.range[1].unwrap_or(f64::MAX));
                            assert!(
                                (low..=high).contains(&answer.value),
                                "{name} {width} x {height}: {}",
                                answer.value
                            );
                            assert!(answer.details.values().all(|v| v.is_finite()), "{name}: {:?}", answer.details);
                        }
                        Err(reason) => assert!(!reason.is_empty()),
                    }
                }
            }
        }
    }
}
