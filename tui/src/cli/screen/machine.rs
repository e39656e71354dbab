//! What inspects, as the screen uses it: the watcher's components where this process watches, its own otherwise.

use crate::app::effect::{Question, Subject};
use crate::app::model::{ComponentInfo, Surveyed};
use crate::app::picture::Heat;
use crate::app::work::Machine;
use crate::cli::args::Global;
use crate::cli::config;
use anyhow::{Context as _, Result, bail};
use giqa_core::{Attribute, CancelToken, Context, Report, Silent};
use giqa_engine::{Answer, Decoded, InspectOptions, Inspector, Limits, decode};
use giqa_host::{Host, HostError, Profile};
use giqa_watch::watcher::{Backend, Control};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// What a person chose on the screen, for as long as the program runs.
#[derive(Default, Clone)]
pub struct Choice {
    /// The profile; `None` = the configured one.
    pub profile: Option<String>,
    /// Components that were switched off.
    pub off: BTreeSet<String>,
}

impl Choice {
    /// Takes what is switched off out of a profile.
    ///
    /// # Errors
    /// When nothing would be left.
    pub fn apply(&self, mut profile: Profile) -> Result<Profile> {
        profile.proposers.retain(|c| !self.off.contains(c.id()));
        profile.metrics.retain(|c| !self.off.contains(c.id()));
        profile.model.take_if(|c| self.off.contains(c.id()));
        if profile.proposers.is_empty() && profile.metrics.is_empty() && profile.model.is_none() {
            bail!("profile '{}' has nothing left that is on", profile.name);
        }
        Ok(profile)
    }
}

type Remake = dyn Fn(&Choice) -> Result<Backend> + Send;

/// The watcher of this process.
pub struct Watching {
    /// Takes what it shall do.
    pub to: Sender<Control>,
    /// What a person chose; also for when files change.
    pub choice: Arc<Mutex<Choice>>,
    /// What inspects there now.
    pub inspector: Arc<Mutex<Inspector>>,
    /// Makes all anew, as files and choice say.
    pub remake: Box<Remake>,
}

/// What inspects.
pub struct Components {
    global: Global,
    choice: Choice,
    watching: Option<Watching>,
    host: Option<Host>,
    made: BTreeMap<String, (Inspector, Vec<HostError>)>,
    last: Option<(PathBuf, Option<std::time::SystemTime>, Arc<Decoded>)>,
}

impl Components {
    /// Nothing is started before it is needed.
    pub fn new(global: &Global, profile: Option<String>, watching: Option<Watching>) -> Self {
        let choice = Choice { profile, ..Choice::default() };
        Self { global: global.clone(), choice, watching, host: None, made: BTreeMap::new(), last: None }
    }

    fn host(&mut self) -> Result<&Host> {
        if self.host.is_none() {
            self.host = Some(config::isolated_host(&self.global, 1, true)?);
        }
        self.host.as_ref().context("no host")
    }

    fn profile_name(&mut self) -> Result<String> {
        match &self.choice.profile {
            Some(name) => Ok(name.clone()),
            None => Ok(self.host()?.config().profile.clone()),
        }
    }

    /// A profile's inspector, and what of it can't be made.
    fn made(&mut self, name: &str) -> Result<&(Inspector, Vec<HostError>)> {
        if !self.made.contains_key(name) {
            let (profile, problems) = self.host()?.profile(Some(name))?;
            let inspector = Inspector::new(self.choice.apply(profile)?, InspectOptions::default());
            self.made.insert(name.to_owned(), (inspector, problems));
        }
        self.made.get(name).context("no inspector")
    }

    /// What inspects now.
    fn inspector(&mut self) -> Result<Inspector> {
        if let Some(watching) = &self.watching {
            return Ok(watching.inspector.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let name = self.profile_name()?;
        Ok(self.made(&name)?.0.clone())
    }

    /// The picture; the last one is kept, as questions come one after the other.
    fn picture(&mut self, subject: &Subject) -> Result<Arc<Decoded>> {
        let modified = std::fs::metadata(&subject.path).and_then(|m| m.modified()).ok();
        if let Some((path, at, image)) = &self.last
            && *path == subject.path
            && *at == modified
        {
            return Ok(Arc::clone(image));
        }
        let image = Arc::new(decode(&subject.path, &Limits::default())?);
        self.last = Some((subject.path.clone(), modified, Arc::clone(&image)));
        Ok(image)
    }

    /// What was chosen takes effect: on the watcher, or on what is made here next. Nothing changes when it can't be.
    fn choose(&mut self, choice: Choice) -> Result<()> {
        if let Some(watching) = &self.watching {
            let backend = (watching.remake)(&choice)?;
            *watching.choice.lock().unwrap_or_else(PoisonError::into_inner) = choice.clone();
            *watching.inspector.lock().unwrap_or_else(PoisonError::into_inner) = backend.inspector.clone();
            watching.to.send(Control::Replace(Box::new(backend))).ok().context("the watcher has ended")?;
        } else {
            let (profile, _) = self.host()?.profile(choice.profile.as_deref())?;
            choice.apply(profile)?;
        }
        self.choice = choice;
        self.made.clear();
        Ok(())
    }

    fn effect(&self) -> &'static str {
        if self.watching.is_some() { "photos are inspected anew" } else { "for questions, comparisons and heat maps" }
    }
}

impl Machine for Components {
    fn survey(&mut self) -> Result<Surveyed, String> {
        self.surveyed().map_err(told)
    }

