//! Reports as text, JSON, JSON lines and CSV, written as they come.
//!
//! What comes from outside (paths, names, model text) is data: control characters and bidirectional overrides are
//! escaped in every format, so no terminal escape reaches the screen.

pub mod csv;
mod json;
mod text;
mod wrap;

pub use text::{TextOptions, answer_text};

use giqa_core::Report;
use std::io::{self, Write};
use std::str::FromStr;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One array of reports, indented.
    Json,
    /// One report a line.
    Jsonl,
    /// One row an image.
    Csv,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            other => Err(format!("unknown format '{other}'; expected text, json, jsonl or csv")),
        }
    }
}

/// Writes reports one after the other; call [`finish`](Self::finish) at the end.
pub struct Writer<'a> {
    out: &'a mut dyn Write,
    format: Format,
    text: TextOptions,
    metrics: Vec<String>,
    written: usize,
}

impl<'a> Writer<'a> {
    /// A writer. `metrics` are the ids of the profile's metrics, in order: the columns of CSV.
    pub fn new(out: &'a mut dyn Write, format: Format, text: TextOptions, metrics: Vec<String>) -> Self {
        Self { out, format, text, metrics, written: 0 }
    }

    /// Writes one report.
    ///
    /// # Errors
    /// When the output can't be written to.
    pub fn report(&mut self, report: &Report) -> io::Result<()> {
        match self.format {
            Format::Text => {
                if self.written > 0 {
                    self.out.write_all(b"\n")?;
                }
                self.out.write_all(text::report_text(report, &self.text).as_bytes())?;
            }
            Format::Json => {
                self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                self.out.write_all(json::indented(report)?.as_bytes())?;
            }
            Format::Jsonl => {
                self.out.write_all(json::line(report)?.as_bytes())?;
                self.out.write_all(b"\n")?;
            }
            Format::Csv => {
                self.csv_head()?;
                self.out.write_all(&csv::row(&csv::report_cells(report, &self.metrics))?)?;
            }
        }
        self.written += 1;
        // Who reads the other end of a pipe wants each result when it is there.
        self.out.flush()
    }

    /// Notes an image without a report: a row in CSV, nothing in the other formats (errors go to stderr).
    ///
    /// # Errors
    /// When the output can't be written to.
    pub fn failure(&mut self, path: &str, error: &str) -> io::Result<()> {
        if self.format == Format::Csv {
            self.csv_head()?;
            self.out.write_all(&csv::row(&csv::failure_cells(path, error, &self.metrics))?)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Closes the output: brackets of JSON, and the heading of CSV where nothing else was written.
    ///
    /// # Errors
    /// When the output can't be written to.
    pub fn finish(mut self) -> io::Result<()> {
        match self.format {
            Format::Json if self.written == 0 => self.out.write_all(b"[]\n")?,
            Format::Json => self.out.write_all(b"\n]\n")?,
            Format::Csv => self.csv_head()?,
            Format::Text | Format::Jsonl => {}
        }
        self.out.flush()
    }

    fn csv_head(&mut self) -> io::Result<()> {
        if self.written == 0 {
            self.out.write_all(&csv::row(&csv::head(&self.metrics))?)?;
            self.written = 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
