//! Lines: one a photo, in a CSV or JSONL file, whole even after a crash.

use super::error::{ActionError, At};
use super::{FilePath, Intent, Journal, Outcome, Step, Subject, sidecar};
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const HEADER: &str = "path,verdict,score,level,rules,findings,description,action\n";

pub(super) fn append(
    subject: &Subject,
    configured: &str,
    intent: &dyn Fn(Step) -> Intent,
    journal: &mut dyn Journal,
) -> Result<(Intent, Outcome), ActionError> {
    let path = sidecar::file(&subject.root, configured)?;
    let mut file = locked(&path)?;
    let at = whole_lines(&mut file).at(&path)?;
    let step = intent(Step::Append { file: FilePath(path.clone()), at });
    journal.begin(&step)?;
    let csv = path.extension().is_some_and(|e| e == "csv");
    let line = if csv { csv_line(subject, &step.id) } else { json_line(subject, &step.id) };
    let header = if csv && at == 0 { HEADER } else { "" };
    let written = file.write_all(format!("{header}{line}\n").as_bytes()).and_then(|()| file.sync_data());
    if written.is_err() {
        // Half a line is none.
        let _ = file.set_len(at);
    }
    written.at(&path)?;
    Ok((step, Outcome::told(format!("a line in {}", path.display()))))
}

fn open(path: &Path) -> Result<File, ActionError> {
    File::options().read(true).write(true).create(true).truncate(false).open(path).at(path)
}

/// Two watchers may write to one file, and `giqa undo` may put another in its place while one waits for it.
pub(super) fn locked(path: &Path) -> Result<File, ActionError> {
    loop {
        let file = open(path)?;
        flock(&file, FlockOperation::LockExclusive).at(path)?;
        let ours = file.metadata().at(path)?;
        if std::fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())) {
            return Ok(file);
        }
    }
}

/// Cuts off what follows the last line end, a line that was torn by a crash; the size that is left.
pub(super) fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let size = file.seek(SeekFrom::End(0))?;
    let back = size.min(1 << 20);
    file.seek(SeekFrom::Start(size - back))?;
    let mut tail = Vec::new();
    file.take(back).read_to_end(&mut tail)?;
    let torn = tail.iter().rev().take_while(|b| **b != b'\n').count() as u64;
    let whole = if torn == back && back < size { size } else { size - torn };
    if whole < size {
        file.set_len(whole)?;
    }
    file.seek(SeekFrom::Start(whole))?;
    Ok(whole)
}

/// Whether the line of an action is in a file. All of it is read: lines before it may have been taken back since.
pub(super) fn has_line(path: &Path, id: &str) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let mut text = String::new();
    // Lines are UTF-8; what is not was torn.
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    text.push_str(&String::from_utf8_lossy(&bytes));
    Ok(text.split_inclusive('\n').any(|line| line.ends_with('\n') && is_of(line, id)))
}

/// Whether a line is that of an action; its id is last.
pub(super) fn is_of(line: &str, id: &str) -> bool {
    let line = line.trim_end();
    line.ends_with(&format!(",{id}")) || line.ends_with(&format!("\"action\":\"{id}\"}}"))
}

fn findings(subject: &Subject) -> String {
    let all = subject.report.findings.iter().map(|f| format!("{} {:.2}", f.attribute.name(), f.severity));
    all.collect::<Vec<_>>().join("; ")
}

fn verdict(subject: &Subject) -> (&'static str, String) {
    let verdict = subject.report.verdict.as_ref();
    (super::command::word(verdict.map(|v| v.decision)), verdict.map_or_else(String::new, |v| v.rules.join("; ")))
}

fn csv_line(subject: &Subject, id: &str) -> String {
    let (decision, rules) = verdict(subject);
    let quality = &subject.report.quality;
    let text = subject.report.description.as_ref().map_or("", |d| d.text.as_str());
    let path = subject.path.to_string_lossy();
    let cells =
        [&*path, decision, &format!("{:.1}", quality.score), quality.level.name(), &rules, &findings(subject), text];
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{},{id}", cells.join(","))
}

/// Quoted where needed; a cell that a spreadsheet would take for a formula gets an apostrophe.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\"").replace(['\n', '\r'], " "))
    } else {
        guarded
    }
}

fn json_line(subject: &Subject, id: &str) -> String {
    let report = serde_json::to_string(&subject.report).unwrap_or_default();
    let path = serde_json::to_string(&subject.path.to_string_lossy()).unwrap_or_default();
    format!("{{\"path\":{path},\"report\":{report},\"action\":\"{id}\"}}")
}