    fn ask(&mut self, question: &Question) -> Result<Answer, String> {
        self.asked(question).map_err(told)
    }

    fn inspect(&mut self, subject: &Subject, profile: &str) -> Result<Report, String> {
        let mut run = || -> Result<Report> {
            let image = self.picture(subject)?;
            let inspector = self.made(profile)?.0.clone();
            let cancel = CancelToken::new();
            let mut report = inspector.inspect(&image, None, &Context::new(&cancel, &Silent))?.report;
            report.image.path = subject.path.to_string_lossy().into_owned();
            Ok(report)
        };
        run().map_err(told)
    }

    fn heat(&mut self, subject: &Subject, attribute: Attribute) -> Result<Heat, String> {
        let mut run = || -> Result<Heat> {
            let (image, inspector, cancel) = (self.picture(subject)?, self.inspector()?, CancelToken::new());
            let map = inspector.heat(&image, attribute, &Context::new(&cancel, &Silent))?;
            Ok(Heat { columns: map.cols(), rows: map.rows(), values: map.values().to_vec() })
        };
        run().map_err(told)
    }

    fn use_profile(&mut self, name: &str) -> Result<String, String> {
        let choice = Choice { profile: Some(name.to_owned()), ..self.choice.clone() };
        self.choose(choice).map_err(told)?;
        Ok(format!("profile {name}: {}", self.effect()))
    }

    fn switch(&mut self, id: &str, on: bool) -> Result<String, String> {
        let mut choice = self.choice.clone();
        if on {
            choice.off.remove(id);
        } else {
            choice.off.insert(id.to_owned());
        }
        self.choose(choice).map_err(told)?;
        Ok(format!("{id} is {}: {}", if on { "on" } else { "off" }, self.effect()))
    }

    fn restart(&mut self) -> Result<String, String> {
        let (host, made) = (self.host.take(), std::mem::take(&mut self.made));
        match self.choose(self.choice.clone()) {
            Ok(()) => Ok(format!("plugins were started anew: {}", self.effect())),
            Err(error) => {
                // What worked goes on working.
                (self.host, self.made) = (host, made);
                Err(told(error))
            }
        }
    }
}

impl Components {
    fn surveyed(&mut self) -> Result<Surveyed> {
        let name = self.profile_name()?;
        let problems: Vec<String> = match self.made(&name) {
            Ok((_, problems)) => problems.iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("{error:#}")],
        };
        let choice = self.choice.clone();
        let can_switch = self.watching.is_some();
        let host = self.host()?;
        let wanted = host.config().profiles.get(&name).cloned().unwrap_or_default();
        let in_profile = |id: &String| {
            wanted.proposers.contains(id) || wanted.metrics.contains(id) || wanted.model.as_ref() == Some(id)
        };
        let mut surveyed = Surveyed {
            profiles: host.config().profiles.keys().cloned().collect(),
            profile: name,
            can_switch,
            ..Surveyed::default()
        };
        let mut attached = BTreeSet::new();
        for (plugin, entry) in host.catalogue() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    surveyed.problems.push(format!("{plugin}: {error}"));
                    continue;
                }
            };
            for component in entry.names() {
                let id = format!("{plugin}.{component}");
                let problem = problems.iter().find(|p| names(p, &id));
                attached.extend(problem);
                surveyed.components.push(ComponentInfo {
                    kind: entry.component(component).map_or_else(String::new, |c| c.spec.kind().to_string()),
                    version: entry.manifest.version.clone(),
                    origin: entry.origin.to_string(),
                    isolation: match entry.config.isolation {
                        Some(giqa_host::Isolation::InProcess) => "in this process".into(),
                        _ => "in a process of its own".into(),
                    },
                    in_profile: in_profile(&id),
                    off: choice.off.contains(&id),
                    problem: problem.cloned(),
                    id,
                });
            }
        }
        let loose = problems.iter().filter(|p| !attached.contains(p));
        surveyed.problems.extend(loose.cloned());
        surveyed.components.sort_by_key(|c| (!c.in_profile, c.id.clone()));
        Ok(surveyed)
    }

    fn asked(&mut self, question: &Question) -> Result<Answer> {
        let (image, inspector, cancel) = (self.picture(&question.subject)?, self.inspector()?, CancelToken::new());
        let context = Context::new(&cancel, &Silent);
        let (words, boxes) = (question.words.as_str(), question.boxes.as_slice());
        Ok(match question.report.as_ref().filter(|r| made_by(r, inspector.profile())) {
            Some(report) => inspector.ask_again(&image, report, words, boxes, &context)?,
            None => inspector.ask(&image, words, boxes, &context)?,
        })
    }
}

/// Whether a report's evidence is what these components would find.
fn made_by(report: &Report, profile: &Profile) -> bool {
    let mut evidence =
        profile.proposers.iter().map(|c| &c.provenance).chain(profile.metrics.iter().map(|c| &c.provenance));
    evidence.all(|c| report.provenance.components.contains(c))
}

/// Whether a message speaks of a component.
fn names(message: &str, id: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '-'));
    message
        .match_indices(id)
        .any(|(at, _)| ends(message[..at].chars().next_back()) && ends(message[at + id.len()..].chars().next()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn told(error: anyhow::Error) -> String {
    format!("{error:#}")
}
