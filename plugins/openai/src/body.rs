//! The JSON of a request.

use crate::boxes::BoxDialect;
use crate::picture::Sent;
use crate::prompt::Task;
use crate::settings::{CompleteWith, MaxTokensKey, Plain, Structured};
use crate::structured;
use serde_json::{Map, Value, json};

/// A request: where it goes, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Body {
    /// Below the base URL.
    pub path: &'static str,
    pub json: Map<String, Value>,
}

/// Whether a task's answer is asked for as JSON.
pub(crate) fn wants_json(task: Task, settings: &Plain) -> bool {
    task == Task::Describe && settings.structured != Structured::Off
}

/// The request of one prompt.
pub(crate) fn build(
    settings: &Plain,
    dialect: BoxDialect,
    task: Task,
    system: &str,
    prompt: &str,
    picture: Option<&Sent>,
) -> Body {
    let mut json = Map::new();
    json.insert("model".into(), json!(settings.model));
    let plain_completion = task == Task::Complete && settings.complete_with == CompleteWith::Completions;
    if plain_completion {
        json.insert("prompt".into(), json!(prompt));
    } else {
        json.insert("messages".into(), messages(settings, system, prompt, picture));
    }
    json.insert("temperature".into(), json!(settings.temperature));
    if let Some(seed) = settings.seed {
        json.insert("seed".into(), json!(seed));
    }
    let max_tokens = match settings.max_tokens_key {
        MaxTokensKey::MaxTokens => "max_tokens",
        MaxTokensKey::MaxCompletionTokens => "max_completion_tokens",
    };
    json.insert(max_tokens.into(), json!(settings.max_tokens));
    if matches!(task, Task::YesNo | Task::Choose | Task::Rate | Task::Judge) && settings.top_logprobs > 0 {
        json.insert("logprobs".into(), json!(true));
        json.insert("top_logprobs".into(), json!(settings.top_logprobs));
    }
    if wants_json(task, settings) {
        add_schema(&mut json, settings.structured, dialect);
    }
    if settings.stream {
        json.insert("stream".into(), json!(true));
        json.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    // Last, so that a user can overrule whatever we say.
    json.extend(settings.extra.clone());
    Body { path: if plain_completion { "/completions" } else { "/chat/completions" }, json }
}

fn messages(settings: &Plain, system: &str, prompt: &str, picture: Option<&Sent>) -> Value {
    let content = match picture {
        None => json!(prompt),
        Some(sent) => {
            let mut image = json!({ "url": sent.url });
            if let Some(detail) = &settings.detail {
                image["detail"] = json!(detail);
            }
            json!([{ "type": "image_url", "image_url": image }, { "type": "text", "text": prompt }])
        }
    };
    let user = json!({ "role": "user", "content": content });
    if system.is_empty() { json!([user]) } else { json!([{ "role": "system", "content": system }, user]) }
}

fn add_schema(json: &mut Map<String, Value>, how: Structured, dialect: BoxDialect) {
    let schema = structured::schema(dialect);
    match how {
        Structured::Off => {}
        Structured::Auto | Structured::JsonSchema => {
            let wrapped = json!({ "name": "description", "strict": true, "schema": schema });
            json.insert("response_format".into(), json!({ "type": "json_schema", "json_schema": wrapped }));
        }
        Structured::JsonObject => {
            json.insert("response_format".into(), json!({ "type": "json_object" }));
        }
        Structured::Vllm => {
            json.insert("structured_outputs".into(), json!({ "json": schema }));
        }
        Structured::GuidedJson => {
            json.insert("guided_json".into(), schema);
        }
    }
}

/// Fields that only some servers know, and the words by which their refusal is recognised. Without them the answer is
/// the same or nearly so.
pub(crate) const OPTIONAL: [&str; 9] = [
    "top_logprobs",
    "logprobs",
    "stream_options",
    "response_format",
    "structured_outputs",
    "guided_json",
    "temperature",
    "seed",
    "max_tokens",
];

impl Body {
    /// The optional field that a server's refusal names.
    pub(crate) fn refused_field(&self, words: &str) -> Option<&'static str> {
        let words = words.to_lowercase();
        OPTIONAL.into_iter().find(|field| self.json.contains_key(*field) && words.contains(field))
    }

    /// The same request without a field; `max_tokens` goes by its other name.
    pub(crate) fn without(mut self, field: &str) -> Self {
        let removed = self.json.remove(field);
        match (field, removed) {
            ("max_tokens", Some(limit)) => {
                self.json.insert("max_completion_tokens".into(), limit);
            }
            ("logprobs", _) => {
                self.json.remove("top_logprobs");
            }
            ("top_logprobs", _) => {
                self.json.remove("logprobs");
            }
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn plain(more: Value) -> Plain {
        let mut config = json!({ "base_url": "http://a", "model": "m" });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Settings::read(&config).unwrap().plain
    }

    #[test]
    fn settings_reach_the_request() {
        let settings = plain(json!({
            "temperature": 0.5, "seed": 7, "max_tokens": 9, "max_tokens_key": "max_completion_tokens", "detail": "low",
            "structured": "guided_json", "extra": { "top_k": 3, "stream": false }
        }));
        let sent = Sent { url: "data:".into(), size: (1, 1) };
        let body = build(&settings, BoxDialect::Giqa, Task::Describe, "S", "P", Some(&sent));
        assert_eq!(body.path, "/chat/completions");
        let json = Value::Object(body.json);
        assert_eq!(json["messages"][0], json!({ "role": "system", "content": "S" }));
        assert_eq!(json["messages"][1]["content"][0]["image_url"], json!({ "url": "data:", "detail": "low" }));
        assert_eq!((&json["seed"], &json["top_k"], &json["stream"]), (&json!(7), &json!(3), &json!(false)));
        assert_eq!((&json["max_completion_tokens"], &json["max_tokens"]), (&json!(9), &Value::Null));
        assert_eq!(json["guided_json"]["properties"]["regions"]["items"]["properties"]["box"]["maxItems"], 2);
        assert_eq!(json["logprobs"], Value::Null);
    }

    #[test]
    fn prompts_may_go_to_completions() {
        let settings = plain(json!({ "complete_with": "completions", "stream": false }));
        let body = build(&settings, BoxDialect::Auto, Task::Complete, "", "Once", None);
        assert_eq!((body.path, &body.json["prompt"]), ("/completions", &json!("Once")));
        assert!(!body.json.contains_key("messages"));
    }

    #[test]
    fn refused_fields_are_found_and_left_out() {
        let body = build(&plain(json!({})), BoxDialect::Auto, Task::YesNo, "", "P", None);
        let field = body.refused_field("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.").unwrap();
        let body = body.without(field);
        assert_eq!(body.json["max_completion_tokens"], json!(1024));
        let field = body.refused_field("logprobs are not supported").unwrap();
        let body = body.without(field);
        assert!(!body.json.contains_key("top_logprobs") && !body.json.contains_key("logprobs"));
        assert_eq!(body.refused_field("logprobs"), None);
        assert_eq!(body.refused_field("the picture is broken"), None);
    }
}
