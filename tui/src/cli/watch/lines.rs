//! One line a photograph.

use super::rotate::Rotating;
use super::{WatchFormat, for_people};
use crate::cli::terminal;
use giqa_engine::safe_text::escaped;
use giqa_watch::watcher::WatchEvent;
use std::io::Write;

/// Writes what happens to stdout, and to a log.
pub struct Lines {
    format: WatchFormat,
    out: Box<dyn Write + Send>,
    log: Option<Rotating>,
}

impl Lines {
    pub fn new(format: WatchFormat, out: Box<dyn Write + Send>, log: Option<Rotating>) -> Self {
        Self { format, out, log }
    }

    /// Nobody may be reading: the watcher goes on.
    pub fn write(&mut self, event: &WatchEvent, quiet: bool) {
        let json = || {
            let mut value = serde_json::to_value(event).unwrap_or_default();
            if let Some(object) = value.as_object_mut() {
                object.insert("time".into(), jiff::Timestamp::now().to_string().into());
            }
            format!("{value}\n")
        };
        if let Some(log) = &mut self.log {
            log.write(&json());
        }
        let line = if for_people(self.format) { text(event, quiet) } else { Some(json()) };
        if let Some(line) = line {
            let _ = self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush());
        }
    }
}

fn text(event: &WatchEvent, quiet: bool) -> Option<String> {
    match event {
        WatchEvent::Photo { path, state, verdict, score, level, findings, rules, actions, reason, .. } => {
            let mut line = verdict.unwrap_or(state).to_owned();
            if let (Some(score), Some(level)) = (score, level) {
                line += &format!(" {score:.0} {level}");
            }
            line += &format!(" {path}");
            for (what, all) in [("", findings), ("rules: ", rules), ("", actions)] {
                if !all.is_empty() {
                    line += &format!("; {what}{}", all.join(", "));
                }
            }
            if let Some(reason) = reason {
                line += &format!("; {reason}");
            }
            Some(format!("{}\n", escaped(&line)))
        }
        WatchEvent::Note { text } => {
            terminal::note(&format!("giqa: {}", escaped(text)));
            None
        }
        WatchEvent::Started { run, profile, .. } if !quiet => {
            terminal::note(&format!("giqa: run {run}, profile {profile}; stop with Ctrl-C"));
            None
        }
        WatchEvent::Stopped { summary } if !quiet => {
            let s = summary;
            terminal::note(&format!(
                "giqa: {} done ({} rejected), {} failed, {} gone",
                s.done, s.rejected, s.failed, s.skipped
            ));
            None
        }
        _ => None,
    }
}
