//! Questions, with and without a box.

use crate::app::action::Action;
use crate::app::effect::{Effect, Question};
use crate::app::fixtures::{Session, answer, area};
use crate::app::model::{Load, Screen};
use crate::app::update::update;
use giqa_core::NormBox;

fn asking() -> Session {
    Session::new(120, 40).on(1).at(Screen::Ask)
}

/// Presses enter and returns what is asked.
fn question(session: &mut Session) -> (u64, Question) {
    let effects = update(&mut session.model, Action::Key("enter".parse().unwrap()));
    let asked = effects.into_iter().find_map(|e| if let Effect::Ask(tag, q) = e { Some((tag, *q)) } else { None });
    asked.unwrap()
}

#[test]
fn a_question_goes_with_the_report_and_its_answer_has_places() {
    let mut session = asking();
    session.press("/");
    session.write(" Is it sharp? ");
    let (tag, asked) = question(&mut session);
    assert_eq!((asked.words.as_str(), asked.subject.id, asked.boxes.len()), ("Is it sharp?", 1, 0));
    assert!(asked.report.is_some() && !session.model.ask.typing && session.model.ask.input.value().is_empty());
    session.act(Action::Answer(tag, Ok(Box::new(answer()))));
    let exchange = &session.model.ask.history[0];
    assert!(exchange.answer.here().is_some());
    assert_eq!(exchange.marks.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2, 3]);
    session.press("tab tab z");
    assert_eq!(session.model.ask.selected, Some(2));
    assert!(
        matches!(session.model.photo.view.zoom, crate::app::picture::Zoom::Part(b) if b == area(0.5, 0.5, 0.6, 0.8))
    );
}

#[test]
fn answers_come_in_any_order_and_may_fail() {
    let mut session = asking();
    let mut tags = Vec::new();
    for words in ["one", "two"] {
        session.press("/");
        session.write(words);
        tags.push(question(&mut session).0);
    }
    session.act(Action::Answer(tags[1], Err("no model answers".into())));
    session.act(Action::Answer(tags[0], Ok(Box::new(answer()))));
    session.act(Action::Answer(99_999, Ok(Box::new(answer()))));
    let [one, two] = &session.model.ask.history[..] else { panic!("two questions") };
    assert!(matches!(one.answer, Load::Here(_)) && matches!(two.answer, Load::Failed(_)));
}

#[test]
fn nothing_is_asked_without_words_or_without_a_photo() {
    let mut session = asking();
    session.press("/ space enter");
    assert!(session.model.ask.history.is_empty() && !session.model.ask.typing);
    let mut empty = Session::blank(80, 24).at(Screen::Ask);
    empty.press("/");
    empty.write("hello");
    empty.press("enter");
    assert!(empty.model.ask.history.is_empty());
    assert_eq!(empty.model.ask.input.value(), "hello", "what was typed is kept");
    empty.press("esc d");
    assert!(empty.model.ask.draft.is_none() && empty.model.notice.is_some());
}

#[test]
fn a_box_is_drawn_with_keys() {
    let mut session = asking();
    session.press("d right right down L J K");
    let drawn = session.model.ask.draft.unwrap().bounds;
    let close =
        |b: NormBox, to: [f64; 4]| [b.x1(), b.y1(), b.x2(), b.y2()].iter().zip(to).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(drawn, [0.39, 0.37, 0.71, 0.67]), "{drawn:?}");
    session.press("enter");
    assert!(session.model.ask.typing && session.model.ask.about == Some(drawn));
    session.write("here?");
    let (_, asked) = question(&mut session);
    assert_eq!(asked.boxes, [drawn]);
    assert_eq!(session.model.ask.about, None, "the next question is about all of it again");
}

#[test]
fn a_box_stays_on_the_photo_and_keeps_a_size() {
    let mut session = asking();
    session.press("d");
    session.press(&"L right J down ".repeat(80));
    let all = session.model.ask.draft.unwrap().bounds;
    assert!(all.x2() <= 1.0 && all.y2() <= 1.0 && all.area() > 0.9, "{all:?}");
    session.press(&"H left K up ".repeat(80));
    let least = session.model.ask.draft.unwrap().bounds;
    assert!(least.x1() == 0.0 && least.y1() == 0.0 && least.area() > 0.0, "{least:?}");
    session.press("esc");
    assert!(session.model.ask.draft.is_none() && session.model.screen == Screen::Ask);
}

#[test]
fn another_photo_has_questions_of_its_own() {
    let mut session = asking();
    session.press("d enter");
    session.write("x");
    session.press("esc esc right");
    assert_eq!((session.photo(), session.model.ask.about), (Some(2), None));
}
