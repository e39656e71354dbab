//! What lies between an adapter and a plugin: the same call, in this process or in a worker.

use giqa_core::{ComponentError, Context, ErrorKind, ImageView};

/// One item as it crosses the border.
#[derive(Debug, Clone)]
pub(crate) struct WireItem<'a> {
    pub image: Option<ImageView<'a>>,
    pub reference: Option<ImageView<'a>>,
    /// JSON, see `giqa_core::wire`.
    pub input: String,
}

/// What a plugin emitted for one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Emitted {
    /// JSON.
    pub result: Vec<u8>,
    /// Bytes of a map.
    pub map: Option<Vec<u8>>,
}

/// A component instance that can be called.
pub(crate) trait Transport: Send + Sync {
    /// Runs a batch: one outcome per item, in order.
    fn run(&self, context: &Context<'_>, items: &[WireItem<'_>]) -> Vec<Result<Emitted, ComponentError>>;
}

/// The most bytes that one call may emit; beyond it the plugin is taken for broken.
pub(crate) const MAX_EMITTED: usize = 256 << 20;

/// Collects what a plugin emits during one call, checks it, and settles each item.
#[derive(Debug)]
pub(crate) struct Collector {
    items: Vec<(Option<Emitted>, Option<ComponentError>)>,
    call_error: Option<ComponentError>,
    bytes: usize,
}

impl Collector {
    pub(crate) fn new(n: usize) -> Self {
        Self { items: vec![(None, None); n], call_error: None, bytes: 0 }
    }

    /// Takes a payload; false when it is refused.
    pub(crate) fn emit(&mut self, item: u32, kind: u32, payload: &[u8]) -> bool {
        self.bytes = self.bytes.saturating_add(payload.len());
        if self.bytes > MAX_EMITTED {
            self.call_error.get_or_insert_with(|| {
                ComponentError::new(
                    ErrorKind::Garbage,
                    format!("the plugin emitted more than {} MiB", MAX_EMITTED >> 20),
                )
            });
            return false;
        }
        if kind == giqa_abi::GIQA_EMIT_ERROR {
            let error = serde_json::from_slice(payload).unwrap_or_else(|e| {
                ComponentError::new(ErrorKind::Garbage, format!("the plugin's error message is not one: {e}"))
            });
            return match self.items.get_mut(item as usize) {
                Some(slot) => {
                    slot.1 = Some(error);
                    true
                }
                None if item == giqa_abi::GIQA_ALL_ITEMS => {
                    self.call_error = Some(error);
                    true
                }
                None => false,
            };
        }
        let Some((slot, _)) = self.items.get_mut(item as usize) else { return false };
        let emitted = slot.get_or_insert_default();
        match kind {
            giqa_abi::GIQA_EMIT_RESULT => emitted.result = payload.to_vec(),
            giqa_abi::GIQA_EMIT_MAP => emitted.map = Some(payload.to_vec()),
            _ => return false,
        }
        true
    }

    /// The error that a `create` emitted, or one made of its status.
    pub(crate) fn create_error(self, status: i32) -> ComponentError {
        self.call_error.unwrap_or_else(|| status_error(status))
    }

    /// One outcome per item, by the statuses that the plugin set and what it emitted.
    pub(crate) fn settle(self, call_status: i32, statuses: &[i32]) -> Vec<Result<Emitted, ComponentError>> {
        let Self { items, call_error, .. } = self;
        items
            .into_iter()
            .zip(statuses)
            .map(|((emitted, error), &status)| {
                if let Some(error) = error.or_else(|| call_error.clone()) {
                    return Err(error);
                }
                match (status, emitted) {
                    (giqa_abi::GIQA_OK, Some(emitted)) if !emitted.result.is_empty() => Ok(emitted),
                    (giqa_abi::GIQA_OK, _) if call_status == giqa_abi::GIQA_OK => {
                        Err(ComponentError::new(ErrorKind::Garbage, "the plugin said it was done, but gave no result"))
                    }
                    (giqa_abi::GIQA_OK, _) => Err(status_error(call_status)),
                    (status, _) => Err(status_error(status)),
                }
            })
            .collect()
    }
}

