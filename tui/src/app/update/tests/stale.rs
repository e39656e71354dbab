//! What workers bring too late, or twice, is not taken.

use crate::app::action::Action;
use crate::app::effect::{Effect, Target};
use crate::app::fixtures::{Session, details, frame, heat, report, surveyed};
use crate::app::model::{Load, Screen};
use crate::app::picture::{Overlay, Scene, Shown, View};
use crate::app::query::Entry;
use crate::app::update::update;
use giqa_core::Attribute;
use std::sync::Arc;

fn key(session: &mut Session, key: &str) -> Vec<Effect> {
    update(&mut session.model, Action::Key(key.parse().unwrap()))
}

#[test]
fn of_two_filters_the_last_one_counts() {
    let mut session = Session::new(80, 24);
    session.press("/");
    let tag = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|e| if let Effect::List(tag, _) = e { Some(tag) } else { None })
    };
    let (first, last) = (tag(key(&mut session, "a")).unwrap(), tag(key(&mut session, "b")).unwrap());
    let entry = |row| vec![Entry { row, burst: 0, member: false }];
    session.act(Action::Entries(first, entry(3)));
    assert_eq!(session.listed().len(), 15);
    session.act(Action::Entries(last, entry(4)));
    assert_eq!(session.listed(), [5]);
    session.act(Action::Entries(last, entry(3)));
    assert_eq!(session.listed(), [5], "and only once");
}

#[test]
fn rows_that_do_not_exist_are_no_trouble() {
    let mut session = Session::new(80, 24);
    session.press("s");
    let effects = key(&mut session, "s");
    let Some(Effect::List(tag, _)) = effects.into_iter().find(|e| matches!(e, Effect::List(..))) else { panic!() };
    session.act(Action::Entries(tag, vec![Entry { row: 9999, burst: 3, member: true }]));
    assert_eq!(session.photo(), None);
    session.press("enter space x e j");
}

#[test]
fn details_of_another_photo_are_dropped() {
    let mut session = Session::new(80, 24).on(1);
    let look = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|e| if let Effect::Look(tag, ..) = e { Some(tag) } else { None })
    };
    let first = look(key(&mut session, "enter")).unwrap();
    let second = look(key(&mut session, "right")).unwrap();
    session.act(Action::Details(first, Ok(Arc::new(details()))));
    assert!(matches!(session.model.photo.details, Load::Nothing));
    session.act(Action::Details(second, Err("gone".into())));
    assert!(matches!(session.model.photo.details, Load::Failed(_)));
    session.act(Action::Details(second, Ok(Arc::new(details()))));
    assert!(matches!(session.model.photo.details, Load::Failed(_)));
}

#[test]
fn whatever_nobody_asked_for_changes_nothing() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Compare);
    let scene = Scene {
        path: "/else".into(),
        blake3: None,
        area: (3, 3).into(),
        view: View::default(),
        overlay: Overlay::default(),
    };
    for tag in [0, 1, u64::MAX] {
        let before = format!("{:?}", session.model);
        session.act(Action::Details(tag, Err("x".into())));
        session.act(Action::Heat(tag, Attribute::Haze, Ok(heat())));
        session.act(Action::Heat(tag, Attribute::Haze, Err("x".into())));
        session.act(Action::Answer(tag, Err("x".into())));
        session.act(Action::Compared(tag, Target::Left, Ok(Arc::new(report()))));
        session.act(Action::Compared(tag, Target::Right, Err("x".into())));
        session.act(Action::Surveyed(tag, Ok(Arc::new(surveyed()))));
        session.act(Action::Entries(tag, Vec::new()));
        session.act(Action::Picture(Shown { scene: scene.clone(), frame: Ok(frame(3, 3)) }));
        assert_eq!(format!("{:?}", session.model), before);
    }
}

#[test]
fn a_heat_map_that_can_not_be_made_is_told_and_not_asked_for_again() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Photo);
    let effects = key(&mut session, "m");
    let Some(Effect::Heat(tag, _, attribute)) = effects.iter().find(|e| matches!(e, Effect::Heat(..))).cloned() else {
        panic!("{effects:?}")
    };
    let effects = update(&mut session.model, Action::Heat(tag, attribute, Err("no metric has one".into())));
    assert!(effects.iter().all(|e| !matches!(e, Effect::Heat(..))), "{effects:?}");
    assert!(session.model.photo.heat.is_none() && session.model.notice.is_some());
}

#[test]
fn a_heat_map_with_gaps_is_one_picture_not_many() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Photo);
    session.press("m");
    assert!(session.model.photo.heat_map.here().is_some_and(|h| h.values.iter().any(|v| v.is_nan())));
    assert!(session.model.slots.iter().all(|s| s.frame.is_some()));
    assert!(update(&mut session.model, Action::Tick(1)).is_empty(), "nothing is wanted anew");
}

#[test]
fn a_photo_that_was_inspected_again_is_looked_at_again() {
    use crate::app::fixtures::{NOW, batch, row};
    use giqa_watch::store::Row;
    let mut session = Session::new(120, 40).on(2).at(Screen::Photo);
    let again = Row { updated: NOW + 5, ..row(2, "IMG_0002.jpg", 10.0) };
    let effects = update(&mut session.model, Action::Rows(batch(vec![again])));
    assert!(effects.iter().any(|e| matches!(e, Effect::Look(_, subject, _) if subject.id == 2)));
    assert!(session.model.photo.details.here().is_some(), "what is known stays until then");
}
