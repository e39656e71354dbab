//! Filters and sorts.

use super::{Out, guarded, newest};
use crate::app::action::Action;
use crate::app::effect::Tag;
use crate::app::query::{Request, run as query};
use std::sync::mpsc::Receiver;

pub type Job = (Tag, Box<Request>);

pub fn run(jobs: &Receiver<Job>, out: &Out) {
    while let Some((tag, request)) = newest(jobs) {
        let entries = guarded(|| Ok(query(&request))).unwrap_or_default();
        // Rows must not be held when the screen changes them: it would copy.
        drop(request);
        if out.send(Action::Entries(tag, entries)).is_err() {
            return;
        }
    }
}
