//! What is told of a worker that ended.

use giqa_core::ComponentError;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};

/// How many lines of stderr an error message may quote.
const TAIL: usize = 8;

/// A call that its worker did not survive, and what to tell of it.
#[derive(Debug, Clone)]
pub(crate) struct Died {
    pub error: ComponentError,
    /// Whether a second try is worth it: crashes may pass, hangs and floods of memory don't.
    pub retry: bool,
    /// Whether the worker had other calls in hand, one of which may have done it.
    pub shared: bool,
}

/// A worker that did not come up.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The plugin can't be used, in its host's own words.
    Plugin(String),
    /// The process failed.
    Process(String),
}

/// How a process ended, in words.
pub(super) fn describe_end(status: std::io::Result<ExitStatus>) -> String {
    let Ok(status) = status else { return "vanished".to_owned() };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("crashed with {}", signal_name(signal));
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended".to_owned(),
    }
}

#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL, an illegal instruction",
        6 => "SIGABRT, an abort",
        7 => "SIGBUS, a bus error",
        8 => "SIGFPE, an arithmetic error",
        9 => "SIGKILL; somebody, perhaps the kernel for want of memory, killed it",
        11 => "SIGSEGV, a memory access error",
        15 => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    format!("signal {signal} ({name})")
}

/// The last lines that a worker wrote to stderr.
#[derive(Debug, Clone, Default)]
pub(super) struct LastWords(Arc<Mutex<VecDeque<String>>>);

impl LastWords {
    /// Puts what the plugin prints into the log, and keeps the last lines.
    pub(super) fn read(&self, plugin: &str, stderr: impl Read + Send + 'static) -> std::io::Result<()> {
        let (words, plugin) = (self.clone(), plugin.to_owned());
        let mut input = BufReader::new(stderr);
        let work = move || {
            let mut line = Vec::new();
            loop {
                line.clear();
                // A line without end must not fill our memory.
                match input.by_ref().take(8192).read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                let text: String = String::from_utf8_lossy(line.trim_ascii_end()).escape_debug().to_string();
                tracing::info!(plugin, "{text}");
                let mut lines = words.0.lock().unwrap_or_else(PoisonError::into_inner);
                if lines.len() == TAIL {
                    lines.pop_front();
                }
                lines.push_back(text);
            }
        };
        std::thread::Builder::new().name("worker-stderr".to_owned()).spawn(work)?;
        Ok(())
    }

    /// They as the end of a message; empty when nothing was said.
    pub(super) fn quoted(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return String::new();
        }
        format!("; it last wrote: {}", lines.iter().cloned().collect::<Vec<_>>().join(" | "))
    }
}
