//! The torch plugin through the host, as the engine calls it: in this process, and in a worker.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use giqa_core::{CancelToken, Context, ErrorKind, Evidence, GroundingModel, ImageView, ModelInput, Observer, Request};
use giqa_host::worker::WorkerCommand;
use giqa_host::{Config, Host, HostOptions};
use giqa_tests::{built, fixture, library_file, text};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Long enough for a text of 900 tokens by a tiny model to be well under way.
const SOON: Duration = Duration::from_millis(500);

/// A tiny model behind the border; `None`, with the reason, where the library was not built.
fn model(isolation: &str) -> Option<(Host, Arc<dyn GroundingModel>)> {
    let library = library_file("giqa_torch");
    if !library.is_file() {
        eprintln!("skipped: {} is not built (cargo xtask libtorch, then cargo xtask torch)", library.display());
        return None;
    }
    let toml = format!(
        "profile = \"llava\"\n[profiles.llava]\nmodel = \"torch.llava\"\n\
         [plugins.torch]\nlibrary = {:?}\nisolation = {isolation:?}\n\
         [plugins.torch.components.llava]\nweights = {:?}\ndevice = \"cpu\"\nthreads = 1\nmax_new_tokens = 900\n",
        text(&library),
        text(&fixture("models").join("llava15"))
    );
    let config = Config::parse(&toml, "plugins.toml", Path::new("/"), "").unwrap();
    let program = built().join(format!("giqa{}", std::env::consts::EXE_SUFFIX));
    let worker = Some(WorkerCommand { program, args: vec!["__worker".into()], threads: Some(1) });
    let host = Host::new(config, HostOptions { worker, jobs: 1, ..HostOptions::default() }).unwrap();
    let (profile, problems) = host.profile(None).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    Some((host, profile.model.unwrap().component))
}

/// Cancels at the first piece of text, and counts them.
#[derive(Default)]
struct Impatient {
    token: CancelToken,
    pieces: AtomicUsize,
}

impl Observer for Impatient {
    fn token(&self, _: usize, _: &str) {
        self.token.cancel();
        self.pieces.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_cancelled_call_ends_soon() {
    for (isolation, most) in [("in-process", 200), ("process", 400)] {
        let Some((_host, model)) = model(isolation) else { return };
        let pixels = vec![90; 64 * 48 * 3];
        let view = ImageView::packed(64, 48, &pixels).unwrap().with_id(1);
        let (evidence, request) = (Evidence::default(), Request::Describe);
        let item = ModelInput { image: Some(view), request: &request, evidence: &evidence };

        let impatient = Impatient::default();
        let results = model.generate(&Context::new(&impatient.token, &impatient), &[item]);
        let error = results[0].as_ref().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled, "{isolation}: {error}");
        // The component stops within a token; the word takes some 10 ms to it (a real model writes no token in that time,
        // this one a few), and a little more to a worker.
        let pieces = impatient.pieces.load(Ordering::Relaxed);
        assert!((1..=most).contains(&pieces), "{isolation}: {pieces} pieces");

        // A token that was cancelled long ago: nothing is written at all.
        let began = Instant::now();
        let results = model.generate(&Context::new(&impatient.token, &impatient), &[item]);
        assert_eq!(results[0].as_ref().unwrap_err().kind, ErrorKind::Cancelled, "{isolation}");
        assert!(began.elapsed() < SOON, "{isolation}: {:?}", began.elapsed());
        assert_eq!(impatient.pieces.load(Ordering::Relaxed), pieces, "{isolation}");
    }
}
