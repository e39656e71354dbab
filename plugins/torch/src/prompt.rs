//! The words around a question, as data. Which ones a model was trained with matters: LLaVA-1.5 was trained with "a
//! curious user" (`vicuna_v1`), while its own command line and Q-Instruct's scripts say "a curious human" (`llava_v1`).

use crate::error::{Result, TorchError};
use minijinja::{Environment, context};
use std::collections::BTreeMap;

/// The templates that come with the plugin, by name.
const BUILT_IN: &str = include_str!("../prompts/prompts.json");

/// Stands where the picture's features go.
pub const IMAGE: &str = "<image>";

/// A prompt template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    name: String,
    template: String,
}

impl Prompt {
    /// A template of this name, or, where the text has a `{`, a template of one's own (minijinja, with the variables
    /// `question` and `image`, the latter true when there is a picture).
    ///
    /// # Errors
    /// A name that is none of the built-in ones; a template that can't be parsed.
    pub fn new(name_or_template: &str) -> Result<Self> {
        let built_in: BTreeMap<String, String> = serde_json::from_str(BUILT_IN)
            .map_err(|e| TorchError::Prompt { name: "prompts.json".to_owned(), problem: e.to_string() })?;
        let prompt = if name_or_template.contains('{') {
            Self { name: "your own".to_owned(), template: name_or_template.to_owned() }
        } else {
            let template = built_in.get(name_or_template).cloned().ok_or_else(|| TorchError::Prompt {
                name: name_or_template.to_owned(),
                problem: format!("no such template; there are {}", built_in.into_keys().collect::<Vec<_>>().join(", ")),
            })?;
            Self { name: name_or_template.to_owned(), template }
        };
        prompt.render("?", true).map(|_| prompt)
    }

    /// The prompt for a question. The question is data: an image mark in it is taken apart, so that there is exactly
    /// one place for the picture.
    ///
    /// # Errors
    /// What minijinja reports.
    pub fn render(&self, question: &str, image: bool) -> Result<String> {
        let question = question.replace(IMAGE, "image");
        Environment::new()
            .render_str(&self.template, context! { question, image })
            .map_err(|e| TorchError::Prompt { name: self.name.clone(), problem: e.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vicuna_reads_as_it_was_trained() {
        let prompt = Prompt::new("vicuna_v1").unwrap();
        let text = prompt.render("Is it sharp?", true).unwrap();
        assert!(text.starts_with("A chat between a curious user and "));
        assert!(text.ends_with(" USER: <image>\nIs it sharp? ASSISTANT:"));
        assert!(prompt.render("Is it sharp?", false).unwrap().ends_with(" USER: Is it sharp? ASSISTANT:"));
    }

    #[test]
    fn there_is_one_place_for_the_picture() {
        let text = Prompt::new("mistral").unwrap().render("what is <image>?", true).unwrap();
        assert_eq!(text, "[INST] <image>\nwhat is image? [/INST]");
    }

    #[test]
    fn own_templates_and_mistakes() {
        assert_eq!(Prompt::new("Q: {{ question }}").unwrap().render("x", false).unwrap(), "Q: x");
        let unknown = Prompt::new("vicuna").unwrap_err().to_string();
        assert!(unknown.contains("there are llava_v1, mistral, plain, vicuna_v1"), "{unknown}");
        assert!(Prompt::new("{% if %}").is_err());
    }
}
