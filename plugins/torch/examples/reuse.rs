//! How long questions about one picture take until their first token, with what was read before and without:
//! `cargo run -p giqa-torch --features libtorch --example reuse -- MODEL PICTURE`.

use giqa_torch::error::TorchError;
use giqa_torch::generate::Limits;
use giqa_torch::kept::Kept;
use giqa_torch::model::{LoadOptions, Model};
use giqa_torch::picture::Pixels;
use giqa_torch::prompt::Prompt;
use giqa_torch::sequence::Picture;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const QUESTIONS: [&str; 4] =
    ["Is the picture sharp?", "Is the sky overexposed?", "What is blurred in this picture?", "Is it noisy?"];

#[expect(clippy::print_stderr, reason = "a tool for people")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, picture] = arguments.as_slice() else {
        eprintln!("usage: reuse MODEL PICTURE");
        return ExitCode::from(2);
    };
    match run(Path::new(model), Path::new(picture)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a tool for people")]
fn run(model: &Path, picture: &Path) -> Result<(), TorchError> {
    let _no_grad = tch::no_grad_guard();
    let model = Model::load(model, &LoadOptions::default())?;
    let template = Prompt::new(model.config.prompt)?;
    let Some(eye) = &model.eye else { return Err(TorchError::Torch("this model doesn't see".to_owned())) };
    let image = image::open(picture)
        .map_err(|e| TorchError::Malformed { path: picture.to_owned(), problem: e.to_string() })?
        .to_rgb8();
    let pixels = Pixels { width: image.width() as usize, height: image.height() as usize, data: image.into_raw() };
    let start = Instant::now();
    let seen = [Picture { id: 1, features: eye.see(&pixels)? }];
    println!("picture seen in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let limits = Limits { max_new: 1, ..Limits::default() };
    let mut kept = Kept::with_room(512);
    for question in QUESTIONS {
        let ids = model.tokenizer.prompt(&template.render(question, true)?)?;
        let prompt = [model.prompt(&ids, &seen)?];
        let time = |kept: &mut Kept| -> Result<_, TorchError> {
            let start = Instant::now();
            let mut go_on = |_: usize, _: &[i64]| ControlFlow::Continue(());
            let written = model.generate(kept, &prompt, &limits, &mut go_on, None)?;
            Ok((start.elapsed().as_secs_f64() * 1e3, written.into_iter().collect::<Result<Vec<_>, _>>()?))
        };
        let (fresh, a) = time(&mut Kept::with_room(512))?;
        let (reused, b) = time(&mut kept)?;
        let same = if a == b { "the same token" } else { "ANOTHER TOKEN" };
        println!(
            "{:4} tokens: first token after {fresh:7.1} ms, with what is kept {reused:7.1} ms, {same}: {question}",
            prompt[0].len()
        );
    }
    println!("kept: {:.1} MB", kept.bytes() as f64 / 1e6);
    Ok(())
}
