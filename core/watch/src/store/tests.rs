use super::*;
use crate::source::Stat;
use giqa_core::{ComponentProvenance, Report};
use std::time::Duration;

fn component(version: &str) -> ComponentProvenance {
    ComponentProvenance {
        id: "classic.niqe".into(),
        version: version.into(),
        config_hash: "c".into(),
        weights_hash: None,
        usage: None,
    }
}

pub(super) fn key(version: &str) -> Key {
    Key::of([&component(version)])
}

fn stat(bytes: u64) -> Stat {
    Stat { bytes, modified_ns: -5, inode: bytes, device: 1 }
}

pub(super) fn report(blake3: &str) -> Report {
    serde_json::from_value(serde_json::json!({
        "schema": "giqa.report/1",
        "image": {"path": "a.jpg", "blake3": blake3, "width": 1, "height": 1, "format": "JPEG", "orientation": 1, "bytes": 3},
        "quality": {"score": 50.0, "level": "fair"}, "scores": [], "regions": [], "findings": [],
        "provenance": {"giqa": "0", "profile": "p", "components": []}, "warnings": [], "timing_ms": {}
    }))
    .unwrap()
}

pub(super) fn result(blake3: &str) -> StoredResult {
    StoredResult { report: report(blake3), camera: "{}".into(), look: Some(u64::MAX) }
}

pub(super) struct Folder {
    pub(super) dir: tempfile::TempDir,
    pub(super) store: Store,
}

pub(super) fn folder() -> Folder {
    let dir = tempfile::tempdir().unwrap();
    let (store, note) = Store::open(&dir.path().join("state")).unwrap();
    assert_eq!(note, None);
    Folder { dir, store }
}

impl Folder {
    pub(super) fn seen(&mut self, name: &str, bytes: u64) -> Seen {
        let root = self.dir.path().to_owned();
        self.store.seen(&root, &root.join(name), stat(bytes), &key("1"), false).unwrap()
    }

    pub(super) fn state(&self, name: &str) -> String {
        let path = self.dir.path().join(name);
        let sql = "SELECT state FROM photos WHERE path = ?1";
        self.store.connection.query_row(sql, [photos::bytes(&path)], |r| r.get(0)).unwrap()
    }

    pub(super) fn finish(&mut self, blake3: &str) {
        let photo = self.store.claim().unwrap().unwrap();
        self.store.keep(&key("1"), &result(blake3)).unwrap();
        self.store.settle(&photo, photo.stat, &Settled::Done { key: &key("1"), blake3 }).unwrap();
    }
}

#[test]
fn a_photo_goes_its_way_and_is_not_taken_twice() {
    let mut f = folder();
    assert_eq!((f.seen("a.jpg", 1), f.seen("a.jpg", 1)), (Seen::Queued, Seen::Known));
    let photo = f.store.claim().unwrap().unwrap();
    assert_eq!((photo.attempt, photo.stat, f.state("a.jpg").as_str()), (1, stat(1), "running"));
    assert_eq!(f.store.claim().unwrap(), None);
    f.store.keep(&key("1"), &result("h")).unwrap();
    f.store.settle(&photo, photo.stat, &Settled::Done { key: &key("1"), blake3: "h" }).unwrap();
    assert_eq!((f.state("a.jpg").as_str(), f.seen("a.jpg", 1)), ("done", Seen::Known));
    assert_eq!(f.store.result("h", &key("1")).unwrap(), Some(result("h")));
    assert_eq!(f.store.result("h", &key("2")).unwrap(), None);
    let counts = f.store.counts().unwrap();
    assert_eq!((counts.states["done"], counts.states["failed"], counts.photos, counts.results), (1, 0, 1, 1));
}

#[test]
fn new_content_and_new_components_are_another_turn() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    f.finish("h");
    assert_eq!(f.seen("a.jpg", 2), Seen::Queued);
    f.finish("i");
    let root = f.dir.path().to_owned();
    assert_eq!(f.store.seen(&root, &root.join("a.jpg"), stat(2), &key("2"), false).unwrap(), Seen::Queued);
}

#[test]
fn content_that_changes_while_it_is_inspected_waits_once_more() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    let photo = f.store.claim().unwrap().unwrap();
    assert_eq!(f.seen("a.jpg", 2), Seen::Again);
    f.store.settle(&photo, photo.stat, &Settled::Done { key: &key("1"), blake3: "h" }).unwrap();
    assert_eq!(f.state("a.jpg"), "waiting");
    assert_eq!(f.store.claim().unwrap().unwrap().stat, stat(2));
}

#[test]
fn a_renamed_file_keeps_its_state_and_a_copy_is_another_photo() {
    let mut f = folder();
    std::fs::write(f.dir.path().join("a.jpg"), "x").unwrap();
    f.seen("a.jpg", 1);
    f.finish("h");
    assert_eq!(f.seen("copy.jpg", 1), Seen::Queued, "the file is still there under its name");
    f.finish("h");
    std::fs::remove_file(f.dir.path().join("a.jpg")).unwrap();
    assert_eq!((f.seen("b.jpg", 1), f.state("b.jpg").as_str()), (Seen::Known, "done"));
    assert_eq!(f.store.counts().unwrap().photos, 2);
}

