//! The conformance suite: what every plugin must do, asked of a library (`giqa plugins check`).
//!
//! It runs in the process that calls it, so that strides and null pointers reach the plugin as they are; a caller
//! that wants to survive a crash runs it in a child process (the CLI does).

use crate::error::HostError;
use crate::library;
use crate::services::Directories;
use crate::table::{Live, Table};
use crate::transport::{Emitted, Transport, WireItem};
use giqa_core::text::{GroundedText, ParseOptions};
use giqa_core::wire::{MetricResult, ModelResult, ProposerResult, map_from_bytes};
use giqa_core::{
    CancelToken, ComponentError, ComponentManifest, ComponentSpec, Context, ErrorKind, ImageView, ModelTask,
    PluginManifest, ReferenceNeed, Silent,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "why", rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not so.
    Fail(String),
    /// Not asked, and why.
    Skip(String),
}

/// One line of the suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was asked: `classic.noise: odd strides`.
    pub name: String,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How soon a cancelled call must end.
const CANCEL_LIMIT: Duration = Duration::from_secs(10);

type Verdict = Result<(), String>;

/// Hears of checks: before each (`outcome` is `None`), so that a crash can be blamed, and after it.
pub type Listener<'a> = dyn FnMut(&str, Option<&Outcome>) + 'a;

/// Runs the whole suite on a library.
pub fn check(path: &Path, listener: &mut Listener<'_>) -> Vec<Check> {
    let mut suite = Suite { checks: Vec::new(), listener };
    suite.run(path);
    suite.checks
}

struct Suite<'a, 'b> {
    checks: Vec<Check>,
    listener: &'a mut Listener<'b>,
}

impl Suite<'_, '_> {
    fn ask<T>(&mut self, name: &str, question: impl FnOnce() -> Result<T, String>) -> Option<T> {
        (self.listener)(name, None);
        let (outcome, value) = match question() {
            Ok(value) => (Outcome::Pass, Some(value)),
            Err(why) => (Outcome::Fail(why), None),
        };
        self.tell(name, outcome);
        value
    }

    fn tell(&mut self, name: &str, outcome: Outcome) {
        (self.listener)(name, Some(&outcome));
        self.checks.push(Check { name: name.to_owned(), outcome });
    }

    fn run(&mut self, path: &Path) {
        let words = |e: HostError| e.to_string();
        let Some(real) = self.ask("file: safe to load", || library::vet(path, None).map_err(words)) else { return };
        let Some(manifest) =
            self.ask("manifest: readable without loading", || crate::manifest::read(&real).map_err(words))
        else {
            return;
        };
        self.ask("manifest: id, version and licence", || check_manifest(&manifest));
        let loaded = self.ask("library: loads, speaks ABI v1, gives the same manifest", || {
            library::load(&real, Directories::default()).map_err(words)
        });
        let Some(table) = loaded else { return };
        self.ask("create: an unknown component is refused with a reason", || {
            match table.create("no-such-component", "{}") {
                Ok(_) => Err("it was made".to_owned()),
                Err(e) => has_reason(&e),
            }
        });
        for component in &manifest.components {
            self.component(&table, &manifest, component);
        }
    }

