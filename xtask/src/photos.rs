//! `cargo xtask photos [--check]`: the faulty photographs of examples/photos, made from the clean ones.
//!
//! The same bytes each time: noise comes from a seeded generator of our own, and nothing calls the system's `pow`,
//! `exp` or `sin`, whose last digit depends on the platform.

mod numbers;
mod picture;
mod recipe;

use anyhow::{Context, Result, bail};
use picture::Photo;
use recipe::{RECIPES, Recipe};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Quality of what is stored: high enough not to be a second fault. The encoder keeps full chroma (4:4:4).
const STORED_QUALITY: u8 = 92;
const TABLE_START: &str = "<!-- faults: written by cargo xtask photos -->";
const TABLE_HEAD: &str = "| file | attribute | box (pixels) | cells | fault |\n| --- | --- | --- | --- | --- |\n";
const TABLE_END: &str = "<!-- /faults -->";

/// Makes the faulty photographs, faults.json and the table in README.md; with `--check`, compares and writes nothing.
pub fn run(args: &[String]) -> Result<()> {
    let check = match args {
        [] => false,
        [one] if one == "--check" => true,
        _ => bail!("usage: cargo xtask photos [--check]"),
    };
    let dir = photos_dir()?;
    let (mut truth, mut table) = (Vec::new(), String::from(TABLE_HEAD));
    let mut stale = Vec::new();
    for recipe in RECIPES {
        let clean = Photo::open(&dir.join(recipe.from))?;
        let faulty = clean.with_fault(recipe.fault, recipe.place)?.encode(STORED_QUALITY)?;
        settle(&dir.join(recipe.file), &faulty, check, &mut stale)?;
        truth.push(truth_line(recipe, &clean));
        table.push_str(&table_line(recipe, &clean)?);
    }
    let json = format!("[\n{}\n]\n", truth.join(",\n"));
    settle(&dir.join("faults.json"), json.as_bytes(), check, &mut stale)?;
    let readme = dir.join("README.md");
    let text = std::fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    settle(&readme, with_table(&text, &table)?.as_bytes(), check, &mut stale)?;
    if !stale.is_empty() {
        bail!("not what cargo xtask photos makes (run it, then look at the pictures): {}", stale.join(", "));
    }
    writeln!(std::io::stdout(), "{} photographs {}", RECIPES.len(), if check { "are up to date" } else { "made" })?;
    Ok(())
}

fn photos_dir() -> Result<PathBuf> {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here.parent().context("xtask lies in no workspace")?;
    Ok(root.join("examples").join("photos"))
}

/// Writes the file, or, when checking, notes that it differs.
fn settle(path: &Path, wanted: &[u8], check: bool, stale: &mut Vec<String>) -> Result<()> {
    let same = std::fs::read(path).is_ok_and(|found| found == wanted);
    match (same, check) {
        (true, _) => {}
        (false, true) => stale.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned()),
        (false, false) => std::fs::write(path, wanted).with_context(|| format!("cannot write {}", path.display()))?,
    }
    Ok(())
}

fn with_table(readme: &str, table: &str) -> Result<String> {
    let (before, rest) = readme.split_once(TABLE_START).context("README.md lacks the mark where the table starts")?;
    let (_, after) = rest.split_once(TABLE_END).context("README.md lacks the mark where the table ends")?;
    Ok(format!("{before}{TABLE_START}\n{table}{TABLE_END}{after}"))
}

fn truth_line(recipe: &Recipe, clean: &Photo) -> String {
    let place = match recipe.place.bounds() {
        None => "null".to_owned(),
        Some(b) => {
            let [x1, y1, x2, y2] = clean.normalised(b);
            format!("[{x1:.4}, {y1:.4}, {x2:.4}, {y2:.4}]")
        }
    };
    format!(r#"  {{ "file": "{}", "attribute": "{}", "box": {place} }}"#, recipe.file, recipe.attribute)
}

fn table_line(recipe: &Recipe, clean: &Photo) -> Result<String> {
    let (pixels, cells) = match recipe.place.bounds() {
        None => ("whole picture".to_owned(), "0, 399".to_owned()),
        Some(b) => {
            // A border between cells counts as the next cell for the first corner, as the last one for the second.
            let ([x1, y1, x2, y2], (w, h)) = (b, (clean.width, clean.height));
            let first = y1 * 20 / h * 20 + x1 * 20 / w;
            let last = ((y2 * 20).div_ceil(h) - 1) * 20 + (x2 * 20).div_ceil(w) - 1;
            (b.map(|v| v.to_string()).join(", "), format!("{first}, {last}"))
        }
    };
    let mut line = String::new();
    writeln!(line, "| `{}` | {} | {pixels} | {cells} | {} |", recipe.file, recipe.attribute, recipe.words)?;
    Ok(line)
}
