//! One call into a component: inputs parsed, the component asked, results emitted.

use crate::Instance;
use crate::guard::guarded;
use crate::host_call::HostCall;
use crate::items::Item;
use giqa_abi::{GIQA_EMIT_MAP, GIQA_EMIT_RESULT};
use giqa_core::wire::{
    MetricRequest, MetricResult, ModelRequest, ModelResult, ProposerRequest, ProposerResult, map_to_bytes,
};
use giqa_core::{ComponentError, Context, ErrorKind, ImageView, MetricInput, ModelInput, ProposerInput, Request};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

type Outcome = Result<(), ComponentError>;

/// Runs a batch: one outcome per item, in order. Items that can't be read fail alone; a panic fails the items that
/// ran with it and each of them is tried once more on its own, so that one bad picture does not spoil a batch.
pub(crate) fn run(
    instance: &Instance,
    host: &HostCall<'_>,
    batch: Vec<Result<Item<'_>, ComponentError>>,
) -> Vec<Outcome> {
    if !needs_watch(instance, &batch) {
        return run_batch(instance, host, batch);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Where no thread can be had, the call runs to its end: late to stop is better than not to run.
        let watch = std::thread::Builder::new().spawn_scoped(scope, || watch_cancel(host, &done));
        let outcomes = run_batch(instance, host, batch);
        done.store(true, Ordering::Release);
        if let Ok(watch) = watch {
            watch.thread().unpark();
        }
        outcomes
    })
}

fn run_batch(instance: &Instance, host: &HostCall<'_>, batch: Vec<Result<Item<'_>, ComponentError>>) -> Vec<Outcome> {
    match instance {
        Instance::Metric(metric) => run_kind(
            host,
            batch,
            parse_metric,
            |context, jobs: &[MetricInput<'_>]| metric.measure(context, jobs),
            |i, measurement| {
                let (result, map) = MetricResult::split(measurement);
                if let Some(map) = map {
                    host.emit(i, GIQA_EMIT_MAP, &map_to_bytes(&map))?;
                }
                emit_json(host, i, &result)
            },
        ),
        Instance::Proposer(proposer) => run_kind(
            host,
            batch,
            parse_proposer,
            |context, jobs: &[(ImageView<'_>, ProposerRequest)]| {
                let items: Vec<_> =
                    jobs.iter().map(|(image, r)| ProposerInput { image: *image, phrases: &r.phrases }).collect();
                proposer.propose(context, &items)
            },
            |i, regions| emit_json(host, i, &ProposerResult::from(regions)),
        ),
        Instance::Model(model) => run_kind(
            host,
            batch,
            parse_model,
            |context, jobs: &[(Option<ImageView<'_>>, ModelRequest)]| {
                let items: Vec<_> = jobs
                    .iter()
                    .map(|(image, r)| ModelInput { image: *image, request: &r.request, evidence: &r.evidence })
                    .collect();
                model.generate(context, &items)
            },
            |i, output| emit_json(host, i, &ModelResult::from(output)),
        ),
    }
}

/// A thread costs some 20 us: pictures below a quarter megapixel are done before anybody could cancel them. Models may
/// take long whatever the size.
fn needs_watch(instance: &Instance, batch: &[Result<Item<'_>, ComponentError>]) -> bool {
    let pixels = |view: &ImageView<'_>| u64::from(view.width()) * u64::from(view.height());
    let one = |item: &Item<'_>| item.image.as_ref().map_or(u64::MAX, pixels);
    matches!(instance, Instance::Model(_))
        || batch.iter().flatten().fold(0, |sum: u64, item| sum.saturating_add(one(item))) >= 250_000
}

/// Carries the host's wish to stop into the token, since components poll the token alone.
fn watch_cancel(host: &HostCall<'_>, done: &AtomicBool) {
    while !done.load(Ordering::Acquire) && !host.poll() {
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

fn emit_json(host: &HostCall<'_>, item: u32, result: &impl serde::Serialize) -> Outcome {
    let json = serde_json::to_vec(result)
        .map_err(|e| ComponentError::new(ErrorKind::Failed, format!("the result is not JSON: {e}")))?;
    host.emit(item, GIQA_EMIT_RESULT, &json)
}

fn run_kind<'a, J, T>(
    host: &HostCall<'_>,
    batch: Vec<Result<Item<'a>, ComponentError>>,
    parse: impl Fn(&Item<'a>) -> Result<J, ComponentError>,
    work: impl Fn(&Context<'_>, &[J]) -> Vec<Result<T, ComponentError>>,
    emit: impl Fn(u32, T) -> Outcome,
) -> Vec<Outcome> {
    let n = batch.len();
    let mut outcomes: Vec<Outcome> = vec![Ok(()); n];
    let mut jobs = Vec::with_capacity(n);
    let mut places = Vec::with_capacity(n);
    for (i, item) in batch.into_iter().enumerate() {
        match item.and_then(|item| parse(&item)) {
            Ok(job) => {
                jobs.push(job);
                places.push(i);
            }
            Err(error) => outcomes[i] = Err(error),
        }
    }
    host.poll();
    let context = Context::new(&host.cancel, host);
    for (place, result) in places.into_iter().zip(answers(&context, &jobs, &work)) {
        outcomes[place] = result.and_then(|value| emit(place as u32, value));
    }
    outcomes
}

/// Exactly one answer per job, whatever the component does.
fn answers<J, T>(
    context: &Context<'_>,
    jobs: &[J],
    work: &impl Fn(&Context<'_>, &[J]) -> Vec<Result<T, ComponentError>>,
) -> Vec<Result<T, ComponentError>> {
    let call = |part: &[J]| {
        guarded(|| {
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            let results = work(context, part);
            if results.len() == part.len() {
                return Ok(results);
            }
            Err(ComponentError::new(
                ErrorKind::Garbage,
                format!("the component gave {} results for {} items", results.len(), part.len()),
            ))
        })
    };
    match call(jobs) {
        Ok(results) => results,
        Err(error) if error.kind == ErrorKind::Panicked && jobs.len() > 1 => jobs
            .iter()
            .map(|job| {
                call(std::slice::from_ref(job)).and_then(|mut one| one.pop().unwrap_or_else(|| Err(error.clone())))
            })
            .collect(),
        Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
    }
}

fn input<T: serde::de::DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, ComponentError> {
    if bytes.is_empty() { Ok(T::default()) } else { json(bytes) }
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, ComponentError> {
    serde_json::from_slice(bytes)
        .map_err(|e| ComponentError::new(ErrorKind::BadRequest, format!("the input is wrong: {e}")))
}

fn needs_image<'a>(item: &Item<'a>) -> Result<ImageView<'a>, ComponentError> {
    item.image.ok_or_else(|| ComponentError::new(ErrorKind::BadRequest, "the item has no image"))
}

fn parse_metric<'a>(item: &Item<'a>) -> Result<MetricInput<'a>, ComponentError> {
    let MetricRequest { region, map } = input(item.input)?;
    Ok(MetricInput { image: needs_image(item)?, reference: item.reference, region, map })
}

fn parse_proposer<'a>(item: &Item<'a>) -> Result<(ImageView<'a>, ProposerRequest), ComponentError> {
    Ok((needs_image(item)?, input(item.input)?))
}

fn parse_model<'a>(item: &Item<'a>) -> Result<(Option<ImageView<'a>>, ModelRequest), ComponentError> {
    let request: ModelRequest = json(item.input)?;
    let image = match request.request {
        Request::Complete { .. } => item.image,
        Request::Describe | Request::Answer { .. } => Some(needs_image(item)?),
    };
    Ok((image, request))
}
