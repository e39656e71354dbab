//! A question about one image.

use crate::decode::Decoded;
use crate::grounded;
use crate::inspect::{InspectError, Inspector, generate, stop_if_cancelled};
use giqa_core::text::Span;
use giqa_core::{
    ComponentProvenance, Context, Evidence, GroundingModel, ImageInfo, ModelTask, NormBox, OptionProbability,
    Provenance, Report, Request,
};
use giqa_host::Loaded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer schema that this version writes.
pub const ANSWER_SCHEMA: &str = "giqa.answer/1";

/// The answer to a question about an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "giqa answer", description = "What giqa answers to a question about one image.")]
pub struct Answer {
    /// `giqa.answer/1`.
    pub schema: String,
    /// The file.
    pub image: ImageInfo,
    /// The question.
    pub question: String,
    /// Boxes that came with the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<NormBox>,
    /// Plain text of the answer.
    pub text: String,
    /// The same with boxes on the 20 x 20 grid.
    pub grounded: String,
    /// Which part of `text` speaks of which boxes.
    pub spans: Vec<Span>,
    /// Probabilities of the possible answers, where the model gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionProbability>,
    /// What went wrong or was repaired on the way.
    pub warnings: Vec<String>,
    /// What made the answer.
    pub provenance: Provenance,
}

impl Inspector {
    /// Asks the profile's model a question; the evidence is gathered as for a report.
    ///
    /// # Errors
    /// [`InspectError`] when cancelled, when the profile has no model for questions, or when that model fails.
    pub fn ask(
        &self,
        image: &Decoded,
        question: &str,
        boxes: &[NormBox],
        context: &Context<'_>,
    ) -> Result<Answer, InspectError> {
        let model = self.answering()?;
        let all = self.gather(image, None, context)?;
        let mut components = all.components;
        components.push(model.provenance.clone());
        let warnings = image.warnings.iter().cloned().chain(all.warnings).collect();
        self.answer(model, image, (question, boxes), &all.evidence, (components, warnings), context)
    }

    /// [`Inspector::ask`] with the evidence of a report that this inspector made of the same picture without an
    /// original: the same answer for the cost of the model alone.
    ///
    /// # Errors
    /// As [`Inspector::ask`].
    pub fn ask_again(
        &self,
        image: &Decoded,
        report: &Report,
        question: &str,
        boxes: &[NormBox],
        context: &Context<'_>,
    ) -> Result<Answer, InspectError> {
        let model = self.answering()?;
        stop_if_cancelled(context)?;
        let evidence = Evidence {
            regions: report.regions.clone(),
            scores: report.scores.clone(),
            findings: report.findings.clone(),
            quality: report.scores.iter().any(|s| s.severity.is_some()).then_some(report.quality),
        };
        let mut components = report.provenance.components.clone();
        components.retain(|c| c.id != model.id());
        components.push(model.provenance.clone());
        self.answer(model, image, (question, boxes), &evidence, (components, report.warnings.clone()), context)
    }

    fn answering(&self) -> Result<&Loaded<dyn GroundingModel>, InspectError> {
        let model = self.profile().model.as_ref().filter(|m| m.component.spec().tasks.contains(&ModelTask::Answer));
        model.ok_or_else(|| InspectError::NoAnswers { profile: self.profile().name.clone() })
    }

    fn answer(
        &self,
        model: &Loaded<dyn GroundingModel>,
        image: &Decoded,
        (question, boxes): (&str, &[NormBox]),
        evidence: &Evidence,
        (mut components, mut warnings): (Vec<ComponentProvenance>, Vec<String>),
        context: &Context<'_>,
    ) -> Result<Answer, InspectError> {
        let request = Request::Answer { question: question.to_owned(), boxes: boxes.to_vec() };
        let output = generate(model, image, &request, evidence, context).map_err(|error| {
            stop_if_cancelled(context).err().unwrap_or(InspectError::Model { id: model.id().to_owned(), error })
        })?;
        if let Some(mine) = components.last_mut() {
            mine.usage = output.usage;
        }
        let text = grounded::rounded(output.text);
        warnings.extend(output.warnings.iter().map(|w| format!("{}: {w}", model.id())));
        let mut options = output.options;
        options.iter_mut().for_each(|o| o.probability = crate::round::six(o.probability));
        Ok(Answer {
            schema: ANSWER_SCHEMA.to_owned(),
            image: image.info.clone(),
            question: question.to_owned(),
            boxes: boxes.to_vec(),
            grounded: grounded::print(&text),
            text: text.text,
            spans: text.spans,
            options,
            warnings,
            provenance: self.provenance(components, None),
        })
    }
}
