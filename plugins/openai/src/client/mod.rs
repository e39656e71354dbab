//! Asking servers: cache, limits, retries, failover.

mod agent;
mod cache;
mod exchange;
mod failure;
mod gate;
mod pause;
mod rate;
mod servers;
mod shown;
mod wait;

use crate::body::Body;
use crate::reply::Reply;
use crate::settings::Settings;
use cache::{Cache, Key};
use exchange::Line;
use failure::Failure;
use gate::Gate;
use giqa_core::{ComponentError, Context};
use rate::{PerMinute, Rate};
use serde_json::Value;
use servers::{Breaker, Next, Server, Servers};
use shown::{Piece, Shown};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wait::Waiter;

/// How long a server that failed may take to say that it is there again.
const PROBE: Duration = Duration::from_secs(3);

/// The servers of one component.
#[derive(Debug)]
pub(crate) struct Client {
    settings: Settings,
    servers: Servers,
    gate: Gate,
    rate: Rate,
    cache: Option<Cache>,
    /// Fields that a server refused: they are not sent again.
    refused: Mutex<BTreeSet<&'static str>>,
}

/// A reply, and whether it was kept from an earlier request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub reply: Reply,
    pub cached: bool,
}

impl Client {
    /// A client; `folder` is where the plugin may keep answers and limits.
    pub(crate) fn new(settings: Settings, folder: Option<&Path>) -> Self {
        let plain = &settings.plain;
        let folder = folder.map(|f| f.join("openai"));
        let cache = folder
            .as_deref()
            .filter(|_| plain.cache)
            .and_then(|f| Cache::new(f, plain.cache_max_mb.saturating_mul(1_000_000)));
        // Limits belong to servers and models, whatever else a component is configured with.
        let name = blake3::hash(format!("{}\n{}", settings.base_urls.join("\n"), plain.model).as_bytes()).to_hex();
        let limits = folder.map(|f| f.join("limits").join(name.get(..16).unwrap_or_default()));
        let breaker = Breaker { failures: plain.breaker_failures.max(1), pause: plain.breaker_pause_s };
        let servers = settings.base_urls.iter().map(|url| (url.clone(), agent::new(url, &settings))).collect();
        let per_minute = PerMinute { requests: plain.requests_per_minute, tokens: plain.tokens_per_minute };
        Self {
            servers: Servers::new(servers, breaker),
            gate: Gate::new(plain.max_concurrency, limits.as_deref()),
            rate: Rate::new(per_minute, limits.as_deref()),
            cache,
            refused: Mutex::default(),
            settings,
        }
    }

    /// Requests that run at a time.
    pub(crate) fn concurrency(&self) -> usize {
        self.settings.plain.max_concurrency.max(1)
    }

    /// The reply to a request, from the cache or a server. `on_text` hears it as it comes.
    ///
    /// # Errors
    /// [`ComponentError`] with the server, what happened there and what to do.
    pub(crate) fn ask(
        &self,
        body: Body,
        context: &Context<'_>,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Asked, ComponentError> {
        // By the request that we mean: what a server refuses of it is found out anew in each process.
        let key = self.cache.as_ref().map(|_| Key::new(&self.settings.base_urls, body.path, &body.json));
        if let Some((cache, key)) = self.cache.as_ref().zip(key.as_ref())
            && let Some(reply) = cache.get(key)
        {
            on_text(&reply.text);
            return Ok(Asked { reply, cached: true });
        }
        let waiter = Waiter::new(context);
        let _permit = self.gate.enter(&waiter).ok_or_else(ComponentError::cancelled)?;
        let mut shown = Shown::default();
        let reply = self.ask_servers(body, context, &waiter, &mut |text| shown.add(text, on_text))?;
        // What is no answer may be one next time.
        let filtered = reply.finish.as_deref() == Some("content_filter");
        let whole = reply.refusal.is_none() && !filtered && !reply.said().is_empty();
        if let (true, Some((cache, key))) = (whole, self.cache.as_ref().zip(key.as_ref())) {
            cache.put(key, &reply);
        }
        Ok(Asked { reply, cached: false })
    }

