//! The list: what is shown, where the cursor is.

use crate::app::action::Action;
use crate::app::fixtures::{Session, batch, row, rows};
use crate::app::model::{Popup, Screen};
use crate::app::query::Sort;
use giqa_watch::store::{Batch, Row, State};

fn removed(ids: &[i64]) -> Action {
    Action::Rows(Batch { removed: ids.to_vec(), ..batch(Vec::new()) })
}

#[test]
fn a_filter_narrows_the_list_while_it_is_typed() {
    let mut session = Session::new(80, 24);
    session.press("/");
    session.write("IMG");
    assert_eq!(session.listed(), [1, 2]);
    session.press("down");
    assert_eq!(session.photo(), Some(2), "the list is walked through meanwhile");
    session.write(" score<40");
    assert_eq!((session.listed(), session.photo()), (vec![1], Some(1)));
    session.press("enter x");
    assert!(!session.model.library.typing);
    session.press("backspace");
    assert_eq!(session.listed().len(), 15);
    session.press("/");
    session.act(Action::Paste("level:por\r\nsecond\nline".into()));
    session.press("esc");
    assert_eq!(session.model.library.filter.value(), "level:por");
    assert_eq!((session.listed().len(), session.model.library.mistakes.len()), (15, 1));
}

#[test]
fn editing_keys_in_a_field() {
    let mut session = Session::new(80, 24);
    session.press("/");
    session.write("one two");
    session.press("ctrl-w");
    assert_eq!(session.model.library.filter.value(), "one ");
    session.press("home delete ctrl-e");
    session.write("日本");
    session.press("backspace left");
    session.write("é");
    assert_eq!(session.model.library.filter.value(), "ne é日");
    session.press("ctrl-a ctrl-k");
    assert_eq!(session.model.library.filter.value(), "");
    session.write("gone");
    session.press("ctrl-u");
    assert_eq!(session.model.library.filter.value(), "");
    session.act(Action::Paste("ab".repeat(5000)));
    assert_eq!(session.model.library.filter.value().len(), 2000);
}

#[test]
fn orders_follow_each_other() {
    let mut session = Session::new(80, 24);
    for sort in [Sort::Score, Sort::Faults, Sort::Name, Sort::Taken, Sort::Time] {
        session.press("s");
        assert_eq!(session.model.library.sort, sort);
        assert_eq!(session.photo(), Some(1), "the cursor stays on its photo");
    }
    session.press("S");
    session.write("noise");
    session.press("enter");
    assert_eq!(session.model.library.sort, Sort::Metric("classic.noise".into()));
    assert_eq!(session.listed()[0], 1);
    session.press("R");
    assert_eq!(session.listed()[0], 15);
    let mut empty = Session::blank(80, 24);
    empty.press("S");
    assert!(empty.model.popup.is_none() && empty.model.notice.is_some());
}

#[test]
fn the_cursor_stays_on_its_photo_when_rows_change() {
    let mut session = Session::new(80, 24).on(5);
    let newer = |id: i64| Row { updated: crate::app::fixtures::NOW + id, ..row(id, &format!("{id}.jpg"), 50.0) };
    session.act(Action::Rows(batch((20..60).map(newer).collect())));
    assert_eq!((session.photo(), session.model.library.cursor), (Some(5), 44));
    let changed = rows().into_iter().rev().map(|r| Row { updated: r.updated + 10_000_000 * r.id, ..r }).collect();
    session.act(Action::Rows(batch(changed)));
    assert_eq!(session.photo(), Some(5));
    session.act(removed(&[5]));
    assert_eq!(session.listed().len(), 54);
    assert!(session.photo().is_some_and(|id| id != 5));
    session.act(removed(&session.listed()));
    assert_eq!((session.photo(), session.model.library.cursor), (None, 0));
}

#[test]
fn the_list_does_not_move_while_a_photo_is_looked_at() {
    let mut session = Session::new(80, 20);
    session.press("G up up");
    let (top, cursor) = (session.model.library.top, session.model.library.cursor);
    assert!(top > 0 && top < cursor);
    session.press("enter");
    session.act(Action::Resize((30, 9).into()));
    session.press("esc");
    session.act(Action::Resize((80, 20).into()));
    assert_eq!((session.model.library.top, session.model.library.cursor), (top, cursor));
}

#[test]
fn what_was_removed_is_nowhere_even_before_the_list_is_made_anew() {
    let mut session = Session::new(80, 24).on(2);
    session.press("space k");
    assert_eq!(session.model.chosen(), [2]);
    // Not answered: the list is still the old one.
    let _ = crate::app::update::update(&mut session.model, removed(&[1, 2]));
    assert!(session.model.library.marked.is_empty());
    session.model.library.cursor = 0;
    assert_eq!((session.photo(), session.model.chosen()), (None, Vec::new()));
    assert!(session.model.live.latest.iter().all(|n| session.model.table.rows.get(*n).is_some()));
}

