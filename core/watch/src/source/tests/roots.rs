//! Roots that are wrong, go away and come back.

use super::*;

#[test]
fn a_root_that_was_removed_is_picked_up_when_it_is_back() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    for polling in [Polling::Never, Polling::Always] {
        let watched = Watched::start(SourceOptions { polling, ..place.options() });
        watched.ready();
        for _ in 0..3 {
            fs::remove_dir_all(&place.root).unwrap();
            watched.note(|note| *note == Note::RootLost { root: place.root.clone() });
            // Filled before it comes to its place, as a mount would be.
            fs::create_dir(place.beside("new")).unwrap();
            fs::write(place.beside("new/a.jpg"), "another").unwrap();
            fs::rename(place.beside("new"), &place.root).unwrap();
            watched.note(|note| *note == Note::RootBack { root: place.root.clone() });
            assert_eq!(watched.file(&path).bytes, 7);
            watched.file(&place.write("live.jpg", "x"));
        }
    }
}

#[test]
fn a_root_that_was_only_away_tells_what_changed_meanwhile() {
    let place = Place::new();
    let (_kept, removed) = (place.write("kept.jpg", "x"), place.write("removed.jpg", "x"));
    let watched = place.watch();
    watched.ready();
    fs::rename(&place.root, place.beside("away")).unwrap();
    let events = watched.until(|event| matches!(event, Event::Note(Note::RootLost { .. })));
    assert_eq!(events.len(), 1, "nothing below counts as gone: {events:?}");
    fs::remove_file(place.beside("away/removed.jpg")).unwrap();
    fs::write(place.beside("away/added.jpg"), "x").unwrap();
    fs::rename(place.beside("away"), &place.root).unwrap();
    watched.note(|note| matches!(note, Note::RootBack { .. }));
    let events = watched.until(|event| matches!(event, Event::File { .. }));
    assert_eq!(files(&events), [(place.at("added.jpg").as_path(), true)]);
    assert!(events.contains(&Event::Gone { path: removed }), "{events:?}");
    assert_eq!(watched.rest(), []);
}

/// A file system of its own at the root, as long as it is kept. `None` where the test may not mount.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn at(path: &'a Path) -> Option<Self> {
        let mount = std::process::Command::new("mount").args(["-t", "tmpfs", "none"]).arg(path).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self(path))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        _ = std::process::Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn an_unmounted_root_is_not_taken_for_an_empty_one() {
    let place = Place::new();
    place.write("below_the_mount.jpg", "x");
    let Some(mounted) = Mounted::at(&place.root) else {
        return println!("skipped: mounting is not allowed here");
    };
    let lost = place.write("a.jpg", "x");
    let watched = place.watch();
    watched.ready();
    drop(mounted);
    let lost_note = Event::Note(Note::RootLost { root: place.root.clone() });
    assert_eq!(watched.until(|_| true), [lost_note]);
    assert_eq!(watched.rest(), [], "neither gone nor back");
    let mounted = Mounted::at(&place.root);
    watched.note(|note| matches!(note, Note::RootBack { .. }));
    watched.gone(&lost);
    watched.file(&place.write("b.jpg", "x"));
    drop(watched);
    drop(mounted);
}

#[test]
fn a_root_that_was_made_anew_is_another_even_with_the_same_inode() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    // Many file systems give the number of the last removed folder to the next one.
    fs::remove_dir(&place.root).unwrap();
    fs::create_dir(&place.root).unwrap();
    watched.note(|note| matches!(note, Note::RootBack { .. }));
    watched.file(&place.write("a.jpg", "x"));
}

#[test]
fn what_goes_with_its_root_is_not_gone() {
    let place = Place::new();
    for name in ["a.jpg", "b.jpg"] {
        place.write(name, "x");
    }
    let watched = Watched::start(SourceOptions { debounce: SETTLE * 4, ..place.options() });
    watched.ready();
    fs::remove_dir_all(&place.root).unwrap();
    assert_eq!(watched.rest(), [Event::Note(Note::RootLost { root: place.root.clone() })]);
}

#[test]
fn what_is_waited_for_when_its_root_goes_is_not_gone_either() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let watched = place.watch();
    watched.ready();
    let mut open = fs::File::options().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut open, b"more").unwrap();
    watched.source.retry(place.at("never_there.jpg"), SETTLE);
    watched.gone(&place.at("never_there.jpg"));
    fs::rename(&place.root, place.beside("away")).unwrap();
    assert_eq!(watched.rest(), [Event::Note(Note::RootLost { root: place.root.clone() })]);
    fs::rename(place.beside("away"), &place.root).unwrap();
    assert_eq!(watched.file(&path).bytes, 5);
}

#[test]
fn one_root_goes_on_while_another_is_away() {
    let (place, other) = (Place::new(), Place::new());
    let roots = vec![place.root.clone(), other.root.clone()];
    let watched = Watched::start(SourceOptions { roots, ..place.options() });
    watched.ready();
    fs::remove_dir(&place.root).unwrap();
    watched.note(|note| matches!(note, Note::RootLost { .. }));
    watched.file(&other.write("a.jpg", "x"));
}

#[test]
fn a_wrong_root_is_named_with_what_to_do() {
    let place = Place::new();
    let said = |options| Source::start(options, |_| {}).unwrap_err().to_string();
    let with = |root: PathBuf| SourceOptions { roots: vec![root], ..place.options() };
    let missing = said(with(place.at("missing")));
    assert!(missing.contains("/in/missing\" can't be watched: No such file"), "{missing}");
    assert!(missing.contains("create the folder"), "{missing}");
    assert!(said(with(place.write("a.jpg", "x"))).contains("a.jpg\" is not a folder"));
    assert!(said(SourceOptions { roots: Vec::new(), ..place.options() }).contains("name at least one"));
    let outputs = vec![place.dir.path().to_owned()];
    let filter = Filter::new(&FilterOptions { outputs, ..FilterOptions::default() }).unwrap();
    assert!(said(SourceOptions { filter, ..place.options() }).contains("where giqa writes to"));
}
