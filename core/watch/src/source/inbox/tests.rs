use super::*;
use notify::event::{CreateKind, DataChange, Flag, MetadataKind, RemoveKind};
use std::path::Path;

const DEBOUNCE: Duration = Duration::from_millis(100);
const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
const OPENED: EventKind = EventKind::Access(AccessKind::Open(AccessMode::Any));
const CREATED: EventKind = EventKind::Create(CreateKind::File);
const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
const TOUCHED: EventKind = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
const REMOVED: EventKind = EventKind::Remove(RemoveKind::File);

fn renamed(mode: RenameMode) -> EventKind {
    EventKind::Modify(ModifyKind::Name(mode))
}

fn tell(inbox: &Inbox, kinds: &[EventKind]) {
    for kind in kinds {
        inbox.tell(0, Ok(Event::new(*kind).add_path("/in/a.jpg".into())));
    }
}

fn hint(kinds: &[EventKind]) -> Hint {
    let inbox = Inbox::new(DEBOUNCE, None);
    tell(&inbox, kinds);
    let batch = inbox.wait(None);
    assert_eq!(batch.hints.len(), 1, "one path, one hint");
    batch.hints[0].2
}

#[test]
fn what_was_said_of_a_path_is_summed_up() {
    let closed = Hint { closed: true, ..Hint::default() };
    let writer = Hint { writer: true, ..Hint::default() };
    let left = Hint { left: true, ..Hint::default() };
    for (kinds, expected) in [
        (&[CREATED, WRITTEN, CLOSED][..], closed),
        (&[CREATED, WRITTEN, CLOSED, TOUCHED], closed),
        (&[CREATED, WRITTEN, CLOSED, WRITTEN], writer),
        (&[CREATED], Hint::default()),
        (&[renamed(RenameMode::To)], closed),
        (&[renamed(RenameMode::From)], left),
        (&[WRITTEN, CLOSED, REMOVED], left),
        (&[REMOVED, CREATED, WRITTEN, CLOSED], Hint { left: true, ..closed }),
    ] {
        assert_eq!(hint(kinds), expected, "{kinds:?}");
    }
}

#[test]
fn a_rename_told_at_once_names_both_ends() {
    let inbox = Inbox::new(DEBOUNCE, None);
    let event = Event::new(renamed(RenameMode::Both)).add_path("/in/a.jpg".into()).add_path("/in/b.jpg".into());
    inbox.tell(0, Ok(event));
    let mut hints = inbox.wait(None).hints;
    hints.sort_by(|a, b| a.1.cmp(&b.1));
    assert!(hints[0].2.left && !hints[0].2.closed && hints[1].2.closed && !hints[1].2.left);
}

#[test]
fn reading_says_nothing() {
    let inbox = Inbox::new(DEBOUNCE, None);
    tell(
        &inbox,
        &[OPENED, EventKind::Access(AccessKind::Read), EventKind::Access(AccessKind::Close(AccessMode::Read))],
    );
    assert!(inbox.is_empty());
}

#[test]
fn a_path_is_taken_after_it_was_quiet() {
    let inbox = Inbox::new(DEBOUNCE, None);
    let begun = Instant::now();
    tell(&inbox, &[CLOSED]);
    assert!(inbox.wait(Some(begun)).hints.is_empty(), "not at once");
    assert!(!inbox.is_empty());
    assert_eq!(inbox.wait(None).hints.len(), 1);
    assert!(begun.elapsed() >= DEBOUNCE - GRAIN && inbox.is_empty());
}

#[test]
fn each_event_makes_a_path_wait_anew() {
    let inbox = Inbox::new(DEBOUNCE, None);
    tell(&inbox, &[CLOSED]);
    assert!(inbox.wait(Some(Instant::now() + DEBOUNCE / 2)).hints.is_empty());
    tell(&inbox, &[WRITTEN, CLOSED]);
    let again = Instant::now();
    assert_eq!(inbox.wait(None).hints.len(), 1);
    assert!(again.elapsed() >= DEBOUNCE - GRAIN * 2);
}

#[test]
fn overflow_and_too_many_paths_cast_doubt() {
    let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
    let inbox = Inbox::new(DEBOUNCE, None);
    inbox.tell(7, Ok(lost));
    assert!(matches!(inbox.wait(None).doubts[..], [(7, Doubt::Overflow)]));

    for nth in 0..=MOST_HINTS {
        inbox.tell(0, Ok(Event::new(CLOSED).add_path(Path::new("/in").join(nth.to_string()))));
    }
    let (mut hints, mut doubts) = (0, 0);
    while !inbox.is_empty() {
        let batch = inbox.wait(None);
        (hints, doubts) = (hints + batch.hints.len(), doubts + batch.doubts.len());
    }
    assert!(hints >= MOST_HINTS - 1 && doubts == 1, "{hints} hints, {doubts} doubts");
}

#[test]
fn the_fault_loses_all_but_the_fact() {
    let inbox = Inbox::new(DEBOUNCE, Some(Fault::Overflow));
    tell(&inbox, &[CREATED, OPENED, WRITTEN, CLOSED]);
    let batch = inbox.wait(None);
    assert!(batch.hints.is_empty() && matches!(batch.doubts[..], [(0, Doubt::Overflow)]));
    assert!(inbox.is_empty());
}

#[test]
fn the_owner_is_heard_at_once() {
    let inbox = std::sync::Arc::new(Inbox::new(DEBOUNCE, None));
    let other = std::sync::Arc::clone(&inbox);
    let waiting = std::thread::spawn(move || other.wait(None));
    inbox.ask(Request::Rescan(None));
    assert_eq!(waiting.join().unwrap().requests.len(), 1);
    inbox.stop();
    assert!(inbox.wait(None).stop);
}
