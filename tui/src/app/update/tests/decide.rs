//! Verdicts, notes, and what rules did or propose.

use crate::app::effect::Effect;
use crate::app::fixtures::Session;
use crate::app::model::{Popup, Screen};
use giqa_core::Decision;

#[test]
fn verdicts_are_about_the_cursor_or_all_that_is_marked() {
    let verdicts =
        [("a", Some(Decision::Accept)), ("v", Some(Decision::Review)), ("x", Some(Decision::Reject)), ("-", None)];
    for (key, verdict) in verdicts {
        let mut session = Session::new(80, 24).on(2);
        let done = session.press(key);
        assert!(matches!(&done[..], [Effect::Judge(ids, d)] if *ids == [2] && *d == verdict), "{done:?}");
        session.press("space space");
        let done = session.press(key);
        assert!(matches!(&done[..], [Effect::Judge(ids, d)] if *ids == [2, 3] && *d == verdict), "{done:?}");
        // Marks are the list's; the photo is judged alone.
        session = session.on(7).at(Screen::Photo);
        let done = session.press(if key == "-" { "backspace" } else { key });
        assert!(matches!(&done[..], [Effect::Judge(ids, d)] if *ids == [7] && *d == verdict), "{done:?}");
    }
}

#[test]
fn without_a_photo_nothing_is_judged() {
    for key in ["a", "v", "x", "-", "n", "u", "c", "C"] {
        let mut session = Session::blank(80, 24);
        assert!(session.press(key).is_empty());
        assert!(session.model.notice.is_some() && session.model.popup.is_none(), "{key}");
    }
}

#[test]
fn what_can_not_be_taken_back_easily_is_asked_first() {
    type Made = fn(&Effect) -> Option<&Vec<i64>>;
    let undo: Made = |e| if let Effect::Undo(ids) = e { Some(ids) } else { None };
    let confirm: Made = |e| if let Effect::Confirm(ids) = e { Some(ids) } else { None };
    let refuse: Made = |e| if let Effect::Refuse(ids) = e { Some(ids) } else { None };
    for (key, made) in [("u", undo), ("c", confirm), ("C", refuse)] {
        let mut session = Session::new(80, 24).on(1);
        assert!(session.press(key).is_empty());
        assert!(matches!(session.model.popup, Some(Popup::Sure { .. })));
        assert!(session.press("z a x 2 q down").is_empty(), "other keys are no answer");
        assert!(session.press("n").is_empty() && session.model.popup.is_none());
        session.press(key);
        assert!(session.press("esc").is_empty() && session.model.popup.is_none());
        for yes in ["y", "enter"] {
            session.press(key);
            let done = session.press(yes);
            assert_eq!(done.iter().find_map(made), Some(&vec![1]), "{done:?}");
            assert!(session.model.popup.is_none());
        }
        // Of what is marked, those that it can be done to.
        session.press("*");
        session.press(key);
        assert_eq!(session.press("y").iter().find_map(made), Some(&vec![1]));
        session.press("esc");
        let mut other = Session::new(80, 24).on(2);
        assert!(other.press(key).is_empty() && other.model.popup.is_none());
        assert!(other.model.notice.as_ref().is_some_and(|n| n.bad));
    }
}

#[test]
fn a_note_begins_with_the_old_one_and_is_about_what_is_chosen() {
    let mut session = Session::new(120, 40).on(1);
    session.press("n");
    let Some(Popup::Note { field, photos }) = &session.model.popup else { panic!("no note") };
    assert_eq!((field.value(), photos.as_slice()), ("too soft to print", &[1][..]));
    session.press("ctrl-u");
    session.write("  q? 日本 ");
    let done = session.press("enter");
    assert!(matches!(&done[..], [Effect::Note(ids, text)] if *ids == [1] && text == "q? 日本"), "{done:?}");
    session.press("space space n");
    session.write("both");
    assert!(session.press("esc").is_empty() && session.model.popup.is_none());
    session.press("n");
    session.write("both");
    let done = session.press("enter");
    assert!(matches!(&done[..], [Effect::Note(ids, text)] if *ids == [1, 2] && text == "both"), "{done:?}");
}