    fn component(&mut self, table: &Arc<Table>, manifest: &PluginManifest, component: &ComponentManifest) {
        let name = |what: &str| format!("{}.{}: {what}", manifest.name, component.name);
        self.ask(&name("a configuration that is not JSON is refused"), || {
            match table.create(&component.name, "[not json") {
                Ok(_) => Err("it was taken".to_owned()),
                Err(e) if e.kind == ErrorKind::BadConfig => has_reason(&e),
                Err(e) => Err(format!("refused, but with status {:?} instead of GIQA_BAD_CONFIG: {e}", e.kind)),
            }
        });
        let live = match table.create(&component.name, "{}") {
            Ok(live) => live,
            Err(e) if e.kind == ErrorKind::BadConfig => {
                self.tell(
                    &name("created without configuration"),
                    Outcome::Skip(format!("it needs configuration: {e}")),
                );
                return;
            }
            Err(e) => {
                self.tell(&name("created without configuration"), Outcome::Fail(e.to_string()));
                return;
            }
        };
        self.tell(&name("created without configuration"), Outcome::Pass);
        let probe = Probe::new(component, &live);
        self.ask(&name("a batch of 0"), || {
            if probe.run(&[]).is_empty() { Ok(()) } else { Err("it gave results".to_owned()) }
        });
        self.ask(&name("a batch of 1, against the schema"), || probe.check_schema());
        self.ask(&name("a batch of n gives what n batches of 1 give"), || probe.check_batch());
        self.ask(&name("padded rows and rows from bottom to top"), || probe.check_strides());
        self.ask(&name("one pixel, lines, flat and black pictures"), || probe.check_odd_pictures());
        self.ask(&name("one bad item of three spoils no other"), || probe.check_bad_item());
        self.ask(&name("input that is not JSON is refused"), || probe.check_bad_input());
        self.ask(&name("a cancelled call ends soon"), || probe.check_cancel());
        self.ask(&name("the same input gives the same bytes"), || probe.check_repeat());
        self.ask(&name("destroyed and made again"), || {
            table.create(&component.name, "{}").map(drop).map_err(|e| e.to_string())
        });
    }
}

fn check_manifest(manifest: &PluginManifest) -> Verdict {
    let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let core = manifest.version.split(['-', '+']).next().unwrap_or_default();
    if core.split('.').count() != 3 || !core.split('.').all(number) {
        return Err(format!("version '{}' is not a semantic version such as 1.0.0", manifest.version));
    }
    if !manifest.id.contains('.') {
        return Err(format!("id '{}' is not a reverse-domain id such as org.example.{}", manifest.id, manifest.name));
    }
    if manifest.license.trim().is_empty() {
        return Err("it names no licence".to_owned());
    }
    Ok(())
}

fn has_reason(error: &ComponentError) -> Verdict {
    if error.message.ends_with("and gave no reason") {
        return Err("refused, but no error payload says why".to_owned());
    }
    Ok(())
}

/// A picture of the suite: packed RGB and the ways to lay it out.
struct Picture {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Picture {
    fn new(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Self {
        let mut data = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            for x in 0..width {
                let v = pixel(x, y);
                data.extend([v, v.wrapping_add(20), v / 2]);
            }
        }
        Self { width, height, data }
    }

    /// Gradients, edges and seeded grain.
    fn scene(width: u32, height: u32) -> Self {
        Self::new(width, height, |x, y| {
            let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 28;
            let edge = if (x / 12 + y / 9).is_multiple_of(2) { 60 } else { 0 };
            (40 + x % 110 + edge + grain).min(255) as u8
        })
    }

    /// Rows `gap` bytes apart, filled with 0xAA; `flip` puts the last row first in memory.
    fn strided(&self, gap: usize, flip: bool) -> (Vec<u8>, isize) {
        let row = self.width as usize * 3;
        let mut rows: Vec<&[u8]> = self.data.chunks(row).collect();
        if flip {
            rows.reverse();
        }
        let mut data = Vec::new();
        for r in rows {
            data.extend(r);
            data.extend(std::iter::repeat_n(0xAA, gap));
        }
        let step = (row + gap) as isize;
        (data, if flip { -step } else { step })
    }

    fn view(&self) -> Result<ImageView<'_>, String> {
        ImageView::packed(self.width, self.height, &self.data).map_err(|e| e.to_string())
    }
}

/// A component and the questions to it.
struct Probe<'a> {
    component: &'a ComponentManifest,
    live: &'a Live,
    /// What a plain request looks like.
    input: Value,
    wants_image: bool,
}

type Results = Vec<Result<Emitted, ComponentError>>;

