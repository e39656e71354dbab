//! One image, one profile: the report.

use crate::decode::Decoded;
use crate::evidence::{Gathered, Plan, gather};
use crate::grounded;
use crate::run_components::{guarded, only};
use giqa_core::{
    Attribute, ComponentError, ComponentProvenance, Context, Description, ErrorKind, Evidence, GroundingModel,
    ModelInput, ModelOutput, ModelTask, Provenance, Quality, REPORT_SCHEMA, ReferenceProvenance, Report, Request,
};
use giqa_host::{Loaded, Profile};
use std::time::Instant;

/// How to inspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectOptions {
    /// What open-vocabulary proposers shall look for; empty = whatever stands out.
    pub phrases: Vec<String>,
    /// Components that run at the same time on one image; 0 = one per core.
    pub threads: usize,
    /// Most regions in a report; further ones are left out with a warning.
    pub max_regions: usize,
}

impl Default for InspectOptions {
    fn default() -> Self {
        Self { phrases: Vec::new(), threads: 0, max_regions: 64 }
    }
}

/// Why there is no report or answer at all. (A component that fails costs only its part.)
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The original has another size than the picture.
    #[error("the reference has {} x {} pixels and the image {} x {}; expected the same size", reference.0, reference.1, image.0, image.1)]
    ReferenceSize {
        /// Width and height of the picture.
        image: (u32, u32),
        /// Width and height of the original.
        reference: (u32, u32),
    },
    /// The profile can't answer questions.
    #[error("profile '{profile}' has no model that answers questions; choose a profile whose model does")]
    NoAnswers {
        /// The profile.
        profile: String,
    },
    /// Nothing tells where an attribute is how bad.
    #[error("profile '{profile}' has no map of {attribute}: {reason}")]
    NoMap {
        /// The profile.
        profile: String,
        /// The attribute.
        attribute: Attribute,
        /// Why.
        reason: String,
    },
    /// The model failed on the question.
    #[error("{id}: {error}")]
    Model {
        /// `plugin.component`.
        id: String,
        /// Why.
        error: ComponentError,
    },
}

/// A report, and which components have no part in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The report; failures are also among its warnings, in words.
    pub report: Report,
    /// `plugin.component` and why it failed, in the order of the profile.
    pub failures: Vec<(String, ComponentError)>,
}

/// Inspects images with the components of a profile. Cheap to clone; share it between threads.
#[derive(Clone)]
pub struct Inspector {
    profile: Profile,
    options: InspectOptions,
}

