//! `giqa inspect` and `giqa ask`

use clap::ValueEnum;
use std::path::PathBuf;

/// How reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON array of reports.
    Json,
    /// One report a line.
    Jsonl,
    /// One line of numbers a photograph.
    Csv,
}

/// `giqa inspect`
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// Files or folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which set of components inspects.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Compare with the original: a file for all photographs, or a folder that has each one's original at the same
    /// path or under the same name. Without --profile, the profile 'reference' is used where the configured one
    /// compares nothing.
    #[arg(short, long, value_name = "FILE|DIR")]
    pub reference: Option<PathBuf>,
    /// How reports are written to stdout.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 1 when a photograph scores lower (0 to 100).
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub fail_under: Option<f64>,
    /// Write the region of each finding as a picture into this folder.
    #[arg(long, value_name = "DIR")]
    pub crop_dir: Option<PathBuf>,
    /// Write each photograph with numbered boxes as PNG into this folder.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// How many photographs at a time (default: one per core).
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

fn score(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(score) if (0.0..=100.0).contains(&score) => Ok(score),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

/// `giqa ask`
#[derive(Debug, clap::Args)]
pub struct Ask {
    /// The photograph.
    pub image: PathBuf,
    /// The question; it may hold boxes: "Is the [sky](<0, 139>) clear?"
    pub question: String,
    /// Ask about this box, x1,y1,x2,y2 in 0..1; may be given several times.
    #[arg(long = "box", value_name = "X1,Y1,X2,Y2", allow_hyphen_values = true)]
    pub boxes: Vec<String>,
    /// Ask about the box between these cells of the 20 x 20 grid, 0 to 399; may be given several times.
    #[arg(long, value_name = "L,R")]
    pub cells: Vec<String>,
    /// Which set of components answers.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = AskFormat::Text)]
    pub format: AskFormat,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskFormat {
    /// For people.
    Text,
    /// JSON.
    Json,
}
