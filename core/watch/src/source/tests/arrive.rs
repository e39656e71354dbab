//! Ways in which files arrive.

use super::*;
use std::io::Write as _;
use std::thread::sleep;

#[test]
fn what_is_there_is_the_backlog_and_what_comes_is_fresh() {
    let place = Place::new();
    let (old, new) = (place.write("old.jpg", "x"), place.at("new.jpg"));
    let watched = place.watch();
    assert_eq!(files(&watched.ready()), [(old.as_path(), false)]);
    fs::write(&new, "y").unwrap();
    let events = watched.until(|event| matches!(event, Event::File { .. }));
    assert_eq!(files(&events), [(new.as_path(), true)]);
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_closed_file_does_not_wait_to_settle() {
    let place = Place::new();
    let options = SourceOptions { settle: LONG * 10, ..place.options() };
    let watched = Watched::start(options);
    watched.ready();
    watched.file(&place.write("a.jpg", "x"));
}

#[test]
fn a_slow_write_is_told_once_when_it_is_complete() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    let path = place.at("slow.jpg");
    let mut file = fs::File::create(&path).unwrap();
    for _ in 0..3 {
        file.write_all(&[7; 1000]).unwrap();
        // Longer than a file needs to settle: it is known that somebody has it open.
        sleep(SETTLE * 2);
    }
    drop(file);
    assert_eq!(watched.tally(std::slice::from_ref(&path)), each_once(std::slice::from_ref(&path)));
    assert_eq!(Stat::read(&path).unwrap().bytes, 3000);
}

#[test]
fn a_file_that_is_never_closed_is_told_when_it_stays_the_same() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    let mut open = fs::File::create(place.at("open.jpg")).unwrap();
    open.write_all(b"x").unwrap();
    assert_eq!(watched.file(&place.at("open.jpg")).bytes, 1);
}

#[test]
fn a_file_written_twice_in_a_moment_is_told_once() {
    let place = Place::new();
    let watched = Watched::start(SourceOptions { debounce: SETTLE, ..place.options() });
    watched.ready();
    let path = place.write("a.jpg", "x");
    for _ in 0..20 {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"more").unwrap();
    }
    assert_eq!(watched.tally(std::slice::from_ref(&path)), each_once(&[path]));
}

#[test]
fn a_temporary_file_renamed_into_place_is_told_by_its_last_name() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    let path = place.at("a.jpg");
    for (temporary, content) in
        [("a.jpg.part", "first"), (".giqa-a.jpg", "second"), ("a.tmp", "third, over the second")]
    {
        fs::rename(place.write(temporary, content), &path).unwrap();
        assert_eq!(watched.file(&path), Stat::read(&path).unwrap());
    }
    assert_eq!(watched.rest(), []);
}

#[test]
fn a_file_in_folders_made_at_once_is_found() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    let mut paths = Vec::new();
    for nth in 0..20 {
        let folder = place.at(&format!("{nth}/b/c"));
        fs::create_dir_all(&folder).unwrap();
        paths.push(folder.join("a.jpg"));
        fs::write(&paths[nth], "x").unwrap();
    }
    assert_eq!(watched.tally(&paths), each_once(&paths));
    // And the folders are watched from then on.
    fs::write(place.at("7/b/c/later.jpg"), "x").unwrap();
    watched.file(&place.at("7/b/c/later.jpg"));
}

#[test]
fn a_populated_folder_moved_in_is_looked_through() {
    let place = Place::new();
    let watched = place.watch();
    watched.ready();
    fs::create_dir_all(place.beside("out/deep")).unwrap();
    let names = ["a.jpg", "b.png", "deep/c.tif", "deep/notes.txt", "deep/.hidden.jpg"];
    names.iter().for_each(|name| fs::write(place.beside("out").join(name), "x").unwrap());
    fs::rename(place.beside("out"), place.at("moved")).unwrap();
    let paths: Vec<_> = names[..3].iter().map(|name| place.at("moved").join(name)).collect();
    assert_eq!(watched.tally(&paths), each_once(&paths));
}

#[test]
fn links_and_empty_files_arrive_later_but_arrive() {
    let place = Place::new();
    let original = place.beside("original.jpg");
    fs::write(&original, "x").unwrap();
    let watched = place.watch();
    watched.ready();
    fs::hard_link(&original, place.at("hard.jpg")).unwrap();
    watched.file(&place.at("hard.jpg"));
    let begun = Instant::now();
    assert_eq!(watched.file(&place.write("empty.jpg", "")).bytes, 0);
    assert!(begun.elapsed() >= SETTLE * 4);
}

#[test]
fn times_of_files_are_only_compared() {
    let place = Place::new();
    let path = place.write("a.jpg", "x");
    let hour = Duration::from_secs(3600);
    let future = std::time::SystemTime::now() + hour * 24 * 365;
    let set = |time| fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    set(future);
    let watched = place.watch();
    assert_eq!(files(&watched.ready()).len(), 1);
    set(std::time::UNIX_EPOCH - hour);
    assert!(watched.file(&path).modified_ns < 0, "a change is a change, also back in time");
}

#[test]
fn what_is_not_wanted_is_ignored() {
    let place = Place::new();
    fs::create_dir(place.at("out")).unwrap();
    let filter = FilterOptions {
        include: vec!["*.jpg".into()],
        exclude: vec!["rejects".into()],
        outputs: vec![place.at("out"), place.at("own.jpg")],
        ..FilterOptions::default()
    };
    let filter = Filter::new(&filter).unwrap();
    std::os::unix::fs::symlink(place.write("out/old.jpg", "x"), place.at("old.jpg")).unwrap();
    let watched = Watched::start(SourceOptions { filter, ..place.options() });
    assert_eq!(watched.ready(), [Event::Ready]);
    for folder in [".hidden", "rejects/deep"] {
        fs::create_dir_all(place.at(folder)).unwrap();
    }
    for name in [
        ".a.jpg",
        ".hidden/a.jpg",
        "rejects/a.jpg",
        "rejects/deep/a.jpg",
        "out/a.jpg",
        "own.jpg",
        "a.png",
        "a.jpg.tmp",
        "a.jpg~",
        "b.crdownload",
        ".giqa-3.jpg",
    ] {
        place.write(name, "x");
    }
    std::os::unix::fs::symlink(place.at("out/a.jpg"), place.at("link.jpg")).unwrap();
    let wanted = place.write("wanted.jpg", "x");
    assert_eq!(watched.tally(std::slice::from_ref(&wanted)), each_once(&[wanted]));
}
