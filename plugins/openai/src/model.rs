//! The component: requests of a batch, side by side, each from prompt to output.

use crate::body;
use crate::boxes::{BoxDialect, Frame};
use crate::client::{Asked, Client};
use crate::odds;
use crate::picture::{self, Format, Sent};
use crate::prompt::{LEVELS, Prompts, Task, Words};
use crate::reply::Reply;
use crate::secret::Redactor;
use crate::settings::{CompleteWith, Plain, Settings};
use crate::structured;
use giqa_core::text::GroundedText;
use giqa_core::{
    Choices, ComponentError, Context, ErrorKind, GroundingModel, ImageView, ModelInput, ModelOutput, ModelSpec,
    OptionProbability, Request, Usage,
};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A model behind a server.
#[derive(Debug)]
pub(crate) struct Chat {
    spec: ModelSpec,
    settings: Plain,
    redactor: Redactor,
    dialect: BoxDialect,
    prompts: Prompts,
    client: Client,
}

type Outcome = Result<ModelOutput, ComponentError>;

impl Chat {
    /// The component; no server is asked before the first request.
    ///
    /// # Errors
    /// `BadConfig` for prompts that can't be used.
    pub(crate) fn new(spec: ModelSpec, settings: Settings, cache_dir: Option<&Path>) -> Result<Self, ComponentError> {
        Ok(Self {
            spec,
            prompts: Prompts::new(&settings.plain.prompts)?,
            dialect: settings.plain.box_dialect.of_model(&settings.plain.model),
            redactor: settings.redactor.clone(),
            settings: settings.plain.clone(),
            client: Client::new(settings, cache_dir),
        })
    }

    fn one(&self, context: &Context<'_>, item: usize, input: &ModelInput<'_>) -> Outcome {
        if context.is_cancelled() {
            return Err(ComponentError::cancelled());
        }
        let choices = match input.request {
            Request::Answer { question, .. } => Choices::of(question),
            _ => None,
        };
        let task = match input.request {
            Request::Describe => Task::Describe,
            Request::Answer { .. } if choices.as_ref().is_some_and(Choices::is_yes_no) => Task::YesNo,
            Request::Answer { .. } if choices.is_some() => Task::Choose,
            Request::Answer { .. } => Task::Answer,
            Request::Complete { .. } if self.settings.judge => Task::Judge,
            Request::Complete { .. } => Task::Complete,
        };
        // What is completed is text: a picture that comes along anyway is not looked at.
        let picture = input.image.filter(|_| !matches!(task, Task::Complete | Task::Judge));
        let sent = picture.map(|view| self.encode(view)).transpose()?;
        let frame = Frame {
            dialect: self.dialect,
            frame: self.settings.box_frame,
            sent: sent.as_ref().map_or((1, 1), |s| s.size),
        };
        let show = |text: &str| context.observer().token(item, text);
        let asked = self.ask(context, task, input, &frame, sent.as_ref(), &show)?;
        let said = self.said(task, &asked.reply)?;
        let mut output = self.output(task, said, &frame)?;
        output.usage = self.usage(&asked);
        if asked.reply.finish.as_deref() == Some("length") {
            output
                .warnings
                .push(format!("the answer was cut off after {} tokens; raise max_tokens", self.settings.max_tokens));
        }
        output.options = match (task, &choices) {
            (Task::Judge, _) => odds::of_tokens(&asked.reply.tokens, &odds::POINTS),
            (_, Some(choices)) => odds::of_choices(&asked.reply.tokens, choices),
            _ => Vec::new(),
        };
        if task == Task::Describe && self.settings.rate {
            self.rate(context, input, &frame, sent.as_ref(), &mut output)?;
        }
        Ok(output)
    }

    fn encode(&self, view: ImageView<'_>) -> Result<Sent, ComponentError> {
        let format = Format {
            max_side: self.settings.max_image_side,
            encoding: self.settings.image_format,
            quality: self.settings.jpeg_quality,
            qwen_sides: self.dialect == BoxDialect::Qwen25,
        };
        picture::encode(view, format)
    }

    fn ask(
        &self,
        context: &Context<'_>,
        task: Task,
        input: &ModelInput<'_>,
        frame: &Frame,
        sent: Option<&Sent>,
        show: &dyn Fn(&str),
    ) -> Result<Asked, ComponentError> {
        let json = body::wants_json(task, &self.settings);
        let box_format =
            if json { structured::instructions(self.dialect) } else { self.dialect.instructions().to_owned() };
        let (question, boxes, prompt) = match input.request {
            Request::Answer { question, boxes } => (frame.write(question), frame.write_boxes(boxes), ""),
            Request::Complete { prompt } => (String::new(), String::new(), prompt.as_str()),
            Request::Describe => Default::default(),
        };
        let words = Words {
            question: &question,
            boxes: &boxes,
            prompt,
            box_format: &box_format,
            json,
            evidence: input.evidence,
        };
        let (system, prompt) = (self.prompts.system(task)?, self.prompts.render(task, words)?);
        let body = body::build(&self.settings, self.dialect, task, &system, &prompt, sent);
        // Half a JSON text is nothing to show.
        let mut on_text = |text: &str| {
            if !json {
                show(text)
            }
        };
        self.client.ask(body, context, &mut on_text)
    }

