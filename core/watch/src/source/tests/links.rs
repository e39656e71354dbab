//! Links, and roots that overlap: one name for each file.

use super::*;
use std::os::unix::fs::symlink;

#[test]
fn a_loop_is_cut_and_told_once() {
    let place = Place::new();
    fs::create_dir_all(place.at("a/b")).unwrap();
    symlink(place.at("a"), place.at("a/b/loop")).unwrap();
    symlink(place.at("nowhere.jpg"), place.at("dangling.jpg")).unwrap();
    let path = place.write("a/x.jpg", "x");
    let watched = Watched::start(SourceOptions { rescan: Duration::from_millis(30), ..place.options() });
    let events = watched.ready();
    assert_eq!(files(&events), [(path.as_path(), false)]);
    let note = Note::LinkLoop { path: place.at("a/b/loop"), above: place.at("a") };
    assert!(events.contains(&Event::Note(note.clone())));
    assert!(note.to_string().contains("/in/a/b/loop\" is not followed: the link leads back to \""), "{note}");
    assert_eq!(watched.rest(), [], "nothing is told again by the scans that follow");
    // Trouble that was mended and came back is news.
    fs::remove_file(place.at("a/b/loop")).unwrap();
    place.write("a/y.jpg", "y");
    watched.file(&place.at("a/y.jpg"));
    watched.rest();
    symlink(place.at("a"), place.at("a/b/loop")).unwrap();
    assert_eq!(watched.note(|note| matches!(note, Note::LinkLoop { .. })), note);
}

#[test]
fn a_loop_that_is_made_while_watching_is_told_as_what_it_is() {
    let place = Place::new();
    fs::create_dir_all(place.at("a/b")).unwrap();
    place.write("a/x.jpg", "x");
    let watched = place.watch();
    watched.ready();
    symlink(place.at("a"), place.at("a/b/loop")).unwrap();
    assert_eq!(watched.rest(), [Event::Note(Note::LinkLoop { path: place.at("a/b/loop"), above: place.at("a") })]);
}

#[test]
fn linked_files_and_folders_are_told_by_their_own_name_once() {
    let place = Place::new();
    for folder in [place.at("real"), place.beside("out"), place.beside("out/.store")] {
        fs::create_dir(folder).unwrap();
    }
    let real = place.write("real/a.jpg", "x");
    let (outside, stored) = (place.beside("out/b.jpg"), place.beside("out/.store/c.bin"));
    [&outside, &stored].iter().for_each(|path| fs::write(path, "x").unwrap());
    symlink(&real, place.at("again.jpg")).unwrap();
    symlink(place.at("real"), place.at("twin")).unwrap();
    symlink(place.beside("out"), place.at("linked")).unwrap();
    symlink(&stored, place.at("stored.jpg")).unwrap();
    let watched = place.watch();
    let events = watched.ready();
    let mut told = files(&events);
    told.sort();
    let mut expected = [real.as_path(), &outside, &stored].map(|path| (path, false));
    expected.sort();
    assert_eq!(told, expected);
    // Live, through the link and beside it.
    fs::write(&outside, "longer").unwrap();
    assert_eq!(watched.file(&outside).bytes, 6);
    fs::write(place.at("linked/d.jpg"), "x").unwrap();
    watched.file(&place.beside("out/d.jpg"));
    fs::remove_file(&outside).unwrap();
    watched.gone(&outside);
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_link_that_goes_or_leads_elsewhere_takes_no_watch_with_it() {
    let place = Place::new();
    for day in ["monday", "tuesday"] {
        fs::create_dir(place.at(day)).unwrap();
    }
    // One that is taken, and one that is not.
    for link in ["latest", ".latest"] {
        symlink(place.at("monday"), place.at(link)).unwrap();
    }
    let watched = place.watch();
    watched.ready();
    watched.file(&place.write("monday/1.jpg", "x"));
    symlink(place.at("tuesday"), place.at("next")).unwrap();
    fs::rename(place.at("next"), place.at("latest")).unwrap();
    watched.rest();
    watched.file(&place.write("monday/2.jpg", "x"));
    watched.file(&place.write("tuesday/2.jpg", "x"));
    for link in ["latest", ".latest"] {
        fs::remove_file(place.at(link)).unwrap();
    }
    watched.rest();
    watched.file(&place.write("monday/3.jpg", "x"));
    watched.file(&place.write("tuesday/3.jpg", "x"));
}

#[test]
fn a_hidden_folder_is_watched_by_the_link_that_shows_it() {
    let place = Place::new();
    fs::create_dir(place.at(".store")).unwrap();
    symlink(place.at(".store"), place.at("shown")).unwrap();
    let watched = place.watch();
    watched.ready();
    watched.file(&place.write(".store/a.jpg", "x"));
    fs::create_dir(place.at("shown/new")).unwrap();
    place.write("shown/new/b.jpg", "x");
    watched.file(&place.at(".store/new/b.jpg"));
}

#[test]
fn overlapping_roots_tell_each_file_once() {
    let place = Place::new();
    fs::create_dir(place.at("sub")).unwrap();
    symlink(&place.root, place.beside("alias")).unwrap();
    let path = place.write("sub/a.jpg", "x");
    let roots = vec![place.root.clone(), place.at("sub"), place.beside("alias")];
    let watched = Watched::start(SourceOptions { roots, ..place.options() });
    assert_eq!(files(&watched.ready()), [(path.as_path(), false)]);
    let path = place.write("sub/b.jpg", "x");
    assert_eq!(watched.tally(std::slice::from_ref(&path)), each_once(&[path]));
}
