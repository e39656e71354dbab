//! What a plugin logs in a worker, on its way to the host's log.

use super::protocol::FromWorker;
use super::serve::{Output, send};
use std::fmt::Write as _;

/// Hands log lines on to the host.
pub(super) struct LogToHost(pub Output);

impl tracing::Subscriber for LogToHost {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line { target: event.metadata().target().to_owned(), text: String::new() };
        event.record(&mut line);
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => giqa_abi::GIQA_LOG_ERROR,
            tracing::Level::WARN => giqa_abi::GIQA_LOG_WARN,
            tracing::Level::INFO => giqa_abi::GIQA_LOG_INFO,
            _ => giqa_abi::GIQA_LOG_DEBUG,
        };
        let _ = send(&self.0, &FromWorker::Log { level, target: line.target, text: line.text }, &[]);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A log line; lines of plugins carry their own `target` (see `services::log_line`).
struct Line {
    target: String,
    text: String,
}

impl tracing::field::Visit for Line {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        match field.name() {
            "target" => value.clone_into(&mut self.target),
            "plugin" => {}
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        // Writing to a String does not fail.
        let _ = match field.name() {
            "message" => write!(self.text, "{value:?}"),
            name => write!(self.text, " {name}={value:?}"),
        };
    }
}