    /// The text of a reply that is an answer.
    fn said<'a>(&self, task: Task, reply: &'a Reply) -> Result<&'a str, ComponentError> {
        let plain = task == Task::Complete && self.settings.complete_with == CompleteWith::Completions;
        let failed = |message: String, hint: &str| Err(ComponentError::new(ErrorKind::Failed, message).hint(hint));
        if let Some(refusal) = reply.refusal.as_deref().filter(|r| !r.is_empty()) {
            return failed(
                format!("the model refused: {}", self.redactor.quote(refusal)),
                "change the prompt (prompts in plugins.toml), or ask another model",
            );
        }
        if reply.finish.as_deref() == Some("content_filter") {
            return failed(
                "the server's content filter held the answer back".to_owned(),
                "ask another model, or leave this picture out",
            );
        }
        match (reply.said(), reply.finish.as_deref()) {
            ("", Some("length")) => failed(
                format!("the model thought for all of its {} tokens and said nothing", self.settings.max_tokens),
                "raise max_tokens, or turn thinking off with the extra keys of your server",
            ),
            // What goes on from a prompt begins with its space.
            (_, _) if plain && !reply.text.is_empty() => Ok(&reply.text),
            ("", _) => failed(
                "the model answered with nothing".to_owned(),
                "check that the server runs a chat model that takes pictures",
            ),
            (said, _) => Ok(said),
        }
    }

    fn output(&self, task: Task, said: &str, frame: &Frame) -> Outcome {
        let json = body::wants_json(task, &self.settings);
        let (text, mut warnings) = match task {
            Task::Complete | Task::Judge | Task::Rate => (GroundedText::plain(said), Vec::new()),
            _ if json => structured::read(said, frame).unwrap_or_else(|| {
                let (text, mut warnings) = frame.read(said);
                warnings.push("the answer is not the JSON that was asked for and was read as prose".to_owned());
                (text, warnings)
            }),
            _ => frame.read(said),
        };
        if task == Task::Describe && text.spans.is_empty() {
            let told = "the description has no boxes in the picture";
            let hint = "set box_dialect to the model's own, raise max_image_side, or choose a model that grounds";
            if self.settings.require_boxes {
                let why = warnings.first().map(|w| format!("; {w}")).unwrap_or_default();
                return Err(ComponentError::new(ErrorKind::Failed, format!("{told}{why}")).hint(hint));
            }
            warnings.push(format!("{told} ({hint})"));
        }
        Ok(ModelOutput { text, warnings, ..ModelOutput::default() })
    }

    /// Asks for the level as well.
    fn rate(
        &self,
        context: &Context<'_>,
        input: &ModelInput<'_>,
        frame: &Frame,
        sent: Option<&Sent>,
        output: &mut ModelOutput,
    ) -> Result<(), ComponentError> {
        let asked = self.ask(context, Task::Rate, input, frame, sent, &|_| {})?;
        output.usage = sum(output.usage, self.usage(&asked));
        output.options = odds::of_tokens(&asked.reply.tokens, &LEVELS);
        let by_word = || {
            let level = odds::named(self.said(Task::Rate, &asked.reply).ok()?, &LEVELS)?;
            odds::score_of_levels(&[OptionProbability { option: level.to_owned(), probability: 1.0 }])
        };
        output.score = odds::score_of_levels(&output.options).or_else(by_word);
        if output.score.is_none() {
            let said = self.redactor.quote(asked.reply.said());
            output.warnings.push(format!("asked for a level, the model answered '{said}'; the score is left out"));
        }
        Ok(())
    }

    fn usage(&self, asked: &Asked) -> Option<Usage> {
        let (prompt_tokens, completion_tokens) = asked.reply.usage?;
        let cost =
            self.settings.prices.map(|p| (prompt_tokens as f64 * p.input + completion_tokens as f64 * p.output) / 1e6);
        Some(Usage { prompt_tokens, completion_tokens, cost, cached: asked.cached })
    }
}

/// What two requests took together.
fn sum(a: Option<Usage>, b: Option<Usage>) -> Option<Usage> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Usage {
            prompt_tokens: a.prompt_tokens.saturating_add(b.prompt_tokens),
            completion_tokens: a.completion_tokens.saturating_add(b.completion_tokens),
            cost: a.cost.zip(b.cost).map(|(a, b)| a + b),
            cached: a.cached && b.cached,
        }),
        (one, other) => one.or(other),
    }
}

impl GroundingModel for Chat {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Outcome> {
        if let [only] = items {
            return vec![self.one(context, 0, only)];
        }
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slots: Vec<Mutex<Option<Outcome>>> = items.iter().map(|_| Mutex::new(None)).collect();
        let work = || {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let (Some(item), Some(slot)) = (items.get(n), slots.get(n)) else { break };
                let outcome = self.one(context, n, item);
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                context.observer().progress(done as f32 / items.len() as f32, "answered");
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.client.concurrency().min(items.len()) {
                // Where no further thread can be had, those that run do the work.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        let missing = || Err(ComponentError::new(ErrorKind::Failed, "it was not asked"));
        slots
            .into_iter()
            .map(|s| s.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(missing))
            .collect()
    }
}
