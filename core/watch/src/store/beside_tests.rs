//! Readers and desks beside a watcher.

use super::tests::{Folder, folder, key, report, result};
use super::*;
use crate::actions::{Action, Planned, perform};
use giqa_core::{Attribute, Decision, Level};
use std::path::PathBuf;
use std::sync::Mutex;

fn state_dir(f: &Folder) -> PathBuf {
    f.dir.path().join("state")
}

/// What the next call delivers.
fn next(reader: &mut Reader) -> (Vec<Row>, Vec<i64>) {
    let (mut rows, mut removed) = (Vec::new(), Vec::new());
    reader
        .changes(&mut |batch| {
            rows.extend(batch.rows);
            removed.extend(batch.removed);
            true
        })
        .unwrap();
    (rows, removed)
}

fn names(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|r| r.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn with_scores(blake3: &str) -> StoredResult {
    let mut report = report(blake3);
    let more = crate::testing::report();
    (report.scores, report.findings) = (more.scores, more.findings);
    let compared = serde_json::json!({"metric": "ref.ssim", "value": 1.0, "range": [0.0, 1.0], "better": "higher", "full_reference": true});
    report.scores.push(serde_json::from_value(compared).unwrap());
    StoredResult { report, camera: r#"{"taken": "1970-01-02T00:00:01"}"#.into(), look: Some(u64::MAX) }
}

#[test]
fn everything_comes_first_then_what_changed() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    let photo = f.store.claim().unwrap().unwrap();
    f.store.keep(&key("1"), &with_scores("h")).unwrap();
    f.store.settle(&photo, photo.stat, &Settled::Done { key: &key("1"), blake3: "h" }).unwrap();
    f.seen("b.jpg", 2);
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    let mut metrics = Vec::new();
    let mut rows = Vec::new();
    reader
        .changes(&mut |batch| {
            rows.extend(batch.rows);
            metrics = batch.metrics;
            true
        })
        .unwrap();
    assert_eq!((names(&rows), metrics), (vec!["b.jpg".to_owned(), "a.jpg".into()], vec!["classic.niqe".to_owned()]));
    assert_eq!((rows[0].state, &rows[0].result), (State::Waiting, &None));
    let brief = rows[1].result.as_ref().unwrap();
    assert_eq!((brief.score, brief.level, brief.look, brief.taken), (50.0, Level::Fair, Some(u64::MAX), Some(86401)));
    assert_eq!((&*brief.blake3, &brief.key, &*brief.scores), ("h", &key("1"), &[(0, 4.5)][..]));
    let faults: Vec<_> = Attribute::ALL.iter().zip(brief.faults).filter(|(_, fault)| *fault > 0).collect();
    assert_eq!(faults, [(&Attribute::Sharpness, 179), (&Attribute::Noise, 77)]);

    assert_eq!(next(&mut reader), (Vec::new(), Vec::new()));
    // A clock that is set back hides nothing.
    f.store.gone(&f.dir.path().join("a.jpg")).unwrap();
    f.store.connection.execute("UPDATE photos SET updated = 5", []).unwrap();
    f.seen("c.jpg", 3);
    assert_eq!(names(&next(&mut reader).0).len(), 3);
    f.store.claim().unwrap();
    assert_eq!(names(&next(&mut reader).0), ["b.jpg"]);
    assert_eq!(reader.report("h", &key("1")).unwrap(), Some(with_scores("h")));
    assert_eq!(reader.photo_by_path(&f.dir.path().join("a.jpg")).unwrap(), Some(photo.id));
}

#[test]
fn a_call_that_is_stopped_goes_on_and_what_was_taken_out_is_told() {
    let mut f = folder();
    let bulk = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) \
        INSERT INTO photos (path, root, bytes, modified_ns, inode, device, state, updated) \
        SELECT CAST('/p/' || i AS BLOB), x'2f', 1, '1', i, 1, 'failed', i FROM n";
    f.store.connection.execute(bulk, []).unwrap();
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    let mut ids = Vec::new();
    reader
        .changes(&mut |batch| {
            ids.extend(batch.rows.iter().map(|r| r.id));
            false
        })
        .unwrap();
    assert_eq!((ids.len(), ids[0]), (4096, 10_000));
    // What is new comes before the rest.
    f.store.connection.execute("UPDATE photos SET fresh = 1 WHERE id IN (7, 9999)", []).unwrap();
    let (rows, removed) = next(&mut reader);
    assert_eq!((rows.len(), rows[0].id + rows[1].id, removed.len()), (10_000 - 4096 + 1, 10_006, 0));
    ids.extend(rows.iter().map(|r| r.id));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10_000);
    f.store.connection.execute("DELETE FROM photos WHERE id IN (3, 10000)", []).unwrap();
    f.seen("a.jpg", 1);
    let (rows, removed) = next(&mut reader);
    // The number is given again at once.
    assert_eq!((names(&rows), rows[0].id, removed), (vec!["a.jpg".to_owned()], 10_000, vec![3]));
}

