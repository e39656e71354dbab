//! Looking instead of being told.

use super::*;

fn polled(place: &Place) -> Watched {
    Watched::start(SourceOptions { polling: Polling::Always, ..place.options() })
}

#[test]
fn a_polled_root_tells_the_same() {
    let place = Place::new();
    let old = place.write("old.jpg", "x");
    let watched = polled(&place);
    let events = watched.ready();
    assert_eq!(files(&events), [(old.as_path(), false)]);
    assert!(matches!(&events[0], Event::Note(Note::Polling { why: PollingReason::Asked, .. })));

    let new = place.write("new.jpg", "x");
    watched.file(&new);
    place.write("new.jpg", "changed");
    assert_eq!(watched.file(&new).bytes, 7);
    fs::create_dir_all(place.beside("out/deep")).unwrap();
    fs::write(place.beside("out/deep/a.jpg"), "x").unwrap();
    fs::rename(place.beside("out"), place.at("moved")).unwrap();
    watched.file(&place.at("moved/deep/a.jpg"));
    fs::rename(place.at("moved"), place.at("renamed")).unwrap();
    watched.gone(&place.at("moved/deep/a.jpg"));
    watched.file(&place.at("renamed/deep/a.jpg"));
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_growing_file_in_a_polled_root_is_told_when_it_rests() {
    let place = Place::new();
    let watched = polled(&place);
    watched.ready();
    let path = place.at("slow.jpg");
    for size in 1..=16 {
        fs::write(&path, "x".repeat(size)).unwrap();
        std::thread::sleep(SETTLE / 4);
    }
    assert_eq!(watched.tally(std::slice::from_ref(&path)), each_once(&[path]));
}

#[test]
fn a_used_up_limit_means_polling_and_a_remedy() {
    let place = Place::new();
    let options = SourceOptions { fault: Some(Fault::Limit), ..place.options() };
    let watched = Watched::start(options.clone());
    let note = watched.note(|_| true).to_string();
    assert!(note.contains("is polled every 100ms") && note.contains("sysctl fs.inotify.max_user_watches="), "{note}");
    watched.file(&place.write("a.jpg", "x"));

    let never = SourceOptions { polling: Polling::Never, ..options };
    let error = Source::start(never, |_| {}).unwrap_err().to_string();
    assert!(error.contains("polling is switched off") && error.contains("sysctl"), "{error}");
}

#[test]
fn errors_of_the_system_are_told_apart() {
    let io = |errno| PollingReason::of(&notify::Error::io(std::io::Error::from_raw_os_error(errno)));
    assert_eq!(io(28), PollingReason::Watches);
    assert_eq!(io(24), PollingReason::Instances);
    assert_eq!(PollingReason::of(&notify::Error::new(notify::ErrorKind::MaxFilesWatch)), PollingReason::Watches);
    assert!(matches!(io(13), PollingReason::Failed(reason) if reason.contains("denied")));
}
