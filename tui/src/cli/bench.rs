//! `giqa bench`

use super::args::{Bench, BenchCommand, BenchFormat, BenchMake, BenchRun, Global};
use super::exit::Exit;
use super::progress::Progress;
use super::{config, interrupt, terminal};
use anyhow::Result;
use giqa_bench::{BenchError, Coco, MakeOptions, Photo, RunOptions, Step};
use giqa_engine::batch::collect;
use std::cell::RefCell;

/// Runs the command.
pub fn run(global: &Global, args: &Bench) -> Result<Exit> {
    match &args.command {
        BenchCommand::Make(make) => run_make(global, make),
        BenchCommand::Run(run) => run_bench(global, run),
    }
}

fn run_make(global: &Global, args: &BenchMake) -> Result<Exit> {
    let coco = args.boxes.as_deref().map(Coco::load).transpose()?;
    let collected = collect(&args.photos);
    for error in &collected.errors {
        terminal::note(&format!("giqa: {error}"));
    }
    let photos: Vec<Photo> = collected.images.iter().map(|p| Photo::below(p, &args.photos)).collect();
    let mut severities = args.severity.clone();
    severities.sort_unstable();
    severities.dedup();
    let options =
        MakeOptions { seed: args.seed, local: usize::from(args.local), global: usize::from(args.global), severities };
    let cancel = interrupt::token()?;
    let mut progress = Progress::new(global, photos.len());
    let made = giqa_bench::make(&photos, coco.as_ref(), &args.output, &options, &cancel, |problem| {
        if let Some(why) = problem {
            progress.note(&format!("giqa: {why}"));
        }
        progress.step(|| ());
    });
    progress.end();
    let summary = match made {
        Err(error @ BenchError::Stopped) => {
            terminal::note(&format!("giqa: {error}"));
            return Ok(Exit::Interrupted);
        }
        Err(error @ BenchError::NoneUsable) => {
            terminal::note(&format!("giqa: {error}"));
            return Ok(Exit::SomeFailed);
        }
        other => other?,
    };
    let failed = summary.failed + collected.errors.len();
    if !global.quiet {
        let of = if failed > 0 { format!(", {failed} could not be used") } else { String::new() };
        let (photos, pictures, records) = (summary.photos, summary.pictures, summary.records);
        terminal::note(&format!("giqa: {pictures} pictures and {records} records from {photos} photos{of}"));
    }
    Ok(if failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

fn run_bench(global: &Global, args: &BenchRun) -> Result<Exit> {
    let jobs = config::jobs(args.jobs);
    let host = config::host(global, jobs)?;
    let profile = config::profile(&host, args.profile.as_deref())?;
    let name = profile.name.clone();
    let cancel = interrupt::token()?;
    let options = RunOptions { jobs, min_severity: args.min_severity };
    let progress: RefCell<Option<Progress>> = RefCell::new(None);
    let begin = |total| *progress.borrow_mut() = Some(Progress::new(global, total));
    let summary = giqa_bench::run(&args.dir, profile, &options, &cancel, begin, |step| {
        let mut progress = progress.borrow_mut();
        let Some(progress) = progress.as_mut() else { return };
        match step {
            Step::Scored(problems) => problems.iter().for_each(|p| progress.note(&format!("giqa: warning: {p}"))),
            Step::Failed(why) => progress.note(&format!("giqa: {why}")),
        }
        progress.step(|| ());
    });
    if let Some(progress) = progress.into_inner() {
        progress.end();
    }
    let summary = summary?;
    if !summary.answers {
        terminal::note(&format!("giqa: warning: profile '{name}' has no model that answers; acc_y has no value"));
    }
    if summary.stopped {
        terminal::note("giqa: stopped; the figures are of the pictures until then");
    }
    terminal::print(&match args.format {
        BenchFormat::Json => format!("{}\n", serde_json::to_string_pretty(&summary.report)?),
        BenchFormat::Table => giqa_bench::table(&summary.report),
    })?;
    if !global.quiet {
        let failed =
            if summary.failed > 0 { format!(", {} could not be scored", summary.failed) } else { String::new() };
        terminal::note(&format!("giqa: {} pictures scored{failed}", summary.report.pictures));
    }
    Ok(match &summary {
        s if s.stopped => Exit::Interrupted,
        s if s.report.pictures == 0 && s.without_plugin > 0 => Exit::Plugin,
        s if s.failed > 0 => Exit::SomeFailed,
        _ => Exit::Done,
    })
}