#[test]
fn fresh_photos_go_first_and_retries_wait() {
    let mut f = folder();
    let root = f.dir.path().to_owned();
    f.seen("old.jpg", 1);
    f.store.seen(&root, &root.join("new.jpg"), stat(2), &key("1"), true).unwrap();
    let first = f.store.claim().unwrap().unwrap();
    assert_eq!(first.path, root.join("new.jpg"));
    f.store.put_back(first.id, "cut short", Duration::from_secs(200), true).unwrap();
    assert_eq!(f.store.claim().unwrap().unwrap().path, root.join("old.jpg"));
    assert_eq!(f.store.claim().unwrap(), None);
    assert!(f.store.next_turn().unwrap().unwrap() > now_ms() + 100_000);
}

#[test]
fn a_clock_that_is_set_back_holds_nothing_up() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    let photo = f.store.claim().unwrap().unwrap();
    f.store.put_back(photo.id, "cut short", Duration::from_secs(1), true).unwrap();
    // A day later by the clock of then.
    f.store.connection.execute("UPDATE photos SET not_before = not_before + 86400000", []).unwrap();
    assert_eq!(f.store.claim().unwrap().map(|p| p.id), Some(photo.id));
}

#[test]
fn what_was_in_work_waits_again_after_a_crash_until_it_is_too_often() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    for attempt in 1..=3 {
        assert_eq!(f.store.claim().unwrap().unwrap().attempt, attempt);
        let (store, note) = Store::open(&f.dir.path().join("state")).unwrap();
        assert_eq!(note, None);
        f.store = store;
        assert_eq!(f.store.resume(3).unwrap(), if attempt < 3 { (1, 0) } else { (0, 1) });
    }
    assert_eq!(f.state("a.jpg"), "failed");
}

#[test]
fn what_was_decided_is_carried_out_after_a_crash() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    let photo = f.store.claim().unwrap().unwrap();
    f.store.decided(photo.id, "[1]", "reject").unwrap();
    f.store.resume(1).unwrap();
    assert_eq!(f.store.claim().unwrap().unwrap().planned.as_deref(), Some("[1]"));
}

#[test]
fn what_is_gone_before_its_turn_is_skipped_and_results_stay() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    f.finish("h");
    f.seen("b.jpg", 2);
    for name in ["a.jpg", "b.jpg", "never.jpg"] {
        f.store.gone(&f.dir.path().join(name)).unwrap();
    }
    assert_eq!((f.state("a.jpg").as_str(), f.state("b.jpg").as_str()), ("done", "skipped"));
    assert_eq!(f.seen("b.jpg", 2), Seen::Queued, "it came back");
}

#[test]
fn pruning_forgets_what_is_gone_and_verify_finds_nothing_wrong() {
    let mut f = folder();
    std::fs::write(f.dir.path().join("stays.jpg"), "x").unwrap();
    f.seen("stays.jpg", 1);
    f.finish("h");
    f.seen("goes.jpg", 2);
    f.finish("i");
    assert_eq!(f.store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(f.store.prune().unwrap(), Pruned { photos: 1, results: 1 });
    f.store.connection.execute("UPDATE results SET report = '{'", []).unwrap();
    assert!(f.store.verify().unwrap()[0].contains("can't be read"));
}

#[test]
fn files_of_others_are_set_aside_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let file = Store::file_in(dir.path());
    let foreign = dir.path().join("foreign.sqlite3");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE notes (x); INSERT INTO notes VALUES (1)")
        .unwrap();
    let mut cut = std::fs::read(&foreign).unwrap();
    cut.truncate(5000);
    for content in [b"not a database at all, but some text".to_vec(), std::fs::read(&foreign).unwrap(), cut] {
        std::fs::write(&file, &content).unwrap();
        let (store, note) = Store::open(dir.path()).unwrap();
        assert!(note.unwrap().contains("a new one begun"));
        assert_eq!(store.counts().unwrap().photos, 0);
        drop(store);
        let aside = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path());
        let aside: Vec<_> = aside
            .filter(|p| p.to_string_lossy().contains("set-aside") && !p.to_string_lossy().ends_with("wal"))
            .collect();
        assert_eq!(aside.iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>(), [content]);
        aside.iter().for_each(|p| std::fs::remove_file(p).unwrap());
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let f = folder();
    f.store.connection.pragma_update(None, "user_version", 99).unwrap();
    let state = f.dir.path().join("state");
    let error = Store::open(&state).unwrap_err().to_string();
    assert!(error.contains("written by a newer giqa (version 99"), "{error}");
    assert!(matches!(Store::read(&state), Err(StoreError::Newer { found: 99, .. })));
    assert!(matches!(Store::read(f.dir.path()), Err(StoreError::Missing { .. })));
}

#[test]
fn readers_see_what_is_committed() {
    let mut f = folder();
    let reader = Store::read(&f.dir.path().join("state")).unwrap();
    f.seen("a.jpg", 1);
    assert_eq!(reader.counts().unwrap().states["waiting"], 1);
}