#[test]
fn counts_follow_what_becomes_of_photos() {
    let mut session = Session::new(80, 24);
    let tally = |session: &Session| session.model.table.tally;
    assert_eq!(tally(&session).of(State::Done), 10);
    assert_eq!((tally(&session).verdicts, tally(&session).pending), ([6, 1, 2], 1));
    session.act(Action::Rows(batch(vec![Row {
        pending: 0,
        hand: Some(giqa_core::Decision::Accept),
        ..rows().remove(0)
    }])));
    assert_eq!((tally(&session).verdicts, tally(&session).pending), ([7, 1, 1], 0));
    session.act(removed(&(1..=15).collect::<Vec<_>>()));
    assert_eq!(tally(&session), Default::default());
    assert_eq!(session.model.table.photos(), 0);
}

#[test]
fn marks_are_set_one_by_one_and_all_at_once() {
    let mut session = Session::new(80, 24);
    session.press("space space");
    assert_eq!((session.model.chosen(), session.photo()), (vec![1, 2], Some(3)));
    session.press("k space");
    assert_eq!(session.model.chosen(), [1]);
    session.press("*");
    assert!(session.model.library.marked.is_empty());
    session.press("*");
    assert_eq!(session.model.chosen(), (1..=15).collect::<Vec<_>>());
    session.press("esc");
    assert_eq!((session.model.library.marked.len(), session.model.screen), (0, Screen::Library));
}

#[test]
fn bursts_open_and_close() {
    let mut session = Session::blank(80, 24);
    let mut all: Vec<Row> = (1..=4).map(|id| row(id, &id.to_string(), 10.0 * id as f32)).collect();
    for row in all.iter_mut().take(3) {
        row.result.as_mut().unwrap().look = Some(7);
    }
    session.act(Action::Rows(batch(all)));
    session.act(Action::Loaded);
    session.press("e");
    assert!(session.model.notice.as_ref().is_some_and(|n| n.text.contains("not gathered")));
    session.press("b");
    assert_eq!(session.listed(), [3, 4]);
    session = session.on(3);
    session.press("e");
    assert_eq!(session.listed(), [3, 1, 2, 4]);
    session.press("j j e");
    assert_eq!((session.listed(), session.photo()), (vec![3, 4], Some(3)), "closed from a member");
    session.press("j e");
    assert!(session.model.notice.as_ref().is_some_and(|n| n.text.contains("in no burst")));
}

#[test]
fn the_grid_is_walked_in_two_directions() {
    let mut session = Session::new(80, 24);
    session.press("t");
    assert!(session.model.shows_grid());
    session.press("l j");
    assert_eq!(session.model.library.cursor, 4, "three in a row");
    session.press("h k k");
    assert_eq!(session.model.library.cursor, 0);
    session.press("G");
    assert_eq!((session.model.library.cursor, session.model.library.top % 3), (14, 0));
    session.press("I t");
    assert!(session.model.notice.as_ref().is_some_and(|n| n.bad), "no pictures, no grid");
    assert!(!session.model.shows_grid());
}

#[test]
fn only_photos_of_a_folder_or_a_run() {
    let mut session = Session::blank(80, 24);
    session.model.about.within = Some("/elsewhere".into());
    session.act(Action::Rows(batch(rows())));
    assert_eq!(session.listed(), [15]);
    session.model.about.within = None;
    session.model.about.run = Some(("r".into(), std::sync::Arc::new([3, 4].into())));
    session.press("R");
    assert_eq!(session.listed(), [4, 3]);
}

#[test]
fn a_burst_of_rows_makes_one_list_at_a_time() {
    use crate::app::effect::Effect;
    let mut session = Session::new(80, 24);
    let lists = |effects: Vec<Effect>| effects.iter().filter(|e| matches!(e, Effect::List(..))).count();
    let rows = || Action::Rows(batch(rows()));
    let model = &mut session.model;
    let made: Vec<usize> = (0..5).map(|_| lists(crate::app::update::update(model, rows()))).collect();
    assert_eq!(made, [1, 0, 0, 0, 0]);
    let tag = model.library.listing.unwrap();
    let again = crate::app::update::update(model, Action::Entries(tag, Vec::new()));
    assert_eq!(lists(again), 1, "for what came meanwhile");
    assert!(!matches!(session.model.popup, Some(Popup::Pick(_))));
}