impl Inspector {
    /// An inspector for this profile.
    #[must_use]
    pub fn new(profile: Profile, options: InspectOptions) -> Self {
        Self { profile, options }
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &InspectOptions {
        &self.options
    }

    /// Inspects a picture, against its original where there is one (full-reference metrics run only then).
    ///
    /// # Errors
    /// [`InspectError`] when cancelled or when the original has another size. Components that fail are listed in the
    /// [`Inspection`].
    pub fn inspect(
        &self,
        image: &Decoded,
        reference: Option<&Decoded>,
        context: &Context<'_>,
    ) -> Result<Inspection, InspectError> {
        let start = Instant::now();
        let mut all = self.gather(image, reference, context)?;
        let grounding = Instant::now();
        let output = match &self.profile.model {
            Some(model) if model.component.spec().tasks.contains(&ModelTask::Describe) => {
                all.components.push(model.provenance.clone());
                match generate(model, image, &Request::Describe, &all.evidence, context) {
                    Ok(output) => {
                        if let Some(mine) = all.components.last_mut() {
                            mine.usage = output.usage;
                        }
                        Some(output)
                    }
                    Err(error) => {
                        stop_if_cancelled(context)?;
                        all.fail(model.id(), error);
                        None
                    }
                }
            }
            Some(model) => {
                all.warnings.push(format!("{}: it can't describe pictures; the report has no description", model.id()));
                None
            }
            None => None,
        };
        stop_if_cancelled(context)?;
        let quality = self.quality(&mut all, output.as_ref());
        let description = output.map(|o| {
            let id = self.profile.model.as_ref().map_or("", |m| m.id());
            all.warnings.extend(o.warnings.iter().map(|w| format!("{id}: {w}")));
            let text = grounded::rounded(o.text);
            Description { grounded: grounded::print(&text), text: text.text, spans: text.spans }
        });
        let mut timing_ms = all.timing_ms;
        timing_ms.insert("decode".into(), image.decode_ms);
        timing_ms.insert("ground".into(), grounding.elapsed().as_secs_f64() * 1e3);
        timing_ms.insert("total".into(), image.decode_ms + start.elapsed().as_secs_f64() * 1e3);
        timing_ms.values_mut().for_each(|ms| *ms = (*ms * 1e3).round() / 1e3);
        let report = Report {
            schema: REPORT_SCHEMA.to_owned(),
            image: image.info.clone(),
            quality,
            scores: all.evidence.scores,
            regions: all.evidence.regions,
            findings: all.evidence.findings,
            description,
            verdict: None,
            provenance: self.provenance(all.components, reference),
            warnings: image.warnings.iter().cloned().chain(all.warnings).collect(),
            timing_ms,
        };
        Ok(Inspection { report, failures: all.failures })
    }

    pub(crate) fn gather(
        &self,
        image: &Decoded,
        reference: Option<&Decoded>,
        context: &Context<'_>,
    ) -> Result<Gathered, InspectError> {
        stop_if_cancelled(context)?;
        let size = |d: &Decoded| (d.width(), d.height());
        if let Some(reference) = reference.filter(|r| size(r) != size(image)) {
            return Err(InspectError::ReferenceSize { image: size(image), reference: size(reference) });
        }
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let plan = Plan {
            profile: &self.profile,
            phrases: &self.options.phrases,
            threads: if self.options.threads == 0 { cores() } else { self.options.threads },
            max_regions: self.options.max_regions,
        };
        let all = gather(plan, image, reference, context);
        stop_if_cancelled(context)?;
        Ok(all)
    }

    pub(crate) fn provenance(&self, components: Vec<ComponentProvenance>, reference: Option<&Decoded>) -> Provenance {
        let reference =
            reference.map(|r| ReferenceProvenance { path: r.info.path.clone(), blake3: r.info.blake3.clone() });
        let (giqa, profile) = (env!("CARGO_PKG_VERSION").to_owned(), self.profile.name.clone());
        Provenance { giqa, profile, components, reference }
    }

    /// From the metrics; else what the model says; else the middle, with a warning.
    fn quality(&self, all: &mut Gathered, output: Option<&ModelOutput>) -> Quality {
        let models_own = || output.and_then(|o| o.score).map(|s| Quality::of_score(crate::round::six(s)));
        all.quality.or_else(models_own).unwrap_or_else(|| {
            all.warnings.push(format!(
                "no component of profile '{}' judged the quality; 50 stands for unknown",
                self.profile.name
            ));
            Quality::of_score(50.0)
        })
    }
}

/// Asks a model about one picture and checks what it says.
pub(crate) fn generate(
    model: &Loaded<dyn GroundingModel>,
    image: &Decoded,
    request: &Request,
    evidence: &Evidence,
    context: &Context<'_>,
) -> Result<ModelOutput, ComponentError> {
    let input = ModelInput { image: Some(image.view()), request, evidence };
    let output = guarded(|| only(model.component.generate(context, &[input])))?;
    if output.text.is_consistent() {
        Ok(output)
    } else {
        Err(ComponentError::new(ErrorKind::Garbage, "it answered spans that do not fit their text"))
    }
}

pub(crate) fn stop_if_cancelled(context: &Context<'_>) -> Result<(), InspectError> {
    if context.is_cancelled() { Err(InspectError::Cancelled) } else { Ok(()) }
}
