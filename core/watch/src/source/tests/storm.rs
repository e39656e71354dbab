//! Much at once: nothing is lost, nothing comes twice.

use super::*;
use std::io::Write as _;
use std::sync::mpsc::sync_channel;

/// Where nobody tells that a file was closed, a writer that the machine holds up must not look like one that is done.
fn patient(place: &Place) -> SourceOptions {
    SourceOptions { settle: SETTLE * 4, ..place.options() }
}

/// 300 files by all the ways in which files arrive, from three threads.
fn storm(place: &Place) -> Vec<PathBuf> {
    let paths = (0..300).map(|nth| match nth % 6 {
        4 => place.at(&format!("tree{nth}/b/c/{nth}.jpg")),
        5 => place.at(&format!("moved{nth}/{nth}.jpg")),
        _ => place.at(&format!("{nth}.jpg")),
    });
    let paths: Vec<_> = paths.collect();
    std::thread::scope(|scope| {
        for third in 0..3 {
            let paths = &paths;
            scope.spawn(move || (0..300).skip(third).step_by(3).for_each(|nth| arrive(place, nth, &paths[nth])));
        }
    });
    paths
}

fn arrive(place: &Place, nth: usize, path: &Path) {
    let content = vec![7; 100 + nth];
    match nth % 6 {
        0 => fs::write(path, &content).unwrap(),
        1 => {
            let mut file = fs::File::create(path).unwrap();
            for chunk in content.chunks(40) {
                file.write_all(chunk).unwrap();
                std::thread::sleep(Duration::from_millis(3));
            }
        }
        2 => {
            let temporary = place.at(&format!("{nth}.tmp"));
            fs::write(&temporary, &content).unwrap();
            fs::rename(temporary, path).unwrap();
        }
        3 => {
            let outside = place.beside(&format!("{nth}.jpg"));
            fs::write(&outside, &content).unwrap();
            fs::rename(outside, path).unwrap();
        }
        4 => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &content).unwrap();
        }
        _ => {
            let outside = place.beside(&format!("out{nth}"));
            fs::create_dir(&outside).unwrap();
            fs::write(outside.join(path.file_name().unwrap()), &content).unwrap();
            fs::rename(outside, path.parent().unwrap()).unwrap();
        }
    }
}

#[test]
fn all_arrive_once_with_their_final_content() {
    let place = Place::new();
    let watched = Watched::start(patient(&place));
    watched.ready();
    let paths = storm(&place);
    assert_eq!(watched.tally(&paths), each_once(&paths));
}

#[test]
fn all_arrive_though_every_event_is_lost() {
    let place = Place::new();
    let watched = Watched::start(SourceOptions { fault: Some(Fault::Overflow), ..patient(&place) });
    watched.ready();
    let paths = storm(&place);
    let note = watched.note(|note| matches!(note, Note::Overflow { .. })).to_string();
    assert!(note.contains("nothing is lost"), "{note}");
    assert_eq!(watched.tally(&paths), each_once(&paths));
}

#[test]
fn all_arrive_in_a_polled_root() {
    let place = Place::new();
    let watched = Watched::start(SourceOptions { polling: Polling::Always, ..patient(&place) });
    watched.ready();
    let paths = storm(&place);
    assert_eq!(watched.tally(&paths), each_once(&paths));
}

#[test]
fn a_slow_consumer_loses_nothing() {
    let place = Place::new();
    let (sender, events) = sync_channel(1);
    let source = Source::start(patient(&place), move |event| sender.send(event).unwrap_or_default()).unwrap();
    let paths = storm(&place);
    let watched = Watched { source, events };
    assert_eq!(watched.tally(&paths), each_once(&paths));
    // A blocked sink must be let go before the source is dropped.
    drop(watched.events);
    drop(watched.source);
}

#[test]
fn dropping_ends_the_source_amid_the_storm() {
    let place = Place::new();
    let watched = place.watch();
    storm(&place);
    drop(watched.source);
    assert!(watched.events.iter().count() <= 301, "the channel ends: the sink is dropped with its thread");
}