impl<'a> Probe<'a> {
    fn new(component: &'a ComponentManifest, live: &'a Live) -> Self {
        let (input, wants_image) = match &component.spec {
            ComponentSpec::Metric(spec) => (json!({ "map": spec.map }), true),
            ComponentSpec::Proposer(_) => (json!({ "phrases": [] }), true),
            ComponentSpec::Model(spec) if spec.tasks.contains(&ModelTask::Describe) => {
                (json!({ "request": { "task": "describe" } }), true)
            }
            ComponentSpec::Model(spec) if spec.tasks.contains(&ModelTask::Answer) => {
                (json!({ "request": { "task": "answer", "question": "Is the picture sharp?" } }), true)
            }
            ComponentSpec::Model(_) => (json!({ "request": { "task": "complete", "prompt": "Once" } }), false),
        };
        Self { component, live, input, wants_image }
    }

    fn item<'v>(&self, image: Option<ImageView<'v>>) -> WireItem<'v> {
        let full =
            matches!(&self.component.spec, ComponentSpec::Metric(m) if m.reference == ReferenceNeed::FullReference);
        WireItem {
            image: image.filter(|_| self.wants_image),
            reference: image.filter(|_| full),
            input: self.input.to_string(),
        }
    }

    fn run(&self, items: &[WireItem<'_>]) -> Results {
        let token = CancelToken::new();
        self.live.run(&Context::new(&token, &Silent), items)
    }

    fn one(&self, view: ImageView<'_>) -> Result<Emitted, String> {
        self.run(&[self.item(Some(view))]).pop().ok_or("no result")?.map_err(|e| e.to_string())
    }

    fn check_schema(&self) -> Verdict {
        let scene = Picture::scene(96, 64);
        let emitted = self.one(scene.view()?)?;
        self.judge(&emitted)
    }

    /// Parses a result as the host does, and compares it with the published schema.
    fn judge(&self, emitted: &Emitted) -> Verdict {
        let text = String::from_utf8_lossy(&emitted.result);
        let value: Value = serde_json::from_slice(&emitted.result).map_err(|e| format!("not JSON ({e}): {text}"))?;
        let words = |e: serde_json::Error| format!("it does not fit the schema ({e}): {text}");
        let (schema, checked) = match &self.component.spec {
            ComponentSpec::Metric(spec) => {
                if emitted.map.is_some() && !spec.map {
                    return Err("it gave a map, but its manifest says that it has none".to_owned());
                }
                let map = emitted.map.as_deref().map(map_from_bytes).transpose().map_err(|e| e.to_string())?;
                let result: MetricResult = serde_json::from_value(value.clone()).map_err(words)?;
                let outside = |v: f64| spec.range[0].is_some_and(|lo| v < lo) || spec.range[1].is_some_and(|hi| v > hi);
                if let MetricResult::Measured { value, .. } = &result
                    && outside(*value)
                {
                    return Err(format!("the value {value} lies outside the range of the manifest"));
                }
                (schemars::schema_for!(MetricResult), result.join(map).map(drop))
            }
            ComponentSpec::Proposer(_) => {
                let result: ProposerResult = serde_json::from_value(value.clone()).map_err(words)?;
                (schemars::schema_for!(ProposerResult), result.into_regions().map(drop))
            }
            ComponentSpec::Model(_) => {
                let result: ModelResult = serde_json::from_value(value.clone()).map_err(words)?;
                let output = result.into_output(&ParseOptions::default());
                let empty = output.as_ref().is_ok_and(|o| o.text == GroundedText::default());
                if empty {
                    return Err("the text is empty".to_owned());
                }
                (schemars::schema_for!(ModelResult), output.map(drop))
            }
        };
        checked.map_err(|e| e.to_string())?;
        let schema = schema.to_value();
        jsonschema::validate(&schema, &value).map_err(|e| format!("it does not fit the schema: {e}"))
    }

    fn check_batch(&self) -> Verdict {
        let pictures = [Picture::scene(64, 48), Picture::scene(97, 33), Picture::scene(40, 80)];
        let views = pictures.iter().map(Picture::view).collect::<Result<Vec<_>, _>>()?;
        let items: Vec<_> = views.iter().map(|v| self.item(Some(*v))).collect();
        let together = self.run(&items);
        if together.len() != items.len() {
            return Err(format!("{} results for {} items", together.len(), items.len()));
        }
        for (i, (result, view)) in together.into_iter().zip(views).enumerate() {
            let alone = self.one(view)?;
            if result.map_err(|e| format!("item {i}: {e}"))? != alone {
                return Err(format!("item {i} of a batch got another result than on its own"));
            }
        }
        Ok(())
    }

    fn check_strides(&self) -> Verdict {
        let picture = Picture::scene(61, 47);
        let packed = self.one(picture.view()?)?;
        for (gap, flip, what) in [
            (1, false, "1 byte of padding"),
            (13, false, "13 bytes of padding"),
            (0, true, "a negative stride"),
            (5, true, "a negative stride with padding"),
        ] {
            let (data, stride) = picture.strided(gap, flip);
            let view = ImageView::strided(picture.width, picture.height, stride, &data).map_err(|e| e.to_string())?;
            if self.one(view)? != packed {
                return Err(format!("{what} changes the result: the stride is not respected"));
            }
        }
        Ok(())
    }

    fn check_odd_pictures(&self) -> Verdict {
        let pictures = [
            ("1 x 1", Picture::scene(1, 1)),
            ("1 x 90", Picture::scene(1, 90)),
            ("90 x 1", Picture::scene(90, 1)),
            ("flat grey", Picture::new(64, 64, |_, _| 128)),
            ("black", Picture { width: 32, height: 32, data: vec![0; 32 * 32 * 3] }),
            ("white", Picture { width: 32, height: 32, data: vec![255; 32 * 32 * 3] }),
        ];
        for (what, picture) in &pictures {
            // "Not measurable" and errors with a reason are fine; a crash or nonsense is not.
            match self.run(&[self.item(Some(picture.view()?))]).pop() {
                Some(Ok(emitted)) => self.judge(&emitted).map_err(|e| format!("{what}: {e}"))?,
                Some(Err(e)) if e.kind == ErrorKind::Panicked || e.kind == ErrorKind::Garbage => {
                    return Err(format!("{what}: {e}"));
                }
                Some(Err(e)) => has_reason(&e).map_err(|why| format!("{what}: {why}"))?,
                None => return Err(format!("{what}: no result")),
            }
        }
        Ok(())
    }

    fn check_bad_item(&self) -> Verdict {
        let picture = Picture::scene(64, 48);
        let good = self.item(Some(picture.view()?));
        let mut bad = good.clone();
        bad.image = None;
        if !self.wants_image {
            bad.input = "{}".to_owned();
        }
        let results = self.run(&[good.clone(), bad, good]);
        match results.as_slice() {
            [Ok(a), Err(e), Ok(b)] if a == b => has_reason(e),
            [Ok(_), Ok(_), Ok(_)] => Err("an item without its image got a result".to_owned()),
            _ => Err("the good items did not get the same results as on their own".to_owned()),
        }
    }

    fn check_bad_input(&self) -> Verdict {
        let picture = Picture::scene(32, 32);
        let mut item = self.item(Some(picture.view()?));
        item.input = "{\"broken".to_owned();
        match self.run(&[item]).pop() {
            Some(Err(e)) if e.kind == ErrorKind::Panicked => Err(e.to_string()),
            Some(Err(e)) => has_reason(&e),
            _ => Err("it was taken".to_owned()),
        }
    }

    fn check_cancel(&self) -> Verdict {
        let picture = Picture::scene(1600, 1200);
        let token = CancelToken::new();
        token.cancel();
        let began = Instant::now();
        let results = self.live.run(&Context::new(&token, &Silent), &[self.item(Some(picture.view()?))]);
        if began.elapsed() > CANCEL_LIMIT {
            return Err(format!("it took {} s", began.elapsed().as_secs()));
        }
        match results.as_slice() {
            [Ok(_)] => Ok(()),
            [Err(e)] if e.kind == ErrorKind::Cancelled => Ok(()),
            [Err(e)] => Err(format!("it ended with another error: {e}")),
            _ => Err("not one result".to_owned()),
        }
    }

    fn check_repeat(&self) -> Verdict {
        let picture = Picture::scene(80, 60);
        if self.one(picture.view()?)? == self.one(picture.view()?)? {
            Ok(())
        } else {
            Err("two runs differ".to_owned())
        }
    }
}
