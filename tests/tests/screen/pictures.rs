//! Pictures as a terminal receives them.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::pictures::{kitty, kitty_commands, sixels};
use giqa_tests::screen::{Answers, Key, Left, Screen};
use giqa_tests::watching::{Folder, quarters};
use image::RgbaImage;

const COLOURS: [[u8; 3]; 4] = [[200, 30, 30], [30, 180, 40], [40, 50, 190], [220, 210, 60]];

/// A folder with one picture of four colours, 400 x 200.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.rules("");
    std::fs::write(folder.path().join("quarters.png"), quarters(400, 200, COLOURS)).unwrap();
    folder.watch().arg("--once").run().code(0);
    folder
}

fn near(pixel: [u8; 4], colour: [u8; 3], by: u8) -> bool {
    pixel[3] == 255 && pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= by)
}

/// The picture's own size, without what was added for whole cells.
fn extent(image: &RgbaImage) -> (u32, u32) {
    let solid = image.enumerate_pixels().filter(|(_, _, p)| p[3] == 255);
    solid.fold((0, 0), |(w, h), (x, y, _)| (w.max(x + 1), h.max(y + 1)))
}

fn assert_quarters(image: &RgbaImage, by: u8) {
    let (w, h) = extent(image);
    assert!(w > 300 && w.abs_diff(2 * h) <= 2, "{w} x {h}");
    for (n, colour) in COLOURS.into_iter().enumerate() {
        let (x, y) = (n as u32 % 2, n as u32 / 2);
        let pixel = image.get_pixel(w / 8 + x * w * 3 / 4, h / 8 + y * h * 3 / 4).0;
        assert!(near(pixel, colour, by), "quarter {n}: {pixel:?} for {colour:?}");
    }
}

/// A box from 35% to 65%, and within and outside it the picture.
fn assert_box(image: &RgbaImage, by: u8) {
    let (w, h) = extent(image);
    let at = |x: f64, y: f64| image.get_pixel((x * f64::from(w)) as u32, (y * f64::from(h)) as u32).0;
    // Within three pixels of each side there is something else than the picture.
    let outlined = |x: f64, y: f64, colour: [u8; 3]| {
        (-3..=3).any(|d| {
            let d = f64::from(d);
            let beside =
                if !(0.36..=0.64).contains(&x) { at(x + d / f64::from(w), y) } else { at(x, y + d / f64::from(h)) };
            !near(beside, colour, by.saturating_add(30))
        })
    };
    assert!(outlined(0.35, 0.45, COLOURS[0]) && outlined(0.35, 0.55, COLOURS[2]), "left");
    assert!(outlined(0.65, 0.45, COLOURS[1]) && outlined(0.65, 0.55, COLOURS[3]), "right");
    assert!(outlined(0.45, 0.35, COLOURS[0]) && outlined(0.55, 0.65, COLOURS[3]), "top and bottom");
    assert!(near(at(0.42, 0.42), COLOURS[0], by) && near(at(0.25, 0.25), COLOURS[0], by), "within and outside");
}

/// The picture that came last.
type Newest = fn(&[u8]) -> Option<RgbaImage>;

fn newest_kitty(bytes: &[u8]) -> Option<RgbaImage> {
    kitty(bytes).pop().map(|p| p.image)
}

fn newest_sixel(bytes: &[u8]) -> Option<RgbaImage> {
    sixels(bytes).pop()
}

/// Awaits another picture than this one, of the size that it has on the Ask screen.
fn await_picture(screen: &Screen, newest: Newest, old: Option<&RgbaImage>) -> RgbaImage {
    let fits = |image: &RgbaImage| extent(image).0 > 350 && Some(image) != old;
    screen.await_that("a picture", |seen| newest(&seen.bytes).is_some_and(|i| fits(&i)));
    newest(&screen.seen().bytes).unwrap()
}

/// On the Ask screen: the picture, and then with a box.
fn check_box(protocol: &str, newest: Newest, by: u8) -> Left {
    let folder = folder();
    let screen = folder.browse(&["--protocol", protocol, "--cell", "10x20"]).size(120, 40).start();
    screen.await_text("1 of 1").keys("4").await_text("Ask anything");
    let without = await_picture(&screen, newest, None);
    assert_quarters(&without, by);
    screen.keys("d").await_text("arrows move the box");
    let with = await_picture(&screen, newest, Some(&without));
    assert_quarters(&with, by);
    assert_box(&with, by);
    screen.keys("q");
    screen.wait()
}

#[test]
fn kitty_gets_the_picture_and_the_box_and_forgets_them_at_the_end() {
    let left = check_box("kitty", newest_kitty, 2);
    let commands = kitty_commands(&left.restored(0).bytes);
    let bye = commands.last().unwrap();
    let range = bye.split_once("a=d,d=R,x=").and_then(|(_, r)| r.split_once(",y=")).unwrap();
    let (first, last): (u32, u32) = (range.0.parse().unwrap(), range.1.split(',').next().unwrap().parse().unwrap());
    assert!(kitty(&left.bytes).iter().all(|p| (first..=last).contains(&p.id)), "{bye}");
}

#[test]
fn sixels_show_the_picture_and_the_box() {
    check_box("sixel", newest_sixel, 12).restored(0);
}

#[test]
fn boxes_of_a_report_are_burnt_in_and_can_be_switched_off() {
    let gallery = Gallery::new(&["coffee-blown-out"]);
    let screen = gallery.browse(&["--protocol", "kitty", "--cell", "10x20"]).start();
    screen.await_text("1 of 1").key(Key::Enter).await_text("overexposed");
    let with = await_picture(&screen, newest_kitty, None);
    screen.keys("B");
    let without = await_picture(&screen, newest_kitty, Some(&with));
    assert_eq!(with.dimensions(), without.dimensions());
    let share = with.pixels().zip(without.pixels()).filter(|(a, b)| a != b).count() as f64
        / (f64::from(with.width()) * f64::from(with.height()));
    assert!((0.002..0.2).contains(&share), "{share} of the pixels differ");
    screen.keys("q");
    screen.wait().restored(0);
}

#[test]
fn terminals_are_asked_and_believed() {
    let folder = folder();
    let shown = |answers: Answers| {
        let screen = folder.browse(&[]).answers(answers).size(120, 40).start();
        // Typed before the answer is there; not lost.
        screen.keys("3").await_text("scores, and");
        match answers {
            Answers::Kitty => drop(await_picture(&screen, newest_kitty, None)),
            Answers::Sixel => drop(await_picture(&screen, newest_sixel, None)),
            Answers::Nothing => drop(screen.await_text("▀")),
        }
        screen.keys("q");
        let left = screen.wait();
        left.restored(0);
        (kitty(&left.bytes).len(), sixels(&left.bytes).len())
    };
    assert_eq!(shown(Answers::Nothing), (0, 0));
    let (kittys, others) = shown(Answers::Kitty);
    assert!(kittys > 0 && others == 0);
    let (others, sixels) = shown(Answers::Sixel);
    assert!(sixels > 0 && others == 0);
}
