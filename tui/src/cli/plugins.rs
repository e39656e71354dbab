//! `giqa plugins list | info | check | new`

use super::args::{AskFormat, Global, Plugins, PluginsCommand};
use super::exit::Exit;
use super::{config, new_plugin, terminal};
use anyhow::{Context, Result, bail};
use giqa_core::{ComponentManifest, ComponentSpec, PluginManifest};
use giqa_engine::safe_text::escaped;
use giqa_host::conformance::{self, Check, Outcome};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Runs the command.
pub fn run(global: &Global, args: &Plugins) -> Result<Exit> {
    match &args.command {
        PluginsCommand::List => list(global),
        PluginsCommand::Info { name } => info(global, name),
        PluginsCommand::Check { library, deadline, format } => check(library, Duration::from_secs(*deadline), *format),
        PluginsCommand::New { name, dir, giqa } => new_plugin::run(name, dir.as_deref(), giqa.as_deref()),
    }
}

fn list(global: &Global) -> Result<Exit> {
    let host = config::host(global, 1)?;
    let mut out = String::new();
    for (name, entry) in host.catalogue() {
        match entry {
            Ok(entry) => {
                let (version, origin) = (escaped(&entry.manifest.version), escaped(&entry.origin.to_string()));
                writeln!(out, "{name} {version}  {origin}\n    {}", escaped(&entry.manifest.summary))?;
                for component in entry.names().filter_map(|n| Some((n, entry.component(n)?))) {
                    writeln!(
                        out,
                        "    {:<28} {:<9} {}",
                        format!("{name}.{}", component.0),
                        component.1.spec.kind(),
                        escaped(&component.1.summary)
                    )?;
                }
            }
            Err(error) => writeln!(out, "{name}  NOT USABLE\n    {}", escaped(&error.to_string()))?,
        }
    }
    terminal::print(&out)?;
    Ok(Exit::Done)
}

fn info(global: &Global, name: &str) -> Result<Exit> {
    let path = Path::new(name);
    if path.is_file() {
        let manifest = giqa_host::manifest::read(path)?;
        terminal::print(&describe(&manifest, name)?)?;
        return Ok(Exit::Done);
    }
    let host = config::host(global, 1)?;
    match host.catalogue().get(name) {
        Some(Ok(entry)) => {
            terminal::print(&describe(&entry.manifest, &entry.origin.to_string())?)?;
            Ok(Exit::Done)
        }
        Some(Err(error)) => {
            terminal::note(&format!("giqa: {}", escaped(&error.to_string())));
            Ok(Exit::Plugin)
        }
        None => {
            let names: Vec<_> = host.catalogue().keys().map(String::as_str).collect();
            bail!(
                "no plugin '{}' (there are: {}); `giqa plugins list` shows where it looks",
                escaped(name),
                names.join(", ")
            )
        }
    }
}

fn describe(manifest: &PluginManifest, origin: &str) -> Result<String> {
    let mut out = String::new();
    let m = manifest;
    writeln!(out, "{} {}  {}", escaped(&m.name), escaped(&m.version), escaped(origin))?;
    writeln!(
        out,
        "  {}\n  id {}, licence {}, threading {:?}",
        escaped(&m.summary),
        escaped(&m.id),
        escaped(&m.license),
        m.threading
    )?;
    for component in &m.components {
        writeln!(out, "\n  {}.{}  ({})", escaped(&m.name), escaped(&component.name), component.spec.kind())?;
        writeln!(out, "    {}", escaped(&component.summary))?;
        writeln!(out, "    {}", escaped(&spec_line(component)))?;
        let keys = component.config_schema.get("properties").and_then(|p| p.as_object());
        for (key, schema) in keys.into_iter().flatten() {
            let text = |k: &str| schema.get(k).and_then(|v| v.as_str()).unwrap_or_default();
            writeln!(out, "    {} = <{}>  {}", escaped(key), escaped(&expected(schema)), escaped(text("description")))?;
        }
    }
    Ok(out)
}

/// What a key takes, by its schema: the words there are, or a type, or several.
fn expected(schema: &serde_json::Value) -> String {
    let listed = |key: &str| {
        let list = schema.get(key)?.as_array()?;
        Some(list.iter().filter_map(|v| v.as_str()).collect::<Vec<_>>().join(" | "))
    };
    let one = || schema.get("type").and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    listed("enum").or_else(|| listed("type")).unwrap_or_else(one)
}

fn spec_line(component: &ComponentManifest) -> String {
    match &component.spec {
        ComponentSpec::Metric(s) => {
            let bound = |b: Option<f64>| b.map_or_else(|| "unbounded".to_owned(), |v| v.to_string());
            let severity = s.severity.map_or_else(String::new, |x| {
                format!(", judges {} (fine {}, unusable {})", x.attribute, x.fine, x.unusable)
            });
            let map = if s.map { ", gives a map" } else { "" };
            format!(
                "{} to {} {}, better: {:?}, cost: {:?}{map}{severity}",
                bound(s.range[0]),
                bound(s.range[1]),
                s.unit,
                s.better,
                s.cost
            )
        }
        ComponentSpec::Proposer(s) => {
            format!("cost: {:?}{}", s.cost, if s.phrases { ", looks for given phrases" } else { "" })
        }
        ComponentSpec::Model(s) => {
            format!("tasks: {:?}, cost: {:?}{}", s.tasks, s.cost, if s.streams { ", streams" } else { "" })
        }
    }
}

