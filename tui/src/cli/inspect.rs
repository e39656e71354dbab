//! `giqa inspect`

use super::args::{Format, Global, Inspect};
use super::exit::Exit;
use super::progress::Progress;
use super::{config, interrupt, terminal};
use anyhow::{Context as _, Result};
use giqa_core::Report;
use giqa_engine::batch::{BatchError, BatchOptions, Originals, Outcome, collect, run as run_batch};
use giqa_engine::files::OutputDir;
use giqa_engine::output::{self, TextOptions, Writer};
use giqa_engine::safe_text::escaped;
use giqa_engine::{Decoded, InspectOptions, Inspection, Inspector, crops, files, overlay};
use std::io;

/// What became of a run.
#[derive(Default)]
struct Tally {
    inspected: usize,
    below: usize,
    failed: usize,
    /// Among the failed: those in which no component worked.
    without_plugin: usize,
    not_done: usize,
}

/// Runs the command.
pub fn run(global: &Global, args: &Inspect) -> Result<Exit> {
    let jobs = config::jobs(args.jobs);
    let host = config::host(global, jobs)?;
    let profile = match &args.reference {
        None => config::profile(&host, args.profile.as_deref())?,
        Some(_) => config::comparing_profile(&host, args.profile.as_deref())?,
    };
    let originals = args.reference.as_deref().map(|path| Originals::at(path, &args.paths)).transpose();
    let originals = originals.context("--reference")?;
    let (overlays, crop_dir) = (folder(args.overlay.as_deref())?, folder(args.crop_dir.as_deref())?);

    let collected = collect(&args.paths);
    let mut tally = Tally { failed: collected.errors.len(), ..Tally::default() };
    for error in &collected.errors {
        terminal::note(&format!("giqa: {error}"));
    }
    if collected.images.is_empty() && collected.errors.is_empty() {
        terminal::note("giqa: no photographs found below the given folders");
    }

    let cancel = interrupt::token()?;
    let metrics = profile.metrics.iter().map(|m| m.id().to_owned()).collect();
    let inspector = Inspector::new(profile, InspectOptions::default());
    let after =
        |image: &Decoded, inspection: &Inspection| pictures(image, inspection, overlays.as_ref(), crop_dir.as_ref());
    let options = BatchOptions { jobs, after: Some(&after), originals: originals.as_ref(), ..BatchOptions::default() };

    let mut stdout = terminal::stdout();
    let text = TextOptions { width: terminal::width(), color: terminal::stdout_color(global.color) };
    let mut writer = Writer::new(&mut stdout, format(args.format), text, metrics);
    let mut progress = Progress::new(global, collected.images.len());
    let mut broken: io::Result<()> = Ok(());
    run_batch(&collected.images, &inspector, &options, &cancel, |_, outcome| {
        let settled = settle(outcome, args.fail_under, &mut tally);
        if broken.is_err() {
            return;
        }
        broken = match &settled {
            Settled::Report(report) => progress.step(|| writer.report(report)),
            Settled::Failed(path, why) => {
                progress.note(&format!("giqa: {why}"));
                progress.step(|| writer.failure(path, why))
            }
            Settled::NotDone => Ok(()),
        };
        if broken.is_err() {
            // Nobody reads any more: what is in flight ends, the rest is not begun.
            cancel.cancel();
        }
    });
    progress.end();
    broken?;
    writer.finish()?;
    Ok(conclude(global, &tally, collected.images.len()))
}

enum Settled {
    Report(Box<Report>),
    Failed(String, String),
    NotDone,
}

fn settle(outcome: Outcome, fail_under: Option<f64>, tally: &mut Tally) -> Settled {
    match outcome {
        Ok(inspection) if nothing_worked(&inspection) => {
            tally.failed += 1;
            tally.without_plugin += 1;
            let path = inspection.report.image.path;
            let why: Vec<String> = inspection.failures.iter().map(|(id, e)| escaped(&format!("{id}: {e}"))).collect();
            let line = format!("{}: no component could inspect it: {}", escaped(&path), why.join("; "));
            Settled::Failed(path, line)
        }
        Ok(inspection) => {
            tally.inspected += 1;
            tally.below += usize::from(fail_under.is_some_and(|limit| inspection.report.quality.score < limit));
            Settled::Report(Box::new(inspection.report))
        }
        Err(BatchError::NotDone { .. }) => {
            tally.not_done += 1;
            Settled::NotDone
        }
        Err(error) => {
            tally.failed += 1;
            Settled::Failed(error.path().display().to_string(), error.to_string())
        }
    }
}

fn conclude(global: &Global, tally: &Tally, total: usize) -> Exit {
    let several = total != 1 || tally.failed > 0 || tally.not_done > 0;
    if !global.quiet && several {
        let mut parts = vec![format!("{} inspected", tally.inspected)];
        let mut add = |n: usize, what: &str| {
            if n > 0 {
                parts.push(format!("{n} {what}"));
            }
        };
        add(tally.below, "below --fail-under");
        add(tally.failed, "could not be inspected");
        add(tally.not_done, "not done");
        terminal::note(&format!("giqa: {}", parts.join(", ")));
    }
    match tally {
        t if t.not_done > 0 => Exit::Interrupted,
        t if t.inspected == 0 && t.without_plugin > 0 => Exit::Plugin,
        t if t.failed > 0 => Exit::SomeFailed,
        t if t.below > 0 => Exit::NotMet,
        _ => Exit::Done,
    }
}

fn folder(path: Option<&std::path::Path>) -> Result<Option<OutputDir>> {
    Ok(path.map(OutputDir::create).transpose()?)
}

/// Whether all components that took part failed.
fn nothing_worked(inspection: &Inspection) -> bool {
    let failed = inspection.failures.len();
    failed > 0 && failed >= inspection.report.provenance.components.len()
}

fn format(format: Format) -> output::Format {
    match format {
        Format::Text => output::Format::Text,
        Format::Json => output::Format::Json,
        Format::Jsonl => output::Format::Jsonl,
        Format::Csv => output::Format::Csv,
    }
}

/// Writes overlay and crops; what fails there is a warning in the report, not its end.
fn pictures(
    image: &Decoded,
    inspection: &Inspection,
    overlays: Option<&OutputDir>,
    crop_dir: Option<&OutputDir>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let report = &inspection.report;
    if let Some(dir) = overlays {
        let written = overlay::render(image, report)
            .map_err(|e| e.to_string())
            .and_then(|png| dir.write(&files::stem_of(&report.image.path), "png", &png).map_err(|e| e.to_string()));
        if let Err(why) = written {
            warnings.push(format!("overlay: {why}"));
        }
    }
    if let Some(Err(why)) = crop_dir.map(|dir| crops::write_crops(image, report, dir)) {
        warnings.push(format!("crops: {why}"));
    }
    warnings
}
