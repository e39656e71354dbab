//! Wishes, caches and threads, with photos that are made on the spot.

use super::super::scene::{Heat, Overlay, Scene, View, Zoom};
use super::super::{Display, Protocol, Shown, Studio};
use super::{Parts, WAIT};
use giqa_engine::decode::Decoded;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything takes, shorter than patience.
const LONG: Duration = Duration::from_secs(20);
/// What has not happened by now does not happen.
const SHORT: Duration = Duration::from_millis(150);

/// Counts what is decoded, and may hold it up.
#[derive(Default)]
struct Camera {
    decoded: Mutex<Vec<PathBuf>>,
    held: Mutex<bool>,
    let_go: Condvar,
}

impl Camera {
    fn load(&self, path: &Path) -> Result<Decoded, String> {
        self.decoded.lock().unwrap().push(path.to_owned());
        let mut held = self.held.lock().unwrap();
        while *held {
            held = self.let_go.wait(held).unwrap();
        }
        drop(held);
        match path.to_str().unwrap() {
            "panics" => panic!("on purpose"),
            "broken" => Err("broken: is empty (0 bytes); expected an image".into()),
            name => {
                let (w, h) = if name == "large" { (3000, 2000) } else { (300, 200) };
                Ok(Decoded::from_rgb(name, w, h, vec![90; (w * h * 3) as usize]).unwrap())
            }
        }
    }

    fn hold(&self, held: bool) {
        *self.held.lock().unwrap() = held;
        self.let_go.notify_all();
    }

    fn decoded(&self) -> usize {
        self.decoded.lock().unwrap().len()
    }

