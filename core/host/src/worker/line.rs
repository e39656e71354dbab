//! What goes to a worker: frames, and pictures unless it has them.

use super::outbox::Outbox;
use super::protocol::{self, CallItem, ToWorker};
use crate::transport::WireItem;
use giqa_core::ImageView;
use std::collections::VecDeque;
use std::path::Path;
use std::process::ChildStdin;

/// How many pictures a worker keeps, so that several components need not send them again.
const KEPT: usize = 4;
/// Ids from here on are made up for pictures that have none.
const ANONYMOUS: u64 = 1 << 63;

/// The way to a worker.
#[derive(Debug)]
pub(super) struct Line {
    plugin: String,
    stdin: Option<ChildStdin>,
    /// What the worker has, oldest first.
    pictures: VecDeque<Kept>,
    outbox: Option<Outbox>,
    next_anonymous: u64,
}

#[derive(Debug)]
struct Kept {
    id: u64,
    /// Calls in flight that look at it.
    users: usize,
}

impl Line {
    pub(super) fn new(plugin: &str, stdin: ChildStdin) -> Self {
        // Pixels may go through this pipe; 64 KiB at a time would mean a switch of processes for each.
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&stdin, 1 << 20);
        Self {
            plugin: plugin.to_owned(),
            stdin: Some(stdin),
            pictures: VecDeque::new(),
            outbox: Outbox::new(),
            next_anonymous: ANONYMOUS,
        }
    }

    /// The file in which pixels may lie.
    pub(super) fn shared(&self) -> Option<&Path> {
        self.outbox.as_ref().map(Outbox::path)
    }

    /// The worker can't read that file.
    pub(super) fn not_shared(&mut self) {
        self.outbox = None;
    }

    /// Says no more; the worker ends.
    pub(super) fn close(&mut self) {
        self.stdin = None;
    }

    /// Sends a frame. A worker that is gone is noticed by who waits for its answer.
    pub(super) fn send(&mut self, frame: &ToWorker, blob: &[&[u8]]) {
        if let Some(stdin) = &mut self.stdin
            && let Err(e) = protocol::write(stdin, frame, blob)
        {
            tracing::debug!(plugin = self.plugin, "worker does not read: {e}");
            self.stdin = None;
        }
    }

    /// Sends the pictures of a call that the worker lacks. All of them stay until [`Line::give_back`].
    pub(super) fn lend(&mut self, items: &[WireItem<'_>]) -> Vec<CallItem> {
        let one = |item: &WireItem<'_>| CallItem {
            image: item.image.map(|view| self.lend_one(view)),
            reference: item.reference.map(|view| self.lend_one(view)),
            input: item.input.clone(),
        };
        items.iter().map(one).collect()
    }

    fn lend_one(&mut self, view: ImageView<'_>) -> u64 {
        let id = match view.id() {
            0 => {
                self.next_anonymous += 1;
                self.next_anonymous
            }
            id => id,
        };
        if let Some(kept) = self.pictures.iter_mut().find(|kept| kept.id == id) {
            kept.users += 1;
            return id;
        }
        while self.pictures.len() >= KEPT && self.forget_oldest() {}
        let mut at = self.put(id, view);
        while at.is_none() && self.outbox.is_some() && self.forget_oldest() {
            at = self.put(id, view);
        }
        self.pictures.push_back(Kept { id, users: 1 });
        let frame = ToWorker::Image { id, width: view.width(), height: view.height(), at };
        match view.as_packed() {
            _ if at.is_some() => self.send(&frame, &[]),
            Some(pixels) => self.send(&frame, &[pixels]),
            None => self.send(&frame, &view.rows().collect::<Vec<_>>()),
        }
        id
    }

    /// The call that borrowed these pictures is over.
    pub(super) fn give_back(&mut self, items: &[CallItem]) {
        for id in items.iter().flat_map(|item| [item.image, item.reference]).flatten() {
            if let Some(kept) = self.pictures.iter_mut().find(|kept| kept.id == id) {
                kept.users -= 1;
            }
        }
        // Nobody will ask for these again.
        while let Some(at) = self.pictures.iter().position(|kept| kept.users == 0 && kept.id > ANONYMOUS) {
            self.forget(at);
        }
    }

    fn put(&mut self, id: u64, view: ImageView<'_>) -> Option<u64> {
        self.outbox.as_mut()?.put(id, view)
    }

    /// Forgets the oldest picture that no call looks at; false when there is none.
    fn forget_oldest(&mut self) -> bool {
        let at = self.pictures.iter().position(|kept| kept.users == 0);
        at.is_some_and(|at| self.forget(at))
    }

    fn forget(&mut self, at: usize) -> bool {
        let Some(Kept { id, .. }) = self.pictures.remove(at) else { return false };
        self.send(&ToWorker::Forget { id }, &[]);
        if let Some(outbox) = &mut self.outbox {
            outbox.forget(id);
        }
        true
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    /// A line into a process that reads and says nothing.
    fn line() -> (Line, Child) {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        (Line::new("p", stdin), child)
    }

    fn item(view: ImageView<'_>) -> WireItem<'_> {
        WireItem { image: Some(view), reference: None, input: String::new() }
    }

    #[test]
    fn what_a_call_looks_at_stays_and_the_rest_is_forgotten() {
        let (mut line, mut child) = line();
        let pixels = [0; 12];
        let view = |id| ImageView::packed(2, 2, &pixels).unwrap().with_id(id);
        let calls: Vec<_> = (1..=6).map(|id| line.lend(&[item(view(id))])).collect();
        let twice = line.lend(&[item(view(1))]);
        assert_eq!(line.pictures.len(), 6);
        calls.iter().for_each(|call| line.give_back(call));
        let anonymous = line.lend(&[item(view(0))]);
        let ids = |line: &Line| line.pictures.iter().map(|kept| kept.id).collect::<Vec<_>>();
        assert_eq!(ids(&line), [1, 5, 6, ANONYMOUS + 1], "the first one is still looked at");
        line.give_back(&anonymous);
        line.give_back(&twice);
        assert_eq!(ids(&line), [1, 5, 6]);
        drop(line);
        child.wait().unwrap();
    }
}
