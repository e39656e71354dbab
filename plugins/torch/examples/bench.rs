//! How fast a model writes, and how much of what the memory's speed allows that is: the figures of docs/torch.md and
//! docs/gpu.md. `scripts/make_llava.py` makes models for it.

use giqa_torch::error::TorchError;
use giqa_torch::generate::Limits;
use giqa_torch::kept::Kept;
use giqa_torch::model::{LoadOptions, Model};
use giqa_torch::picture::Pixels;
use giqa_torch::sequence::{Picture, Sequence};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use tch::{Cuda, Device, Kind, Tensor};

const USAGE: &str = "usage: bench --weights DIR [--device cpu|cuda:N] [--dtype f32|bf16|f16|int8] [--prompt TOKENS] \
                     [--new TOKENS] [--batch N] [--repeat N] [--threads N]";

struct Plan {
    weights: PathBuf,
    device: String,
    dtype: String,
    /// Tokens of a prompt, those of its picture among them.
    prompt: usize,
    /// Tokens that are written.
    new: usize,
    batch: usize,
    repeat: usize,
    threads: Option<i32>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]
fn main() -> ExitCode {
    let Some(plan) = plan(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&plan) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn plan(mut args: impl Iterator<Item = String>) -> Option<Plan> {
    let mut plan = Plan {
        weights: PathBuf::new(),
        device: "cpu".to_owned(),
        dtype: "f32".to_owned(),
        prompt: 640,
        new: 128,
        batch: 1,
        repeat: 3,
        threads: None,
    };
    while let Some(key) = args.next() {
        let value = args.next()?;
        match key.as_str() {
            "--weights" => plan.weights = value.into(),
            "--device" => plan.device = value,
            "--dtype" => plan.dtype = value,
            "--prompt" => plan.prompt = value.parse().ok()?,
            "--new" => plan.new = value.parse().ok().filter(|n| *n > 1)?,
            "--batch" => plan.batch = value.parse().ok().filter(|n| *n > 0)?,
            "--repeat" => plan.repeat = value.parse().ok().filter(|n| *n > 0)?,
            "--threads" => plan.threads = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    (plan.weights != PathBuf::new()).then_some(plan)
}

/// One JSON line of figures.
fn run(plan: &Plan) -> Result<String, TorchError> {
    let device = giqa_torch::cuda::device(&plan.device)?;
    if let Some(threads) = plan.threads {
        tch::set_num_threads(threads);
    }
    let kind = match plan.dtype.as_str() {
        "bf16" => Kind::BFloat16,
        "f16" => Kind::Half,
        "int8" if device != Device::Cpu => Kind::BFloat16,
        _ => Kind::Float,
    };
    let int8 = plan.dtype == "int8";
    let start = Instant::now();
    let model = Model::load(&plan.weights, &LoadOptions { device, kind, int8, ..LoadOptions::default() })?;
    let load = start.elapsed();
    let start = Instant::now();
    let prompt = prompt(&model, plan.prompt)?;
    finish(device);
    let see = start.elapsed();
    let (mut first, mut each) = (Duration::MAX, Duration::MAX);
    for _ in 0..plan.repeat {
        let (f, e) = write(&model, &prompt, plan)?;
        (first, each) = (first.min(f), each.min(e));
    }
    let memory = memory(device).map_or_else(|| "null".to_owned(), |mb| mb.to_string());
    let speed = copy_speed(device)?;
    let (rate, most) =
        (1.0 / each.as_secs_f64(), speed / bytes_per_step(&model, plan, kind.elt_size_in_bytes()) as f64);
    Ok(format!(
        "{{\"runs\": \"giqa\", \"dtype\": \"{}\", \"batch\": {}, \"prompt\": {}, \"new\": {}, \"load_s\": {:.2}, \
         \"see_s\": {:.3}, \"first_token_s\": {:.3}, \"tokens_per_s\": {:.1}, \"copy_gb_per_s\": {:.1}, \
         \"share_of_roofline\": {:.2}, \"peak_mb\": {memory}}}",
        plan.dtype,
        plan.batch,
        prompt.len(),
        plan.new,
        load.as_secs_f64(),
        see.as_secs_f64(),
        first.as_secs_f64(),
        rate * plan.batch as f64,
        speed / 1e9,
        rate / most,
    ))
}

/// A picture and as many words as are needed.
fn prompt(model: &Model, tokens: usize) -> Result<Sequence, TorchError> {
    let mut pictures = Vec::new();
    let mut text = String::new();
    if let Some(eye) = &model.eye {
        let picture = Pixels::flat(640, 480, [90, 120, 150]);
        pictures.push(Picture::unknown(tch::no_grad(|| eye.see(&picture))?));
        text.push_str("<image>");
    }
    loop {
        let prompt = model.prompt(&model.tokenizer.prompt(&text)?, &pictures)?;
        if prompt.len() >= tokens {
            return Ok(prompt);
        }
        text.push_str(" noise");
    }
}

/// Time until the first token, and from one to the next.
fn write(model: &Model, prompt: &Sequence, plan: &Plan) -> Result<(Duration, Duration), TorchError> {
    let limits = Limits { max_new: plan.new, stop: Vec::new(), vocab: None, sampling: None, grammar: None };
    let prompts: Vec<Sequence> = (0..plan.batch)
        .map(|_| Sequence { vectors: prompt.vectors.shallow_clone(), marks: prompt.marks.clone() })
        .collect();
    let (start, mut first, mut last) = (Instant::now(), None, None);
    let mut hear = |row: usize, _: &[i64]| {
        if row == 0 {
            first.get_or_insert_with(|| start.elapsed());
            last = Some(start.elapsed());
        }
        ControlFlow::Continue(())
    };
    model.generate(&mut Kept::default(), &prompts, &limits, &mut hear, None)?;
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    Ok((first, (last - first) / (plan.new as u32 - 1)))
}

/// Bytes that one step reads: the decoder's matrices, and half way through, what was read of each row.
fn bytes_per_step(model: &Model, plan: &Plan, width: usize) -> i64 {
    let (c, width) = (model.decoder.config(), width as i64);
    let attention = c.hidden * c.head_dim * (2 * c.heads + 2 * c.kv_heads);
    let matrices = c.layers * (attention + 3 * c.hidden * c.intermediate);
    let kept = 2 * c.layers * c.kv_heads * c.head_dim * (plan.prompt + plan.new / 2) as i64 * plan.batch as i64;
    let matrices = matrices * if plan.dtype == "int8" { 1 } else { width };
    matrices + (c.hidden * c.vocab + kept) * width
}

/// Bytes read and written per second by the device's own copy of a large tensor.
fn copy_speed(device: Device) -> Result<f64, TorchError> {
    let n: i64 = if device == Device::Cpu { 64 << 20 } else { 1 << 30 };
    // Written to before, or the system has no memory behind it.
    let (from, mut to) = (Tensor::f_ones([n], (Kind::Int8, device))?, Tensor::f_ones([n], (Kind::Int8, device))?);
    let mut best = Duration::MAX;
    for _ in 0..8 {
        finish(device);
        let start = Instant::now();
        to.f_copy_(&from)?;
        finish(device);
        best = best.min(start.elapsed());
    }
    Ok(2.0 * n as f64 / best.as_secs_f64())
}

/// Waits for all that was asked of a GPU.
fn finish(device: Device) {
    if let Device::Cuda(number) = device {
        Cuda::synchronize(number as i64);
    }
}

/// Most memory that was taken, MB: of this process, or of the GPU, where libtorch gives nothing back.
fn memory(device: Device) -> Option<u64> {
    if let Device::Cuda(number) = device {
        if let Some((_, peak)) = giqa_torch::shim::memory(number) {
            return Some(peak >> 20);
        }
        let query = ["--query-gpu=memory.used", "--format=csv,noheader,nounits", "-i", &number.to_string()];
        return String::from_utf8(Command::new("nvidia-smi").args(query).output().ok()?.stdout)
            .ok()?
            .trim()
            .parse()
            .ok();
    }
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}
