//! Reports as JSON. Every character that could steer a terminal is written as `\uXXXX`, which reads back the same.

use crate::safe_text::is_harmful;
use serde::Serialize;
use std::fmt::Write as _;
use std::io;

/// One line.
pub(super) fn line<T: Serialize>(value: &T) -> io::Result<String> {
    Ok(harmless(&serde_json::to_string(value)?, false))
}

/// Indented, as an item of an array.
pub(super) fn indented<T: Serialize>(value: &T) -> io::Result<String> {
    let text = harmless(&serde_json::to_string_pretty(value)?, true);
    let lines: Vec<String> = text.lines().map(|l| format!("  {l}")).collect();
    Ok(lines.join("\n"))
}

/// serde_json escapes the controls below U+0020 only; the others can stand nowhere but inside strings.
fn harmless(json: &str, keep_lines: bool) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) && !(keep_lines && c == '\n') {
            // All of them are below U+10000, so one escape is enough. Writing to a String can't fail.
            let _ = write!(out, "\\u{:04x}", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_read_back() {
        let nasty = "\u{1b}[2J \u{9b}31m \u{202e}gpj \u{7f} \u{2028} ok\n";
        for json in [line(&nasty).unwrap(), indented(&nasty).unwrap()] {
            assert!(!json.chars().any(is_harmful), "{json}");
            assert_eq!(serde_json::from_str::<String>(json.trim()).unwrap(), nasty);
        }
    }
}
