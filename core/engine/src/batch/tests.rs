//! Order, cancellation, and errors of single images.

use super::*;
use crate::InspectOptions;
use crate::fakes::profile;
use image::{Rgb, RgbImage};

fn folder(n: u8) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..n).map(|i| dir.path().join(format!("{i:02}.png"))).collect();
    for (i, path) in (0..).zip(&paths) {
        RgbImage::from_pixel(20 + i, 20, Rgb([i as u8; 3])).save(path).unwrap();
    }
    (dir, paths)
}

#[test]
fn results_come_in_the_order_of_the_input() {
    let (_dir, mut paths) = folder(20);
    std::fs::write(&paths[3], "no image").unwrap();
    paths.push("gone.png".into());
    let inspector = Inspector::new(profile(), InspectOptions::default());
    let after = |image: &Decoded, _: &Inspection| vec![format!("width {}", image.width())];
    let options = BatchOptions { jobs: 4, after: Some(&after), ..BatchOptions::default() };
    let mut seen = Vec::new();
    run(&paths, &inspector, &options, &CancelToken::new(), |i, outcome| {
        seen.push((i, outcome.map(|o| (o.report.image.width, o.report.warnings.last().cloned()))));
    });
    assert!(seen.iter().map(|s| s.0).eq(0..21));
    for (i, outcome) in seen {
        match (i, outcome) {
            (3 | 20, Err(BatchError::Decode(e))) => assert_eq!(e.path(), paths[i]),
            (_, Ok(got)) => assert_eq!(got, (20 + i as u32, Some(format!("width {}", 20 + i)))),
            (i, other) => panic!("{i}: {other:?}"),
        }
    }
}

#[test]
fn after_cancel_the_rest_is_reported_as_not_done() {
    let (_dir, paths) = folder(40);
    let inspector = Inspector::new(profile(), InspectOptions::default());
    let cancel = CancelToken::new();
    let options = BatchOptions { jobs: 2, ..BatchOptions::default() };
    let (mut done, mut not_done) = (0, 0);
    run(&paths, &inspector, &options, &cancel, |i, outcome| {
        match outcome {
            Ok(_) => done += 1,
            Err(BatchError::NotDone { path }) => {
                assert_eq!(path, paths[i]);
                not_done += 1;
            }
            Err(e) => panic!("{e}"),
        }
        if i == 4 {
            cancel.cancel();
        }
    });
    assert!((5..=5 + 2 + 6).contains(&done) && done + not_done == 40, "{done} done, {not_done} not");
}