/// The error of a status that came without words.
fn status_error(status: i32) -> ComponentError {
    let (kind, what) = match status {
        giqa_abi::GIQA_FAILED => (ErrorKind::Failed, "the plugin failed"),
        giqa_abi::GIQA_CANCELLED => (ErrorKind::Cancelled, "cancelled"),
        giqa_abi::GIQA_PANICKED => (ErrorKind::Panicked, "the plugin panicked"),
        giqa_abi::GIQA_BAD_CONFIG => (ErrorKind::BadConfig, "the plugin did not take its configuration"),
        giqa_abi::GIQA_BAD_REQUEST => (ErrorKind::BadRequest, "the plugin did not take the request"),
        giqa_abi::GIQA_OUT_OF_MEMORY => (ErrorKind::OutOfMemory, "the plugin ran out of memory"),
        _ => {
            return ComponentError::new(
                ErrorKind::Garbage,
                format!("the plugin answered with unknown status {status}"),
            );
        }
    };
    ComponentError::new(kind, format!("{what} and gave no reason"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use giqa_abi::*;

    #[test]
    fn each_item_gets_its_own_outcome() {
        let mut c = Collector::new(4);
        assert!(c.emit(0, GIQA_EMIT_RESULT, b"{}") && c.emit(0, GIQA_EMIT_MAP, b"xx"));
        assert!(c.emit(1, GIQA_EMIT_ERROR, br#"{"code":"panicked","message":"m"}"#));
        assert!(c.emit(3, GIQA_EMIT_ERROR, b"not json"));
        assert!(!c.emit(4, GIQA_EMIT_RESULT, b"{}") && !c.emit(0, 99, b""));
        let out = c.settle(GIQA_OK, &[GIQA_OK, GIQA_PANICKED, GIQA_OK, GIQA_FAILED]);
        assert_eq!(out[0], Ok(Emitted { result: b"{}".to_vec(), map: Some(b"xx".to_vec()) }));
        let kinds: Vec<_> = out[1..].iter().map(|o| o.as_ref().unwrap_err().kind).collect();
        assert_eq!(kinds, [ErrorKind::Panicked, ErrorKind::Garbage, ErrorKind::Garbage]);
    }

    #[test]
    fn statuses_speak_where_words_are_missing() {
        let kind = |call, item| Collector::new(1).settle(call, &[item])[0].as_ref().unwrap_err().kind;
        assert_eq!(kind(GIQA_OK, GIQA_CANCELLED), ErrorKind::Cancelled);
        assert_eq!(kind(GIQA_BAD_REQUEST, GIQA_OK), ErrorKind::BadRequest);
        assert_eq!(kind(GIQA_OK, GIQA_OUT_OF_MEMORY), ErrorKind::OutOfMemory);
        assert_eq!(kind(GIQA_OK, GIQA_FAILED), ErrorKind::Failed);
        assert_eq!(kind(GIQA_OK, GIQA_PANICKED), ErrorKind::Panicked);
        assert_eq!(kind(GIQA_OK, 77), ErrorKind::Garbage);
        assert_eq!(Collector::new(0).create_error(GIQA_BAD_CONFIG).kind, ErrorKind::BadConfig);
    }

    #[test]
    fn a_flood_is_cut_off() {
        let mut c = Collector::new(1);
        let mib = vec![b' '; 64 << 20];
        assert!((0..4).all(|_| c.emit(0, GIQA_EMIT_RESULT, &mib)));
        assert!(!c.emit(0, GIQA_EMIT_RESULT, &mib));
        let error = c.settle(GIQA_OK, &[GIQA_OK]).remove(0).unwrap_err();
        assert_eq!(error.message, "the plugin emitted more than 256 MiB");
    }
}
