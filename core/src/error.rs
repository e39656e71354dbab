//! The one error that components give: it costs one item of one call, never the caller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of failure it was. Decides retries and exit codes; the words are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The component's configuration is wrong.
    BadConfig,
    /// The request does not fit the component (an image format or task it doesn't have).
    BadRequest,
    /// The work failed for a reason that the message tells.
    Failed,
    /// The component panicked; the panic was caught inside the plugin.
    Panicked,
    /// The caller asked to stop.
    Cancelled,
    /// Memory ran out, or the component went over its limit.
    OutOfMemory,
    /// The worker process that ran the component died.
    Crashed,
    /// The component did not answer within its deadline and was stopped.
    TimedOut,
    /// The component killed its worker with this image too often and is not asked again.
    Quarantined,
    /// The component answered something that its schema does not allow.
    Garbage,
}

/// Why a component has no result for one item: what happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{message}{}", hint.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
pub struct ComponentError {
    /// The kind of failure.
    #[serde(rename = "code")]
    pub kind: ErrorKind,
    /// What happened, to what.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether the same call may succeed later.
    #[serde(default)]
    pub retryable: bool,
}

impl ComponentError {
    /// An error of this kind, without a hint and not worth a retry.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, retryable: false }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Marks the call as worth a retry.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The answer to a cancelled call.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_sentence_and_round_trips() {
        let e = ComponentError::new(ErrorKind::TimedOut, "no answer in 5 s").hint("raise deadline_s").retryable();
        assert_eq!(e.to_string(), "no answer in 5 s (raise deadline_s)");
        let json = serde_json::to_string(&e).unwrap();
        assert_eq!(serde_json::from_str::<ComponentError>(&json).unwrap(), e);
        assert_eq!(ComponentError::cancelled().to_string(), "cancelled");
    }
}