#[test]
fn verdicts_by_hand_are_kept_and_the_last_counts() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    f.seen("b.jpg", 2);
    f.finish("h");
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    let ids: Vec<i64> = next(&mut reader).0.iter().map(|r| r.id).collect();
    let id = |name: &str| reader.photo_by_path(&f.dir.path().join(name)).unwrap().unwrap();
    let (a, b) = (id("a.jpg"), id("b.jpg"));
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    desk.judge(&ids, Some(Decision::Reject), None, "ada").unwrap();
    let (rows, _) = next(&mut reader);
    assert!(rows.len() == 2 && rows.iter().all(|r| r.hand == Some(Decision::Reject) && !r.noted), "{rows:?}");
    desk.judge(&[a], None, Some("eyes shut"), "bob").unwrap();
    desk.judge(&[a, 99], Some(Decision::Accept), None, "bob").unwrap();
    let (rows, _) = next(&mut reader);
    assert_eq!((rows.len(), rows[0].hand, rows[0].noted), (1, Some(Decision::Accept), true));
    assert_eq!(reader.counts().unwrap().by_hand["reject"], 1);
    desk.judge(&[a], None, None, "bob").unwrap();
    let told = reader.verdicts(a).unwrap();
    let told: Vec<_> = told.iter().map(|v| (v.decision, v.note.as_str(), v.who.as_str())).collect();
    let (accept, reject) = (Some(Decision::Accept), Some(Decision::Reject));
    assert_eq!(
        told,
        [(None, "", "bob"), (accept, "eyes shut", "bob"), (reject, "eyes shut", "bob"), (reject, "", "ada")]
    );
    assert_eq!((next(&mut reader).0[0].hand, reader.verdicts(b).unwrap().len()), (None, 1));
    assert_eq!(f.state("a.jpg"), "done");
}

#[test]
fn the_past_of_a_photo_is_what_was_in_it() {
    let mut f = folder();
    f.seen("a.jpg", 1);
    f.finish("h");
    f.seen("a.jpg", 2);
    f.finish("i");
    f.store.keep(&key("2"), &result("i")).unwrap();
    f.store.keep(&key("1"), &result("another photo's")).unwrap();
    f.store.connection.execute("UPDATE results SET created = 9 WHERE blake3 = 'h'", []).unwrap();
    let reader = Reader::open(&state_dir(&f)).unwrap();
    let past = reader.past(1).unwrap();
    assert_eq!(past.iter().map(|p| p.blake3.as_str()).collect::<Vec<_>>(), ["i", "i", "h"]);
    assert_eq!((past[2].profile.as_str(), past[2].created, past[2].level), ("p", 9, Level::Fair));
}

#[test]
fn an_older_store_is_brought_up_to_date_unless_it_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(Store::file_in(dir.path())).unwrap();
    old.execute_batch(include_str!("schema.sql")).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 0x67697161; PRAGMA user_version = 1; \
         INSERT INTO photos (id, path, root, bytes, modified_ns, inode, device, blake3, key, state, updated) \
         VALUES (1, x'61', x'2f', 1, '1', 1, 1, 'h', 'k', 'done', 7), (2, x'62', x'2f', 1, '1', 1, 1, NULL, NULL, 'waiting', 3), \
         (3, x'63', x'2f', 1, '1', 1, 1, 'x', 'k', 'done', 1);",
    )
    .unwrap();
    let stored = with_scores("h");
    for (blake3, report) in [("h", serde_json::to_string(&stored.report).unwrap()), ("x", "{".into())] {
        old.execute(
            "INSERT INTO results VALUES (?1, 'k', ?2, ?3, -1, 50.0, 'fair', 1)",
            [blake3, &report, &stored.camera],
        )
        .unwrap();
    }
    drop(old);
    let lock = crate::watcher::Lock::take(dir.path()).unwrap();
    let error = Reader::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("an older giqa (version 1") && error.contains("process"), "{error}");
    assert!(matches!(Desk::open(dir.path()), Err(StoreError::Older { found: 1, .. })));
    drop(lock);
    let mut reader = Reader::open(dir.path()).unwrap();
    let (rows, _) = next(&mut reader);
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(rows[0].result.as_ref().unwrap().taken, Some(86401));
    assert_eq!((rows[1].result.as_ref(), rows[2].result.as_ref()), (None, None));
    assert_eq!(reader.past(1).unwrap().len(), 1);
}

