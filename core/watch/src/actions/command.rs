//! Programs: arguments, never a shell; a time limit; the verdict in the environment.

use super::error::ActionError;
use super::{Outcome, Subject};
use giqa_core::Decision;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Of what a program prints, so much is kept for the message.
const KEPT: u64 = 4096;
/// Between two looks whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// A decision's word.
pub(super) fn word(decision: Option<Decision>) -> &'static str {
    match decision {
        Some(Decision::Accept) => "accept",
        Some(Decision::Review) => "review",
        Some(Decision::Reject) => "reject",
        None => "",
    }
}

pub(super) fn run(id: &str, subject: &Subject, command: &[String], limit: Duration) -> Result<Outcome, ActionError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(ActionError::of_command("", "there is no program"));
    };
    let failed = |why: &str| ActionError::of_command(program, why);
    let verdict = subject.report.verdict.as_ref();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(&subject.root)
        .env("GIQA_PATH", &subject.path)
        .env("GIQA_VERDICT", word(verdict.map(|v| v.decision)))
        .env("GIQA_RULES", verdict.map_or_else(String::new, |v| v.rules.join(",")))
        .env("GIQA_SCORE", format!("{:.1}", subject.report.quality.score))
        .env("GIQA_LEVEL", subject.report.quality.level.name())
        .env("GIQA_ACTION_ID", id)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Its own group, so that what it starts ends with it.
        .process_group(0)
        .spawn()
        .map_err(|e| failed(&format!("can't be started: {e}")))?;
    let outputs = [child.stdout.take().map(reader), child.stderr.take().map(reader)];
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(LOOK),
            Ok(None) => {
                kill(child.id());
                let _ = child.wait();
                break None;
            }
            Err(e) => return Err(failed(&e.to_string())),
        }
    };
    // A program that it left behind may hold the pipes open; it has ended itself, and so has our interest.
    kill(child.id());
    let said: Vec<String> =
        outputs.into_iter().flatten().filter_map(|t| t.join().ok()).filter(|s| !s.is_empty()).collect();
    let said = said.join("; ");
    match status {
        None => Err(failed(&format!("took longer than {} s and was stopped: {said}", limit.as_secs_f64()))),
        Some(status) if status.success() => Ok(Outcome::told(format!("ran {program}"))),
        Some(status) => Err(failed(&format!("{status}: {said}"))),
    }
}

fn reader(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        let _ = pipe.by_ref().take(KEPT).read_to_end(&mut kept);
        // The rest is read, so that the program is not held up, and dropped.
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        String::from_utf8_lossy(&kept).trim().to_owned()
    })
}

fn kill(group: u32) {
    if let Some(group) = i32::try_from(group).ok().and_then(rustix::process::Pid::from_raw) {
        // Mostly there is nobody left.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}
