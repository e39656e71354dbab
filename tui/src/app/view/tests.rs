//! What is on the screen, for a person to read: see `sheet`.

mod footer;
mod sheet;
mod small;

use crate::app::action::{Action, Mouse};
use crate::app::effect::Effect;
use crate::app::fixtures::{NOW, Session, batch, rows, surveyed};
use crate::app::model::Screen;
use crate::app::update::update;
use sheet::sheets;
use std::sync::Arc;

fn session(width: u16, height: u16) -> Session {
    Session::new(width, height)
}

#[test]
fn live() {
    sheets("live", |w, h| session(w, h).at(Screen::Live));
}

#[test]
fn live_with_nobody_watching() {
    sheets("live-idle", |w, h| {
        let mut session = Session::blank(w, h).at(Screen::Live);
        session.act(Action::Loaded);
        session.act(Action::Pulse(Box::default()));
        session
    });
}

#[test]
fn library() {
    sheets("library", |w, h| {
        let mut session = session(w, h);
        session.press("j space space");
        session
    });
}

#[test]
fn library_filtered_and_by_metric() {
    sheets("library-metric", |w, h| {
        let mut session = session(w, h).at(Screen::Library);
        session.press("/");
        session.write("score>20 jpg");
        session.press("enter S");
        session.write("noise");
        session.press("enter R");
        session
    });
}

#[test]
fn library_with_a_mistake_in_the_filter() {
    sheets("library-mistake", |w, h| {
        let mut session = session(w, h);
        session.press("/");
        session.write("level:por verdict:reject");
        session.press("enter");
        session
    });
}

#[test]
fn library_while_a_filter_is_typed() {
    sheets("library-typing", |w, h| {
        let mut session = session(w, h);
        session.press("/");
        session.write("no such photo 日本");
        session
    });
}

#[test]
fn library_grid() {
    sheets("grid", |w, h| {
        let mut session = session(w, h);
        session.press("t l l space");
        session
    });
}

#[test]
fn library_before_anything_is_known() {
    sheets("library-loading", Session::blank);
}

#[test]
fn library_without_photos() {
    sheets("library-empty", |w, h| {
        let mut session = Session::blank(w, h);
        session.model.about.watching = vec!["/photos/日本 2024".into()];
        session.act(Action::Loaded);
        session.act(Action::StoreTrouble("the store /home/eva/.local/state/giqa can't be read: disk I/O error".into()));
        session
    });
}

#[test]
fn photo() {
    sheets("photo", |w, h| {
        let mut session = session(w, h).on(1).at(Screen::Photo);
        session.press("tab");
        session
    });
}

#[test]
fn photo_further_down() {
    sheets("photo-scrolled", |w, h| {
        let mut session = session(w, h).on(5).at(Screen::Photo);
        session.press("m pagedown pagedown z");
        session
    });
}

#[test]
fn photo_beside_the_run_before() {
    sheets("photo-before", |w, h| {
        let mut session = session(w, h).on(1).at(Screen::Photo);
        session.press("b");
        session
    });
}

#[test]
fn photo_that_failed() {
    sheets("photo-failed", |w, h| session(w, h).on(12).at(Screen::Photo));
}

#[test]
fn photo_that_cannot_be_read() {
    sheets("photo-error", |w, h| {
        let mut session = session(w, h).on(7);
        // As workers would answer if the store were broken and the picture gone.
        for effect in update(&mut session.model, Action::Command(crate::app::command::Command::Photo)) {
            match effect {
                Effect::Look(tag, ..) => {
                    session.act(Action::Details(tag, Err("its report is not in the store any more".into())));
                }
                Effect::Pictures(scenes) => {
                    for scene in scenes {
                        let frame = Err("No such file or directory (os error 2)".into());
                        session.act(Action::Picture(crate::app::picture::Shown { scene, frame }));
                    }
                }
                _ => {}
            }
        }
        session
    });
}

#[test]
fn ask() {
    sheets("ask", |w, h| {
        let mut session = session(w, h).on(1).at(Screen::Ask);
        session.press("/");
        session.write("Is the subject sharp?");
        session.press("enter tab d enter");
        session.write("And here, at the edge of the sign, where the light comes from the left 左?");
        session
    });
}

#[test]
fn ask_while_a_box_is_drawn() {
    sheets("ask-box", |w, h| {
        let mut session = session(w, h).on(1).at(Screen::Ask);
        session.press("d L L");
        session
    });
}

#[test]
fn compare() {
    sheets("compare", |w, h| session(w, h).on(1).at(Screen::Compare));
}

#[test]
fn compare_that_waits_and_fails() {
    sheets("compare-error", |w, h| {
        let mut session = session(w, h).on(1);
        session.act(Action::Surveyed(0, Ok(Arc::new(surveyed()))));
        session.model.plugins.surveyed = crate::app::model::Load::Here(Arc::new(surveyed()));
        for effect in update(&mut session.model, Action::Command(crate::app::command::Command::Compare)) {
            if let Effect::Inspect(tag, target, ..) = effect
                && target.at() == 1
            {
                session.act(Action::Compared(tag, target, Err("nn: weights are missing; see docs/plugins.md".into())));
            }
        }
        session
    });
}

#[test]
fn plugins() {
    sheets("plugins", |w, h| {
        let mut session = session(w, h).at(Screen::Plugins);
        session.press("j j j");
        session
    });
}

#[test]
fn plugins_that_cannot_be_looked_at() {
    sheets("plugins-error", |w, h| {
        let mut session = session(w, h);
        for effect in update(&mut session.model, Action::Command(crate::app::command::Command::Plugins)) {
            if let Effect::Survey(tag) = effect {
                session.act(Action::Surveyed(tag, Err("plugins.toml, line 3: there is no profile 'fats'".into())));
            }
        }
        session
    });
}

#[test]
fn help() {
    sheets("help", |w, h| {
        let mut session = session(w, h);
        session.press("?");
        session
    });
}

#[test]
fn log() {
    sheets("log", |w, h| {
        let mut session = session(w, h);
        session.press("L");
        session
    });
}

#[test]
fn palette() {
    sheets("palette", |w, h| {
        let mut session = session(w, h);
        session.press(":");
        session.write("sort");
        session
    });
}

#[test]
fn note() {
    sheets("note", |w, h| {
        let mut session = session(w, h);
        session.press("space space n");
        session.write("print these, 大きく");
        session
    });
}

#[test]
fn sure() {
    sheets("sure", |w, h| {
        let mut session = session(w, h).on(1);
        session.press("c");
        session
    });
}

#[test]
fn notices() {
    sheets("notice", |w, h| {
        let mut session = session(w, h);
        session.act(Action::Rows(batch(rows())));
        session.act(Action::Tick(NOW + 1));
        session.act(Action::Said(Err("IMG_0001.jpg: /photos/rejected can't be written: Permission denied".into())));
        session.mouse(Mouse::WheelDown, 5, 5);
        session
    });
}
