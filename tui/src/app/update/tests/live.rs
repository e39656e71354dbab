//! What is going on.

use crate::app::action::Action;
use crate::app::fixtures::{NOW, Session, bare, batch, row, status};
use crate::app::model::{Pulse, Screen};
use crate::app::update::update;
use giqa_watch::store::{Row, State};

fn latest(session: &Session) -> Vec<i64> {
    let rows = &session.model.table.rows;
    session.model.live.latest.iter().filter_map(|n| rows.get(*n)).map(|r| r.id).collect()
}

#[test]
fn what_ends_comes_first_and_the_cursor_stays_on_its_photo() {
    let mut session = Session::new(80, 24).at(Screen::Live);
    assert_eq!(latest(&session), [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15], "the newest first");
    session.act(Action::Rows(batch(vec![row(11, "busy.jpg", 50.0)])));
    assert_eq!((latest(&session)[0], session.photo()), (11, Some(11)), "on the first line, the newest");
    session.press("down down");
    assert_eq!(session.photo(), Some(2));
    session.act(Action::Rows(batch((20..30).map(|id| row(id, "new", 1.0)).collect())));
    assert_eq!((session.photo(), session.model.live.cursor), (Some(2), 12));
    session.act(Action::Rows(batch(vec![bare(1, "IMG_0001.jpg", State::Running)])));
    assert_eq!(session.photo(), Some(2), "one above goes away");
    session.act(Action::Rows(giqa_watch::store::Batch { removed: vec![2, 29], ..batch(Vec::new()) }));
    assert!(session.photo().is_some() && !latest(&session).contains(&2));
}

#[test]
fn a_changed_verdict_is_no_arrival() {
    let mut session = Session::new(80, 24);
    session.act(Action::Rows(batch(vec![Row { hand: None, noted: true, ..row(5, "x", 1.0) }])));
    assert_eq!(latest(&session)[0], 1);
}

#[test]
fn a_photo_opens_from_here_whatever_hides_it_in_the_list() {
    let mut session = Session::new(80, 24);
    session.press("/");
    session.write("beach");
    session.press("enter 1 down enter");
    assert_eq!((session.model.screen, session.photo()), (Screen::Photo, Some(2)));
    assert_eq!(session.model.library.filter.value(), "");
    session.press("1 down 4");
    assert_eq!((session.model.screen, session.photo()), (Screen::Ask, Some(3)), "where nothing hides it");
}

#[test]
fn a_photo_that_is_not_listed_yet_opens_when_it_is() {
    let mut session = Session::new(80, 24);
    session.press("down down 1 home");
    // The list that has it is still on its way.
    update(&mut session.model, Action::Rows(batch(vec![row(77, "late.jpg", 50.0)])));
    update(&mut session.model, Action::Key("enter".parse().unwrap()));
    assert_eq!((session.model.library.cursor, session.model.library.entries.len()), (0, 0));
}

#[test]
fn the_rate_is_of_the_last_seconds() {
    let mut session = Session::new(80, 24);
    assert_eq!(session.model.live.rate().to_string(), "0");
    for second in 1..=200 {
        session.act(Action::Tick(NOW + 1000 * second));
        let status = giqa_watch::status::Status { done: 9 + 2 * second as u64, ..status() };
        session.act(Action::Pulse(Box::new(Pulse { status: Some(status), own: false })));
    }
    assert!((session.model.live.rate() - 2.0).abs() < 0.01);
    assert_eq!(session.model.live.rates.len(), crate::app::model::live::SECONDS);
    session.act(Action::Tick(NOW));
    session.act(Action::Pulse(Box::new(Pulse { status: Some(status()), own: false })));
    session.act(Action::Pulse(Box::default()));
    assert!(session.model.live.status.is_none());
}
