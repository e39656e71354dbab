//! What a proposer finds in photographs, a line of JSON each (file, regions):
//! `cargo run --release -p giqa-classic --example regions -- PROPOSER PHOTO...`.
#![allow(clippy::print_stdout, reason = "its lines are what this is run for")]

#[allow(dead_code, reason = "not every example uses all of it")]
mod common;

use common::{Failure, open, propose};
use giqa_core::ImageView;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let proposer = arguments.next().ok_or("usage: regions PROPOSER PHOTO...")?;
    for photo in arguments {
        let (width, height, data) = open(photo.as_ref())?;
        let regions = propose(&proposer, ImageView::packed(width, height, &data)?)?;
        println!("{}", serde_json::json!({ "file": photo, "regions": regions }));
    }
    Ok(())
}
