//! Draining.

use super::*;
use std::io::Write as _;

fn once(place: &Place) -> Watched {
    Watched::start(SourceOptions { once: true, ..place.options() })
}

fn drained(watched: &Watched) -> Vec<Event> {
    watched.until(|event| *event == Event::Drained)
}

#[test]
fn an_empty_folder_is_drained_at_once() {
    assert_eq!(drained(&once(&Place::new())), [Event::Ready, Event::Drained]);
}

#[test]
fn a_file_that_is_still_written_is_waited_for() {
    let place = Place::new();
    let (done, growing) = (place.write("done.jpg", "x"), place.at("growing.jpg"));
    let mut file = fs::File::create(&growing).unwrap();
    file.write_all(&[1; 100]).unwrap();
    let watched = once(&place);
    let writer = std::thread::spawn(move || {
        for _ in 0..12 {
            std::thread::sleep(SETTLE / 4);
            file.write_all(&[1; 100]).unwrap();
        }
    });
    let events = drained(&watched);
    writer.join().unwrap();
    let told: Vec<_> = files(&events).into_iter().map(|(path, _)| path).collect();
    assert_eq!(told, [done.as_path(), &growing]);
    let whole = Stat::read(&growing).unwrap();
    assert!(whole.bytes == 1300 && events.iter().any(|e| matches!(e, Event::File { stat, .. } if *stat == whole)));
}

#[test]
fn what_comes_after_is_not_told_but_questions_are_answered() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = once(&place);
    drained(&watched);
    place.write("b.jpg", "x");
    assert_eq!(watched.rest(), []);
    watched.source.retry(path.clone(), SETTLE);
    assert_eq!(files(&drained(&watched)), [(path.as_path(), true)]);
    watched.source.rescan(None);
    assert_eq!(files(&drained(&watched)).len(), 2);
    assert_eq!(watched.rest(), []);
}