    fn wait_for(&self, decoded: usize) {
        let start = Instant::now();
        while self.decoded() < decoded {
            assert!(start.elapsed() < LONG, "nothing was decoded");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn studio_with(wait: Duration, protocol: Protocol) -> (Studio, Arc<Camera>, Receiver<Shown>) {
    let camera = Arc::new(Camera::default());
    let (sender, told) = channel();
    let sender = Mutex::new(sender);
    let loader = Arc::clone(&camera);
    let parts = Parts { load: Box::new(move |p| loader.load(p)), wait, tmux: false };
    let sink = move |shown| drop(sender.lock().unwrap().send(shown));
    (Studio::of(parts, Display { protocol, cell: (10, 20) }, Box::new(sink)), camera, told)
}

fn studio() -> (Studio, Arc<Camera>, Receiver<Shown>) {
    studio_with(Duration::ZERO, Protocol::Halfblocks)
}

fn scene(path: &str) -> Scene {
    Scene {
        path: path.into(),
        blake3: Some(format!("hash of {path}").into()),
        area: (40, 20).into(),
        view: View::default(),
        overlay: Overlay::default(),
    }
}

fn selecting(path: &str, number: usize) -> Scene {
    Scene { overlay: Overlay { selected: Some(number), ..Overlay::default() }, ..scene(path) }
}

#[test]
fn a_picture_is_made_once_and_told_again_from_the_cache() {
    let (studio, camera, told) = studio();
    studio.want(vec![scene("a")]);
    let first = told.recv_timeout(LONG).unwrap();
    assert_eq!((first.scene, camera.decoded()), (scene("a"), 1));
    studio.want(vec![scene("b")]);
    assert_eq!(told.recv_timeout(LONG).unwrap().scene, scene("b"));
    studio.want(vec![scene("a")]);
    let again = told.recv_timeout(LONG).unwrap();
    assert!(Arc::ptr_eq(&first.frame.unwrap(), &again.frame.unwrap()));
    assert_eq!(camera.decoded(), 2);
}

#[test]
fn what_stays_wanted_is_not_told_again() {
    let (studio, camera, told) = studio();
    let heat = Heat { columns: 1, rows: 1, values: vec![f32::NAN] };
    let hot = || Scene { overlay: Overlay { heat: Some(heat.clone().into()), ..Overlay::default() }, ..scene("a") };
    studio.want(vec![hot()]);
    told.recv_timeout(LONG).unwrap();
    studio.want(vec![hot(), scene("b")]);
    assert_eq!(told.recv_timeout(LONG).unwrap().scene, scene("b"));
    assert_eq!(told.recv_timeout(SHORT).unwrap_err(), RecvTimeoutError::Timeout);
    assert_eq!(camera.decoded(), 2);
}

#[test]
fn another_box_or_a_closer_look_does_not_decode_again() {
    let (studio, camera, told) = studio();
    for number in 0..3 {
        studio.want(vec![selecting("large", number)]);
        told.recv_timeout(LONG).unwrap();
    }
    let closer = Scene { view: View { zoom: Zoom::Times(1.0), ..View::default() }, ..scene("large") };
    studio.want(vec![closer]);
    let frame = told.recv_timeout(LONG).unwrap().frame.unwrap();
    assert_eq!((frame.placement.scale, frame.placement.pixels), (1.0, (3000, 2000)));
    assert_eq!(camera.decoded(), 1);
}

#[test]
fn several_scenes_of_one_photo_decode_it_once() {
    let (studio, camera, told) = studio();
    studio.want((0..6).map(|n| selecting("a", n)).collect());
    for _ in 0..6 {
        told.recv_timeout(LONG).unwrap();
    }
    assert_eq!(camera.decoded(), 1);
}

#[test]
fn the_first_is_wanted_most() {
    let (studio, camera, told) = studio();
    camera.hold(true);
    studio.want(vec![scene("x"), scene("y")]);
    camera.wait_for(2);
    studio.want(vec![scene("x"), scene("y"), scene("c"), scene("d"), scene("e")]);
    studio.want(vec![scene("e"), scene("d"), scene("c"), scene("x"), scene("y")]);
    camera.hold(false);
    for _ in 0..5 {
        told.recv_timeout(LONG).unwrap();
    }
    let order = camera.decoded.lock().unwrap().clone();
    assert!(order[4] == Path::new("c"), "{order:?}");
}

#[test]
fn stale_wishes_are_dropped_but_what_was_decoded_is_kept() {
    let (studio, camera, told) = studio();
    camera.hold(true);
    studio.want(vec![scene("a")]);
    camera.wait_for(1);
    studio.want(vec![scene("b")]);
    camera.wait_for(2);
    camera.hold(false);
    assert_eq!(told.recv_timeout(LONG).unwrap().scene, scene("b"));
    assert_eq!(told.recv_timeout(SHORT).unwrap_err(), RecvTimeoutError::Timeout);
    studio.want(vec![scene("a")]);
    told.recv_timeout(LONG).unwrap();
    assert_eq!(camera.decoded(), 2);
}

#[test]
fn nothing_is_decoded_while_wishes_change() {
    let (studio, camera, told) = studio_with(Duration::from_millis(400), Protocol::Halfblocks);
    for n in 0..20 {
        studio.want(vec![scene(&n.to_string())]);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(told.recv_timeout(LONG).unwrap().scene, scene("19"));
    assert_eq!(camera.decoded(), 1);
    // No wait for a photo that is there.
    let start = Instant::now();
    studio.want(vec![selecting("19", 1)]);
    told.recv_timeout(LONG).unwrap();
    assert!(start.elapsed() < Duration::from_millis(400));
    assert!(WAIT <= Duration::from_millis(50));
}

#[test]
fn broken_files_and_panics_are_reasons_and_the_threads_live_on() {
    let (studio, _camera, told) = studio();
    for _ in 0..3 {
        studio.want(vec![scene("panics")]);
        assert!(told.recv_timeout(LONG).unwrap().frame.unwrap_err().contains("giqa's code failed"));
        studio.want(vec![scene("broken")]);
        assert!(told.recv_timeout(LONG).unwrap().frame.unwrap_err().contains("is empty"));
    }
    studio.want(vec![scene("a")]);
    assert!(told.recv_timeout(LONG).unwrap().frame.is_ok());
    studio.want(vec![Scene { area: (0, 4).into(), ..scene("a") }]);
    assert!(told.recv_timeout(LONG).unwrap().frame.unwrap_err().contains("no room"));
}

#[test]
fn the_engine_says_what_is_wrong_with_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jpg");
    std::fs::write(&path, b"").unwrap();
    let (sender, told) = channel();
    let sender = Mutex::new(sender);
    let studio = Studio::start(Display::default(), move |s: Shown| drop(sender.lock().unwrap().send(s)));
    let wish = |blake3| Scene { path: path.clone(), blake3, ..scene("") };
    studio.want(vec![wish(None)]);
    assert!(told.recv_timeout(LONG).unwrap().frame.unwrap_err().contains("is empty"));
    // The file is replaced: another picture, though nothing else changed.
    image::RgbImage::new(8, 8).save_with_format(&path, image::ImageFormat::Png).unwrap();
    studio.want(vec![]);
    studio.want(vec![wish(None)]);
    assert!(told.recv_timeout(LONG).unwrap().frame.is_ok());
}

#[test]
fn without_pictures_nothing_is_decoded() {
    let (studio, camera, told) = studio_with(Duration::ZERO, Protocol::Off);
    studio.want(vec![scene("a")]);
    assert_eq!(told.recv_timeout(LONG).unwrap().frame.unwrap_err(), "pictures are switched off");
    assert_eq!(camera.decoded(), 0);
}

#[test]
fn a_new_font_means_new_pictures_of_the_same_photo() {
    let (studio, camera, told) = studio_with(Duration::ZERO, Protocol::Kitty);
    studio.want(vec![scene("a")]);
    let old = told.recv_timeout(LONG).unwrap().frame.unwrap();
    studio.set_display(Display { protocol: Protocol::Kitty, cell: (5, 20) });
    let new = told.recv_timeout(LONG).unwrap().frame.unwrap();
    assert_eq!((old.placement.cells, new.placement.cells), ((40, 14), (40, 7)));
    assert_eq!(camera.decoded(), 1);
}

#[test]
fn dropping_it_ends_the_threads_and_tells_nothing() {
    let (studio, camera, told) = studio();
    camera.hold(true);
    studio.want(vec![scene("a")]);
    camera.wait_for(1);
    let start = Instant::now();
    drop(studio);
    assert!(start.elapsed() < Duration::from_secs(1));
    camera.hold(false);
    // The sender goes with the last thread.
    assert_eq!(told.recv_timeout(LONG).unwrap_err(), RecvTimeoutError::Disconnected);
}
