//! `cargo xtask parity [--device cuda] DIR...`: prints how far the models in these folders are from what reference code computed.

use giqa_torch::error::TorchError;
use giqa_torch::parity::{Check, compare};
use giqa_torch::picture::Pixels;
use std::path::Path;
use std::process::ExitCode;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]
fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let device =
        if args.first().is_some_and(|a| a == "--device") { args.drain(..2.min(args.len())).nth(1) } else { None };
    let folders = args;
    if folders.is_empty() {
        eprintln!("usage: parity [--device cpu|cuda:N] DIR...");
        return ExitCode::from(2);
    }
    let device = match giqa_torch::cuda::device(device.as_deref().unwrap_or("cpu")) {
        Ok(device) => device,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // The models are tiny: threads would only wait for each other.
    tch::set_num_threads(1);
    let mut good = true;
    for folder in &folders {
        println!("{folder}");
        match run(Path::new(folder), device) {
            Ok(checks) => {
                good &= !checks.is_empty() && checks.iter().all(Check::passes);
                for Check { name, difference, tolerance } in &checks {
                    let word = if difference <= tolerance { "ok" } else { "OUTSIDE" };
                    println!("  {name:20} {difference:10.2e} of {tolerance:.0e}  {word}");
                }
            }
            Err(error) => {
                println!("  {error}");
                good = false;
            }
        }
    }
    ExitCode::from(u8::from(!good))
}

fn run(folder: &Path, device: tch::Device) -> Result<Vec<Check>, TorchError> {
    let options = giqa_torch::model::LoadOptions { device, ..giqa_torch::model::LoadOptions::default() };
    compare(folder, &load, &options)
}

fn load(path: &Path) -> Result<Pixels, TorchError> {
    let wrong = |e: image::ImageError| TorchError::Malformed { path: path.to_owned(), problem: e.to_string() };
    let image = image::open(path).map_err(wrong)?.to_rgb8();
    Ok(Pixels { width: image.width() as usize, height: image.height() as usize, data: image.into_raw() })
}