/// Moves a photo as a watcher does; its path then.
fn moved(f: Folder, id: &str) -> (Folder, PathBuf) {
    let root = f.dir.path().to_owned();
    let mut subject = crate::testing::subject(&root, "a.jpg");
    let planned =
        Planned { id: id.into(), name: "out".into(), action: Action::Move { to: "out".into() }, confirm: false };
    let Folder { dir, store } = f;
    let store = Mutex::new(store);
    perform(&planned, &mut subject, &mut RunJournal { store: &store, run: "r" }).unwrap();
    (Folder { dir, store: store.into_inner().unwrap() }, subject.path)
}

#[test]
fn undoing_beside_a_watcher_tells_the_store_before_anybody_can_look() {
    let mut f = folder();
    let path = f.dir.path().join("a.jpg");
    std::fs::write(&path, "x").unwrap();
    f.seen("a.jpg", 1);
    f.finish("h");
    let (mut f, there) = moved(f, "r-1-0");
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    assert_eq!((next(&mut reader).0[0].acted, there.exists()), (1, true));
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    // In work: nothing is taken from under the watcher.
    f.store.connection.execute("UPDATE photos SET state = 'running'", []).unwrap();
    let outcome = desk.undo(&[1]).unwrap();
    assert!(outcome.taken == 0 && outcome.failures[0].contains("in work"), "{outcome:?}");
    f.store.connection.execute("UPDATE photos SET state = 'done'", []).unwrap();
    assert_eq!(desk.undo(&[1]).unwrap(), UndoOutcome { taken: 1, failures: Vec::new() });
    assert!(path.exists() && !there.exists());
    let row = &next(&mut reader).0[0];
    assert_eq!((row.acted, &row.path), (0, &path));
    assert_eq!((f.seen("a.jpg", 1), desk.undo(&[1]).unwrap()), (Seen::Known, UndoOutcome::default()));
    assert!(reader.entries(1).unwrap()[0].undone);

    let (_f, there) = moved(f, "r-2-0");
    std::fs::remove_file(there).unwrap();
    let outcome = desk.undo(&[1]).unwrap();
    assert!(outcome.failures[0].contains("not there any more"), "{outcome:?}");
}

/// `cargo test --release -p giqa-watch -- --ignored --nocapture a_hundred_thousand` tells how long lists take.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_photos_are_read_in_a_blink() {
    let f = folder();
    let mut stored = with_scores("h");
    let score = stored.report.scores[0].clone();
    stored.report.scores = (0..24)
        .map(|i| {
            let mut s = score.clone();
            s.metric = format!("classic.metric-{i}");
            s
        })
        .collect();
    stored.report.warnings = vec!["as long as reports are ".repeat(300)];
    let mut f = f;
    f.store
        .write(|t| {
            for i in 0..100_000_i64 {
                let hash = blake3::hash(&i.to_le_bytes()).to_hex().to_string();
                stored.report.image.blake3.clone_from(&hash);
                briefs::keep(t, &key("1"), &stored)?;
                let path = format!("/photos/2026/a shoot somewhere/IMG_{i}.jpg");
                t.execute(
                    "INSERT INTO photos (path, root, bytes, modified_ns, inode, device, state, decision, blake3, key, updated) \
                     VALUES (?1, x'2f', 1, '1', ?2, 1, 'done', 'accept', ?3, ?4, ?2)",
                    rusqlite::params![path.as_bytes(), i, hash, key("1").as_str()],
                )?;
            }
            Ok(())
        })
        .unwrap();
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    let begun = std::time::Instant::now();
    let (mut n, mut first) = (0, None);
    reader
        .changes(&mut |batch| {
            n += batch.rows.len();
            first.get_or_insert_with(|| begun.elapsed());
            true
        })
        .unwrap();
    println!("{n} rows in {:?}, the first {:?}", begun.elapsed(), first.unwrap());
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        next(&mut reader);
    }
    println!("nothing new: {:?} each", begun.elapsed() / 1000);
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    let begun = std::time::Instant::now();
    desk.judge(&(1..=1000).collect::<Vec<_>>(), Some(Decision::Reject), None, "ada").unwrap();
    let judged = begun.elapsed();
    let n = next(&mut reader).0.len();
    println!("1000 verdicts: {judged:?}; {n} rows read again: {:?}", begun.elapsed() - judged);
}

