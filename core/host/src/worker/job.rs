//! One call in a worker, on whichever thread it runs.

use super::outbox::Inbox;
use super::protocol::{FromWorker, ItemOutcome};
use super::serve::{Output, send};
use crate::table::Live;
use crate::transport::{Emitted, Transport, WireItem};
use giqa_core::{CancelToken, ComponentError, Context, ErrorKind, ImageView, Observer};
use std::io;
use std::sync::Arc;

/// A picture that the host sent.
pub(super) struct Picture {
    pub id: u64,
    pub width: u32,
    pub height: u32,
    pub pixels: Pixels,
}

/// Where its packed RGB bytes are.
pub(super) enum Pixels {
    /// At this place of the inbox.
    Shared(u64),
    Own(Vec<u8>),
}

/// An item with its pictures.
pub(super) struct JobItem {
    pub image: Option<Arc<Picture>>,
    pub reference: Option<Arc<Picture>>,
    pub input: String,
}

/// A call with all that it needs.
pub(super) struct Job {
    pub call: u64,
    pub token: CancelToken,
    pub output: Output,
    pub inbox: Option<Arc<Inbox>>,
    pub live: Option<Arc<Live>>,
    pub items: Vec<Result<JobItem, ComponentError>>,
}

impl Job {
    /// Runs it and sends its outcomes.
    pub(super) fn run(&self) -> io::Result<()> {
        let observer = Relay { output: Arc::clone(&self.output), call: self.call };
        let outcomes = self.outcomes(&Context::new(&self.token, &observer));
        let outcomes = outcomes.unwrap_or_else(|error| self.items.iter().map(|_| Err(error.clone())).collect());
        let mut heads = Vec::with_capacity(outcomes.len());
        let mut blob: Vec<&[u8]> = Vec::new();
        for outcome in &outcomes {
            match outcome {
                Ok(Emitted { result, map }) => {
                    heads.push(ItemOutcome { error: None, result: result.len(), map: map.as_ref().map(Vec::len) });
                    blob.push(result);
                    blob.extend(map.as_deref());
                }
                Err(error) => heads.push(ItemOutcome { error: Some(error.clone()), result: 0, map: None }),
            }
        }
        send(&self.output, &FromWorker::Done { call: self.call, outcomes: heads }, &blob)
    }

    fn outcomes(&self, context: &Context<'_>) -> Result<Vec<Result<Emitted, ComponentError>>, ComponentError> {
        let live = self.live.as_ref().ok_or_else(|| protocol_error("no such instance"))?;
        let batch: Result<Vec<_>, ComponentError> = self
            .items
            .iter()
            .map(|item| {
                let item = item.as_ref().map_err(Clone::clone)?;
                let (image, reference) = (self.view(item.image.as_deref())?, self.view(item.reference.as_deref())?);
                Ok(WireItem { image, reference, input: item.input.clone() })
            })
            .collect();
        Ok(live.run(context, &batch?))
    }

    fn view<'a>(&'a self, picture: Option<&'a Picture>) -> Result<Option<ImageView<'a>>, ComponentError> {
        let Some(picture) = picture else { return Ok(None) };
        let bytes = match &picture.pixels {
            Pixels::Own(bytes) => Some(bytes.as_slice()),
            Pixels::Shared(at) => {
                let length = picture.width as usize * picture.height as usize * 3;
                self.inbox.as_ref().and_then(|inbox| inbox.pixels(*at, length))
            }
        };
        let bytes = bytes.ok_or_else(|| protocol_error("an image outside of the shared memory"))?;
        let view = ImageView::packed(picture.width, picture.height, bytes);
        view.map(|v| Some(v.with_id(picture.id))).map_err(|e| protocol_error(&e.to_string()))
    }
}

/// Hands progress and tokens on to the host. A host that is gone needs none.
struct Relay {
    output: Output,
    call: u64,
}

impl Observer for Relay {
    fn progress(&self, fraction: f32, message: &str) {
        let frame = FromWorker::Progress { call: self.call, fraction, message: message.to_owned() };
        let _ = send(&self.output, &frame, &[]);
    }

    fn token(&self, item: usize, text: &str) {
        let _ = send(&self.output, &FromWorker::Token { call: self.call, item, text: text.to_owned() }, &[]);
    }
}

/// The two sides don't understand each other.
pub(super) fn protocol_error(what: &str) -> ComponentError {
    ComponentError::new(ErrorKind::Failed, format!("worker protocol: {what}"))
}
