//! A TOML file as JSON values, with the place of each.

use super::mistake::{ConfigError, Mistake};
use serde_json::Value;
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A parsed file: its values, and where keys and values stand. Places are named by JSON pointer (`/plugins/torch`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    name: String,
    values: Value,
    /// Line of each key (of each element, in arrays).
    lines: HashMap<String, usize>,
}

impl Document {
    /// Parses a text; `name` is for messages.
    pub(crate) fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let line_of = |at: usize| 1 + text.as_bytes()[..at.min(text.len())].iter().filter(|&&b| b == b'\n').count();
        let quote = |e: &toml::de::Error| {
            let short = |t: &&str| !t.trim().is_empty() && t.chars().count() <= 60 && !t.contains('\n');
            let what = e.span().and_then(|s| text.get(s)).filter(short);
            what.map_or_else(String::new, |t| format!(" ('{}')", t.escape_debug()))
        };
        let mistake = |e: &toml::de::Error| Mistake {
            file: name.to_owned(),
            line: e.span().map_or(0, |s| line_of(s.start)),
            message: format!("not valid TOML: {}{}", e.message(), quote(e)),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        ConfigError::unless_empty(errors.iter().map(mistake).collect())?;
        let values = toml::from_str(text).map_err(|e| ConfigError { mistakes: vec![mistake(&e)] })?;
        let mut lines = HashMap::new();
        walk_table(table.get_ref(), "", &mut |pointer, at| {
            lines.insert(pointer, line_of(at));
        });
        Ok(Self { name: name.to_owned(), values, lines })
    }

    pub(crate) fn values(&self) -> &Value {
        &self.values
    }

    /// A mistake at a place: the line of the key itself, or of the nearest table around it that stands in the file.
    pub(crate) fn mistake(&self, pointer: &str, message: String) -> Mistake {
        let mut place = pointer;
        let line = loop {
            if let Some(&line) = self.lines.get(place) {
                break line;
            }
            match place.rfind('/') {
                Some(at) => place = &place[..at],
                None => break 0,
            }
        };
        Mistake { file: self.name.clone(), line, message }
    }
}

/// A key as a part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key of a part of a JSON pointer.
pub(crate) fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn walk_table(table: &DeTable<'_>, at: &str, found: &mut impl FnMut(String, usize)) {
    for (key, value) in table {
        let pointer = format!("{at}/{}", escape(key.get_ref()));
        found(pointer.clone(), key.span().start);
        walk_value(value, &pointer, found);
    }
}

fn walk_value(value: &Spanned<DeValue<'_>>, at: &str, found: &mut impl FnMut(String, usize)) {
    match value.get_ref() {
        DeValue::Table(table) => walk_table(table, at, found),
        DeValue::Array(array) => {
            for (i, element) in array.iter().enumerate() {
                let pointer = format!("{at}/{i}");
                found(pointer.clone(), element.span().start);
                walk_value(element, &pointer, found);
            }
        }
        _ => {}
    }
}
