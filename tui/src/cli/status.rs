//! `giqa status`

use super::args::{AskFormat, Status};
use super::exit::Exit;
use super::{state, terminal};
use anyhow::Result;
use giqa_engine::safe_text::escaped;
use giqa_watch::store::Store;
use giqa_watch::{status, watcher};
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &Status) -> Result<Exit> {
    let dir = state::dir(&args.state)?;
    let (pid, running) = (watcher::watcher_of(&dir), status::ask(&dir));
    let counts = Store::read(&dir)?.counts()?;
    if args.format == AskFormat::Json {
        let value = serde_json::json!({ "watcher": pid, "running": running, "store": counts });
        terminal::print(&format!("{}\n", serde_json::to_string_pretty(&value)?))?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    match (&running, pid) {
        (Some(s), _) => {
            let _ = writeln!(
                out,
                "watching (process {}, run {}, profile {}) for {:.0} s",
                s.pid, s.run, s.profile, s.seconds
            );
            s.roots.iter().for_each(|r| _ = writeln!(out, "  {}", escaped(&r.display().to_string())));
            let _ = writeln!(
                out,
                "this run: {} done ({} rejected), {} failed, {:.1}/s",
                s.done, s.rejected, s.failed, s.per_second
            );
            for path in &s.in_work {
                let _ = writeln!(out, "  in work: {}", escaped(&path.display().to_string()));
            }
            let mut slow: Vec<_> = s.timings.iter().filter(|(id, _)| *id != "total").collect();
            slow.sort_by(|a, b| b.1.total_ms.total_cmp(&a.1.total_ms));
            for (id, t) in slow.iter().take(5) {
                let _ =
                    writeln!(out, "  {id}: {:.1} ms each, at most {:.0}", t.total_ms / t.count.max(1) as f64, t.max_ms);
            }
            s.notes.iter().for_each(|n| _ = writeln!(out, "  note: {}", escaped(n)));
        }
        (None, Some(pid)) => _ = writeln!(out, "process {pid} watches, but does not answer"),
        (None, None) => out += "nobody watches\n",
    }
    let states: Vec<String> = counts.states.iter().filter(|(_, n)| **n > 0).map(|(s, n)| format!("{n} {s}")).collect();
    let _ = writeln!(out, "in the store: {} photos: {}", counts.photos, states.join(", "));
    terminal::print(&out)?;
    Ok(Exit::Done)
}