/// One line from the child that runs the suite.
#[derive(Serialize, Deserialize)]
struct Line {
    name: String,
    outcome: Option<Outcome>,
}

/// The name of the line after the last check: without it, the plugin ended the process.
const END: &str = "end";

/// `giqa __check`: the suite in this process, one JSON line before and after each check.
pub fn check_here(library: &Path) -> Result<Exit> {
    let library = std::path::absolute(library)?;
    let mut out = terminal::stdout();
    let mut tell = |name: &str, outcome: Option<&Outcome>| {
        let line = Line { name: name.to_owned(), outcome: outcome.cloned() };
        let text = format!("{}\n", serde_json::to_string(&line).unwrap_or_default());
        // A parent that is gone has nobody to tell.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    };
    conformance::check(&library, &mut tell);
    tell(END, Some(&Outcome::Pass));
    Ok(Exit::Done)
}

/// Runs the suite in a child process, so that a plugin that crashes or hangs is told and not suffered.
fn check(library: &Path, deadline: Duration, format: AskFormat) -> Result<Exit> {
    let program = std::env::current_exe().context("can't find out where giqa itself lies")?;
    let mut child = Command::new(program)
        .arg("__check")
        .arg(library)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start the process that runs the checks")?;
    let (sender, lines) = mpsc::channel();
    let stdout = child.stdout.take().context("the checking process has no stdout")?;
    let stderr = child.stderr.take().context("the checking process has no stderr")?;
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // What the plugin itself prints to stdout is no line of ours.
            if let Ok(line) = serde_json::from_str::<Line>(&line)
                && sender.send(line).is_err()
            {
                return;
            }
        }
    });
    let printed = std::thread::spawn(move || last_line(stderr));
    let mut checks: Vec<Check> = Vec::new();
    let mut running: Option<String> = None;
    let mut ended = false;
    let hung = loop {
        match lines.recv_timeout(deadline) {
            Ok(Line { name, .. }) if name == END => ended = true,
            Ok(Line { name, outcome: None }) => running = Some(name),
            Ok(Line { name, outcome: Some(outcome) }) => {
                running = None;
                checks.push(Check { name, outcome });
            }
            Err(mpsc::RecvTimeoutError::Timeout) => break true,
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
        }
    };
    if hung {
        let _ = child.kill();
    }
    let status = child.wait()?;
    let _ = reader.join();
    let printed = printed.join().unwrap_or_default();
    if running.is_none() && checks.is_empty() {
        bail!("the process that runs the checks ended with {status} before the first one: {}", escaped(&printed));
    }
    if !ended || !status.success() {
        let name = running.unwrap_or_else(|| "all checks: the process goes on between them and ends well".to_owned());
        let why = match (hung, status.code()) {
            (true, _) => format!("no end after {} s; stopped", deadline.as_secs()),
            (false, Some(_)) => format!("the plugin ended the process: {status}"),
            (false, None) => format!("the plugin crashed the process: {status}"),
        };
        let tail = if printed.is_empty() { String::new() } else { format!("; it last wrote: {}", escaped(&printed)) };
        checks.push(Check { name, outcome: Outcome::Fail(format!("{why}{tail}")) });
    }
    report(&checks, library, format)
}

/// Reads to the end and keeps the last line, or its beginning where it is long.
fn last_line(input: impl Read) -> String {
    let mut input = BufReader::new(input);
    let (mut line, mut last) = (Vec::new(), String::new());
    loop {
        line.clear();
        match input.by_ref().take(4096).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return last,
            Ok(_) if line.trim_ascii().is_empty() => {}
            Ok(_) => last = String::from_utf8_lossy(line.trim_ascii()).into_owned(),
        }
    }
}

fn report(checks: &[Check], library: &Path, format: AskFormat) -> Result<Exit> {
    let count = |f: fn(&Outcome) -> bool| checks.iter().filter(|c| f(&c.outcome)).count();
    let failed = count(|o| matches!(o, Outcome::Fail(_)));
    let (passed, skipped) = (count(|o| *o == Outcome::Pass), count(|o| matches!(o, Outcome::Skip(_))));
    match format {
        AskFormat::Json => {
            let value = serde_json::json!({ "library": library, "passed": passed, "failed": failed, "skipped": skipped, "checks": checks });
            terminal::print(&format!("{}\n", serde_json::to_string_pretty(&value)?))?;
        }
        AskFormat::Text => {
            let mut out = String::new();
            for check in checks {
                let name = escaped(&check.name);
                match &check.outcome {
                    Outcome::Pass => writeln!(out, "ok    {name}")?,
                    Outcome::Skip(why) => writeln!(out, "skip  {name}: {}", escaped(why))?,
                    Outcome::Fail(why) => writeln!(out, "FAIL  {name}: {}", escaped(why))?,
                }
            }
            writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped")?;
            terminal::print(&out)?;
        }
    }
    Ok(if failed > 0 { Exit::Plugin } else { Exit::Done })
}