    fn ask_servers(
        &self,
        body: Body,
        context: &Context<'_>,
        waiter: &Waiter<'_>,
        on_text: &mut dyn FnMut(Piece<'_>),
    ) -> Result<Reply, ComponentError> {
        let plain = &self.settings.plain;
        let mut body = self.without_refused(body);
        let mut bytes = Arc::new(to_bytes(&body)?);
        let guess = tokens_of(&body, bytes.len());
        self.rate_wait(guess, waiter)?;
        let deadline = Instant::now() + plain.timeout_s;
        let (mut tries, mut last): (u32, Option<(String, Failure)>) = (0, None);
        loop {
            let avoid = last.as_ref().map(|(url, _)| url.as_str());
            let turn = match self.servers.next(avoid, &|server| self.is_well(server)) {
                Next::Ask(turn) => turn,
                Next::Rest(rest) => {
                    if rest > plain.max_retry_wait_s || Instant::now() + rest > deadline {
                        return Err(self.resting(rest, last, tries));
                    }
                    // With jitter: others wait for the same moment.
                    waiter.sleep(rest.mul_f64(1.0 + fastrand::f64() / 10.0))?;
                    continue;
                }
                Next::Broken(left, url) => return Err(self.broken(left, url, last, tries)),
            };
            let url = turn.server.url.clone();
            on_text(Piece::Start);
            tries += 1;
            let answer = exchange::ask(
                &self.line(turn.server),
                format!("{url}{}", body.path),
                Arc::clone(&bytes),
                deadline,
                context.cancel_token(),
                &mut |text| on_text(Piece::Text(text)),
            );
            let failure = match answer {
                Ok(reply) => {
                    self.servers.answered(turn.server);
                    let used = reply.usage.map_or(guess, |(read, written)| read.saturating_add(written));
                    self.rate.settle(guess, used);
                    return Ok(reply);
                }
                Err(Failure::Cancelled) => return Err(ComponentError::cancelled()),
                Err(failure) => failure,
            };
            self.servers.failed(turn.server, &failure);
            if let Some(field) = self.newly_refused(&body, &failure) {
                body = body.without(field);
                bytes = Arc::new(to_bytes(&body)?);
                tries -= 1;
                continue;
            }
            tracing::debug!("{url}, try {tries}: {failure:?}");
            let out_of_time = Instant::now() >= deadline;
            if !failure.may_pass() || tries > plain.retries || out_of_time {
                return Err(failure.told(&url, &plain.model, tries));
            }
            // Another server can be asked at once.
            let others = self.settings.base_urls.len() > 1 && tries < self.settings.base_urls.len() as u32;
            if !others {
                waiter.sleep(pause::back_off(tries - 1).min(plain.max_retry_wait_s))?;
            }
            last = Some((url, failure));
            self.rate_wait(guess, waiter)?;
        }
    }

    fn line(&self, server: &Server) -> Line {
        Line {
            agent: server.agent.clone(),
            headers: self.settings.headers.clone(),
            redactor: self.settings.redactor.clone(),
            limit: self.settings.plain.max_response_kb.saturating_mul(1000),
        }
    }

    /// Whether a server answers at all; which status doesn't matter, as not all have a list of models.
    fn is_well(&self, server: &Server) -> bool {
        let mut request = server.agent.get(format!("{}/models", server.url));
        for (name, value) in &self.settings.headers {
            request = request.header(name, value.reveal());
        }
        let answer = request.config().timeout_global(Some(PROBE)).build().call();
        answer.is_ok_and(|a| a.status().as_u16() < 500)
    }

    fn rate_wait(&self, tokens: u64, waiter: &Waiter<'_>) -> Result<(), ComponentError> {
        while let Err(wait) = self.rate.take(tokens) {
            waiter.sleep(wait)?;
        }
        Ok(())
    }

    fn without_refused(&self, body: Body) -> Body {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.iter().filter(|f| body.json.contains_key(**f)).fold(body.clone(), |body, field| body.without(field))
    }

    /// A field that the server refuses in so many words.
    fn newly_refused(&self, body: &Body, failure: &Failure) -> Option<&'static str> {
        let Failure::Status { code: 400 | 422, words, .. } = failure else { return None };
        let field = body.refused_field(words)?;
        tracing::warn!("the server refuses '{field}' and is asked without it: {words}");
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(field);
        Some(field)
    }

    fn resting(&self, rest: Duration, last: Option<(String, Failure)>, tries: u32) -> ComponentError {
        let wait =
            format!("it asks to wait for {:.0} s, longer than max_retry_wait_s or timeout_s allow", rest.as_secs_f64());
        let (url, failure) = last.unwrap_or_else(|| {
            let failure = Failure::Status { code: 429, words: String::new(), retry_after: Some(rest) };
            (self.settings.base_urls.first().cloned().unwrap_or_default(), failure)
        });
        let mut error = failure.told(&url, &self.settings.plain.model, tries);
        error.message = format!("{}; {wait}", error.message);
        error
    }

    fn broken(&self, left: Duration, url: &str, last: Option<(String, Failure)>, tries: u32) -> ComponentError {
        if let Some((url, failure)) = last {
            return failure.told(&url, &self.settings.plain.model, tries);
        }
        let n = self.settings.plain.breaker_failures;
        let why = format!("it failed {n} times in a row and is left alone for another {:.1} s", left.as_secs_f64());
        Failure::Unreachable(why).told(url, &self.settings.plain.model, tries)
    }
}

fn to_bytes(body: &Body) -> Result<Vec<u8>, ComponentError> {
    serde_json::to_vec(&Value::Object(body.json.clone()))
        .map_err(|e| Failure::Own(format!("the request is not JSON: {e}")).told("the server", "", 1))
}

/// A rough guess of a request's tokens: four letters are one, a picture about a thousand, and half an answer.
fn tokens_of(body: &Body, bytes: usize) -> u64 {
    let answer = ["max_tokens", "max_completion_tokens"].iter().find_map(|k| body.json.get(*k)?.as_u64()).unwrap_or(0);
    (bytes as u64 / 4).min(1500) + answer.min(1000) / 2
}