fn proposed(id: &str, to: &str) -> Planned {
    Planned { id: id.into(), name: "out".into(), action: Action::Move { to: to.into() }, confirm: true }
}

/// A photo that is done, with a file, and these actions proposed.
fn with_proposals(planned: &[Planned]) -> (Folder, PathBuf) {
    let mut f = folder();
    let path = f.dir.path().join("a.jpg");
    std::fs::write(&path, "x").unwrap();
    let root = f.dir.path().to_owned();
    f.store.seen(&root, &path, crate::source::Stat::read(&path).unwrap(), &key("1"), false).unwrap();
    f.finish("00ff");
    let subject = crate::testing::subject(&root, "a.jpg");
    for planned in planned {
        f.store.propose("r", planned, &key("1"), &subject).unwrap();
        // As after a crash: nothing is there twice.
        f.store.propose("r2", planned, &key("1"), &subject).unwrap();
    }
    (f, path)
}

#[test]
fn what_is_confirmed_is_done_once_and_can_be_undone() {
    let (f, path) = with_proposals(&[proposed("r-1-0", "out")]);
    let mut reader = Reader::open(&state_dir(&f)).unwrap();
    assert_eq!((next(&mut reader).0[0].pending, reader.counts().unwrap().proposals), (1, 1));
    let proposals = reader.proposals(1).unwrap();
    assert_eq!(proposals[0].sentence, format!("move {} into out", path.display()));
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    let outcome = desk.confirm(&[1]).unwrap();
    assert!(outcome.failures.is_empty() && outcome.done[0].starts_with("out: moved to"), "{outcome:?}");
    let row = next(&mut reader).0.remove(0);
    assert_eq!((row.pending, row.acted, row.path), (0, 1, f.dir.path().join("out/a.jpg")));
    assert_eq!((desk.confirm(&[1]).unwrap(), desk.refuse(&[1]).unwrap()), (ConfirmOutcome::default(), 0));
    assert_eq!((desk.undo(&[1]).unwrap().taken, path.exists()), (1, true));
}

#[test]
fn what_is_refused_is_not_done() {
    let (mut f, path) = with_proposals(&[proposed("r-1-0", "out"), proposed("r-1-1", "off")]);
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    assert_eq!(desk.refuse(&[1]).unwrap(), 2);
    assert_eq!((desk.confirm(&[1]).unwrap(), path.exists()), (ConfirmOutcome::default(), true));
    // A crash after that proposes it again under its id: the answer stands.
    let subject = crate::testing::subject(f.dir.path(), "a.jpg");
    f.store.propose("r", &proposed("r-1-0", "out"), &key("1"), &subject).unwrap();
    assert_eq!(Reader::open(&state_dir(&f)).unwrap().proposals(1).unwrap(), []);
}

#[test]
fn a_confirmation_that_died_in_the_middle_is_found() {
    for refuse in [false, true] {
        let (mut f, path) = with_proposals(&[proposed("r-1-0", "out")]);
        let to = f.dir.path().join("out/a.jpg");
        let files = vec![(path.as_path().into(), to.as_path().into())];
        let step = crate::actions::Step::Move { files };
        let intent = crate::actions::Intent { id: "r-1-0".into(), name: "out".into(), photo: 1, step };
        f.store.begin("r", &intent).unwrap();
        std::fs::create_dir(f.dir.path().join("out")).unwrap();
        std::fs::rename(&path, &to).unwrap();
        let mut desk = Desk::open(&state_dir(&f)).unwrap();
        if refuse {
            assert_eq!(desk.refuse(&[1]).unwrap(), 0);
        } else {
            assert_eq!(desk.confirm(&[1]).unwrap().done.len(), 1);
        }
        let mut reader = Reader::open(&state_dir(&f)).unwrap();
        let row = next(&mut reader).0.remove(0);
        assert_eq!((row.pending, row.acted, row.path, to.exists()), (0, 1, to.clone(), true));
    }
}

#[test]
fn new_content_drops_what_was_proposed_and_is_not_acted_on() {
    let (mut f, path) = with_proposals(&[proposed("r-1-0", "out")]);
    let mut desk = Desk::open(&state_dir(&f)).unwrap();
    std::fs::write(&path, "other").unwrap();
    let outcome = desk.confirm(&[1]).unwrap();
    assert!(outcome.failures[0].contains("changed since it was inspected"), "{outcome:?}");
    assert_eq!(f.seen("a.jpg", 5), Seen::Queued);
    assert_eq!(Reader::open(&state_dir(&f)).unwrap().proposals(1).unwrap(), []);
    assert!(path.exists());
}
