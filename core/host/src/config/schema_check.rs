//! Checks values against a JSON Schema and tells each mistake in the words of a person.

use super::document::{Document, unescape};
use super::mistake::{Mistake, nearest};
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

/// All mistakes of `value` (which stands at `pointer` in the document) against `schema`.
pub(crate) fn check_against(schema: &Value, value: &Value, document: &Document, pointer: &str) -> Vec<Mistake> {
    let Ok(validator) = jsonschema::validator_for(schema) else {
        return vec![document.mistake(pointer, "its schema is not a JSON Schema".to_owned())];
    };
    let mut mistakes = Vec::new();
    for error in validator.iter_errors(value) {
        let path = error.instance_path().to_string();
        let place = format!("{pointer}{path}");
        let key = place.rsplit('/').next().map(unescape).unwrap_or_default();
        let mut tell = |place: &str, message: String| mistakes.push(document.mistake(place, message));
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                let allowed = allowed_keys(schema, &path);
                for key in unexpected {
                    let place = format!("{place}/{}", super::document::escape(key));
                    let known = match nearest(key, allowed.iter().map(String::as_str)) {
                        near if near.is_empty() && !allowed.is_empty() => {
                            format!("; known keys: {}", allowed.join(", "))
                        }
                        near => near,
                    };
                    let known = if allowed.is_empty() { "; it takes no keys".to_owned() } else { known };
                    tell(&place, format!("unknown key '{key}'{}{known}", inside(&format!("{pointer}{path}"))));
                }
            }
            // Of each value in a table that takes no keys at all; the path may be that of the table.
            Kind::FalseSchema => {
                let keys = value.pointer(&path).and_then(Value::as_object).into_iter().flatten();
                let keys: Vec<&String> = keys.filter(|(_, v)| **v == **error.instance()).map(|(k, _)| k).collect();
                for key in keys {
                    let message = format!("unknown key '{key}'{}; it takes no keys", inside(&place));
                    let mistake = document.mistake(&format!("{place}/{}", super::document::escape(key)), message);
                    if !mistakes.contains(&mistake) {
                        mistakes.push(mistake);
                    }
                }
            }
            Kind::Enum { options } => {
                let options: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
                let near = nearest(&plain(error.instance()), options.iter().map(String::as_str));
                tell(
                    &place,
                    format!("'{key}' is {}, expected one of {}{near}", quoted(error.instance()), options.join(", ")),
                );
            }
            Kind::Type { .. } => {
                tell(&place, format!("'{key}' is {}, expected {}", quoted(error.instance()), expected_type(&error)));
            }
            Kind::Required { property } => {
                tell(&place, format!("key '{}' is missing{}", plain(property), inside(&place)));
            }
            _ => tell(&place, format!("'{key}': {error}")),
        }
    }
    mistakes
}

fn inside(pointer: &str) -> String {
    let keys: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    if keys.is_empty() { " at the top level".to_owned() } else { format!(" in [{}]", keys.join(".")) }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(s) => format!("the string '{}'", s.escape_debug()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        other => other.to_string(),
    }
}

fn expected_type(error: &jsonschema::ValidationError<'_>) -> String {
    let text = error.to_string();
    // The library writes `... is not of type "string"`; its words after that are the types.
    let types = text.rsplit_once("type").map_or(text.as_str(), |(_, types)| types);
    let types = types.trim_start_matches('s').trim().replace('"', "");
    types
        .replace("object", "a table")
        .replace("array", "a list")
        .replace("string", "a string")
        .replace("integer", "a whole number")
        .replace("number", "a number")
        .replace("a whole a number", "a whole number")
}

/// Keys that the schema knows at a place.
fn allowed_keys(schema: &Value, path: &str) -> Vec<String> {
    let mut here = follow(schema, schema);
    for part in path.split('/').skip(1).map(unescape) {
        let next = here
            .pointer("/properties")
            .and_then(|p| p.get(&part))
            .or_else(|| here.get("additionalProperties"))
            .or_else(|| here.get("items"));
        match next {
            Some(next) => here = follow(schema, next),
            None => return Vec::new(),
        }
    }
    here.get("properties").and_then(Value::as_object).map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}
