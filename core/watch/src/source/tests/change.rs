//! Files that change, move and go; and questions of the owner.

use super::*;

#[test]
fn a_renamed_file_is_gone_and_told_by_its_new_name() {
    let place = Place::new();
    let (a, b) = (place.write("a.jpg", "x"), place.at("b.jpg"));
    let watched = place.watch();
    watched.ready();
    fs::rename(&a, &b).unwrap();
    let events = [watched.events.recv_timeout(LONG).unwrap(), watched.events.recv_timeout(LONG).unwrap()];
    assert!(events.contains(&Event::Gone { path: a }));
    assert_eq!(files(&events), [(b.as_path(), true)]);
}

#[test]
fn a_renamed_folder_takes_its_files_along() {
    let place = Place::new();
    fs::create_dir_all(place.at("a/deep")).unwrap();
    place.write("a/deep/x.jpg", "x");
    let watched = place.watch();
    watched.ready();
    fs::rename(place.at("a"), place.at("b")).unwrap();
    watched.gone(&place.at("a/deep/x.jpg"));
    watched.file(&place.at("b/deep/x.jpg"));
    fs::remove_dir_all(place.at("b")).unwrap();
    watched.gone(&place.at("b/deep/x.jpg"));
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_replaced_folder_is_told_of_as_it_is_now() {
    let place = Place::new();
    for folder in [place.at("day"), place.beside("other")] {
        fs::create_dir(&folder).unwrap();
    }
    place.write("day/a.jpg", "x");
    fs::write(place.beside("other/b.jpg"), "x").unwrap();
    let watched = place.watch();
    watched.ready();
    fs::rename(place.at("day"), place.beside("away")).unwrap();
    fs::rename(place.beside("other"), place.at("day")).unwrap();
    let events = watched.until(|event| matches!(event, Event::File { path, .. } if *path == place.at("day/b.jpg")));
    assert!(events.contains(&Event::Gone { path: place.at("day/a.jpg") }), "{events:?}");
}

#[test]
fn what_was_not_told_of_is_not_gone_and_reading_is_no_change() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = place.watch();
    watched.ready();
    fs::read(&path).unwrap();
    fs::remove_file(place.write("b.jpg.part", "x")).unwrap();
    assert_eq!(watched.rest(), []);
}

#[test]
fn scans_tell_nothing_twice() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = Watched::start(SourceOptions { rescan: Duration::from_millis(30), ..place.options() });
    assert_eq!(files(&watched.ready()), [(path.as_path(), false)]);
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_scan_that_was_asked_for_tells_everything_again() {
    let place = Place::new();
    fs::create_dir(place.at("sub")).unwrap();
    let (top, below) = (place.write("top.jpg", "x"), place.write("sub/below.jpg", "x"));
    let watched = place.watch();
    watched.ready();
    watched.source.rescan(Some(place.at("sub")));
    assert_eq!(files(&watched.rest()), [(below.as_path(), false)]);
    watched.source.rescan(None);
    let rest = watched.rest();
    let mut again = files(&rest);
    again.sort();
    assert_eq!(again, [(below.as_path(), false), (top.as_path(), false)]);
}

#[test]
fn another_filter_finds_what_the_first_left() {
    let place = Place::new();
    let with = |glob: &str| {
        let include = vec![glob.to_owned()];
        Filter::new(&FilterOptions { include, ..FilterOptions::default() }).unwrap()
    };
    let (a, b) = (place.write("a.jpg", "x"), place.write("b.png", "x"));
    let watched = Watched::start(SourceOptions { filter: with("*.jpg"), ..place.options() });
    assert_eq!(files(&watched.ready()), [(a.as_path(), false)]);
    watched.source.set_filter(with("*.png"));
    assert_eq!(files(&watched.rest()), [(b.as_path(), true)]);
}

#[test]
fn a_retry_is_answered_once_after_its_delay() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = place.watch();
    watched.ready();
    let begun = Instant::now();
    watched.source.retry(path.clone(), SETTLE);
    watched.source.retry(path.clone(), SETTLE * 2);
    watched.file(&path);
    assert!(begun.elapsed() >= SETTLE * 2);
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_retry_is_answered_sooner_when_the_file_changes_or_goes() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = place.watch();
    watched.ready();
    watched.source.retry(path.clone(), LONG * 10);
    place.write("a.jpg", "whole");
    assert_eq!(watched.file(&path).bytes, 5);
    watched.source.retry(path.clone(), LONG * 10);
    fs::remove_file(&path).unwrap();
    watched.gone(&path);
    watched.source.retry(path.clone(), Duration::ZERO);
    watched.gone(&path);
    assert_eq!(watched.rest(), []);
}
