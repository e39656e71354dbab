//! `giqa store export`

use super::args::{Export, ExportFormat};
use super::exit::Exit;
use super::{state, terminal};
use anyhow::{Context, Result};
use giqa_core::{Decision, Report};
use giqa_engine::output::csv;
use giqa_engine::safe_text::shown;
use giqa_watch::store::{Exported, HandVerdict, Reader, State};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const HEADER: &str = "path,state,score,level,verdict,verdict_by_hand,who,at,note,findings\n";
/// Findings that a row of CSV names.
const WORST: usize = 3;

/// Runs the command.
pub fn run(args: &Export) -> Result<Exit> {
    let reader = Reader::open(&state::dir(&args.state)?)?;
    match &args.output {
        Some(path) => {
            whole_file(path, |file| all(&reader, args.format, &mut |text| Ok(file.write_all(text.as_bytes())?)))?
        }
        None => {
            let mut out = terminal::stdout();
            all(&reader, args.format, &mut |text| Ok(out.write_all(text.as_bytes())?))?;
            out.flush()?;
        }
    }
    Ok(Exit::Done)
}

fn all(reader: &Reader, format: ExportFormat, write: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let mut written = if format == ExportFormat::Csv { write(HEADER) } else { Ok(()) };
    reader.export(&mut |photo| {
        let line = match format {
            ExportFormat::Csv => row(&photo).map(Some),
            ExportFormat::Jsonl => object(&photo),
        };
        if written.is_ok() {
            written = line.and_then(|line| line.map_or(Ok(()), |line| write(&line)));
        }
        written.is_ok()
    })?;
    written
}

/// A report with what a person said beside it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    report: &'a Report,
    verdict_by_hand: Option<&'a HandVerdict>,
}

/// The line of a photo that is done.
fn object(photo: &Exported) -> Result<Option<String>> {
    let Some(report) = photo.report.as_ref().filter(|_| photo.state == State::Done) else { return Ok(None) };
    let line = Line { report, verdict_by_hand: photo.by_hand.as_ref() };
    Ok(Some(serde_json::to_string(&line)? + "\n"))
}

fn row(photo: &Exported) -> Result<String> {
    let (report, hand) = (photo.report.as_ref(), photo.by_hand.as_ref());
    let word = |d: Option<Decision>| match d {
        Some(Decision::Accept) => "accept",
        Some(Decision::Review) => "review",
        Some(Decision::Reject) => "reject",
        None => "",
    };
    let at = hand.and_then(|h| jiff::Timestamp::from_millisecond(h.at).ok()).map_or(String::new(), |t| t.to_string());
    let mut findings: Vec<_> = report.iter().flat_map(|r| &r.findings).collect();
    findings.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    let worst = findings.iter().take(WORST).map(|f| format!("{} {:.2}", f.attribute.name(), f.severity));
    let cells = [
        csv::text(&photo.path.to_string_lossy()),
        photo.state.word().to_owned(),
        report.map_or(String::new(), |r| format!("{:.1}", r.quality.score)),
        report.map_or(String::new(), |r| r.quality.level.name().to_owned()),
        word(photo.verdict.as_ref().map(|v| v.decision)).to_owned(),
        word(hand.and_then(|h| h.decision)).to_owned(),
        csv::text(hand.map_or("", |h| h.who.as_str())),
        at,
        csv::text(hand.map_or("", |h| h.note.as_str())),
        worst.collect::<Vec<_>>().join("; "),
    ];
    Ok(String::from_utf8(csv::row(&cells)?)?)
}

/// Writes a file that is there whole or not at all.
fn whole_file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let name =
        path.file_name().with_context(|| format!("{}: not the name of a file; name one with --output", shown(path)))?;
    let temporary = path.with_file_name(format!(".{}.giqa-{}.tmp", name.to_string_lossy(), std::process::id()));
    let whole = || -> Result<()> {
        let mut file = BufWriter::new(File::create(&temporary)?);
        write(&mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        Ok(std::fs::rename(&temporary, path)?)
    };
    whole().with_context(|| format!("{}: could not be written", shown(path))).inspect_err(|_| {
        // Half of it is none; mostly it was not even made.
        let _ = std::fs::remove_file(&temporary);
    })
}
