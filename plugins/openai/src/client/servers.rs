//! The servers that share a component's work: who is asked next, and who is left alone for a while.

use super::failure::Failure;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest time for which a server that fails is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long to wait before looking again whether a server that is being asked is well.
const PROBED: Duration = Duration::from_millis(20);

/// When a circuit breaker opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Breaker {
    /// Failures in a row.
    pub failures: u32,
    /// The first pause; doubles until the server answers again.
    pub pause: Duration,
}

/// What is known of a server.
#[derive(Debug, Default)]
struct Health {
    failures: u32,
    /// The breaker is open until then; afterwards one caller asks how the server is.
    open_until: Option<Instant>,
    pause: Duration,
    probed: bool,
    /// It asked for a rest (`Retry-After`).
    rest_until: Option<Instant>,
}

/// One server.
#[derive(Debug)]
pub(super) struct Server {
    pub url: String,
    pub agent: ureq::Agent,
    in_flight: AtomicUsize,
    health: Mutex<Health>,
}

/// A server to ask; counts as in flight until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub server: &'a Server,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.server.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Who is next.
#[derive(Debug)]
pub(super) enum Next<'a> {
    Ask(Turn<'a>),
    /// All that are well asked for a rest.
    Rest(Duration),
    /// All failed too often; how long until one is looked at again, and which.
    Broken(Duration, &'a str),
}

/// All servers of a component.
#[derive(Debug)]
pub(super) struct Servers {
    servers: Vec<Server>,
    breaker: Breaker,
    next: AtomicUsize,
}

fn lock(health: &Mutex<Health>) -> MutexGuard<'_, Health> {
    health.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Servers {
    pub(super) fn new(servers: Vec<(String, ureq::Agent)>, breaker: Breaker) -> Self {
        let server = |(url, agent)| Server { url, agent, in_flight: AtomicUsize::new(0), health: Mutex::default() };
        Self { servers: servers.into_iter().map(server).collect(), breaker, next: AtomicUsize::new(0) }
    }

    /// The well server with the fewest requests in flight, rather not `avoid`; `is_well` asks one that was left alone.
    pub(super) fn next(&self, avoid: Option<&str>, is_well: &dyn Fn(&Server) -> bool) -> Next<'_> {
        let now = Instant::now();
        for server in &self.servers {
            if server.is_due(now) {
                self.probed(server, is_well(server));
            }
        }
        let (mut best, mut rest, mut broken) = (None, None::<Duration>, None::<(Duration, &str)>);
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for n in 0..self.servers.len() {
            let Some(server) = self.servers.get(first.wrapping_add(n) % self.servers.len()) else { continue };
            match server.state(now) {
                State::Well => {
                    let load = (avoid == Some(server.url.as_str()), server.in_flight.load(Ordering::Relaxed));
                    if best.as_ref().is_none_or(|(least, _)| load < *least) {
                        best = Some((load, server));
                    }
                }
                State::Resting(left) => rest = Some(rest.map_or(left, |r| r.min(left))),
                State::Broken(left) => {
                    if broken.is_none_or(|(b, _)| left < b) {
                        broken = Some((left, server.url.as_str()));
                    }
                }
            }
        }
        match (best, rest, broken) {
            (Some((_, server)), ..) => {
                server.in_flight.fetch_add(1, Ordering::Relaxed);
                Next::Ask(Turn { server })
            }
            (None, Some(rest), _) => Next::Rest(rest),
            (None, None, Some((left, url))) => Next::Broken(left, url),
            (None, None, None) => Next::Broken(Duration::ZERO, ""),
        }
    }

    /// A server answered, if only with a refusal.
    pub(super) fn answered(&self, server: &Server) {
        let mut health = lock(&server.health);
        health.failures = 0;
        health.pause = Duration::ZERO;
    }

    /// A server failed.
    pub(super) fn failed(&self, server: &Server, failure: &Failure) {
        if let (true, Failure::Status { retry_after: Some(rest), .. }) = (failure.may_pass(), failure) {
            lock(&server.health).rest_until = Instant::now().checked_add(*rest);
        }
        if !failure.is_illness() {
            return self.answered(server);
        }
        let mut health = lock(&server.health);
        health.failures = health.failures.saturating_add(1);
        if health.failures >= self.breaker.failures && health.open_until.is_none() {
            self.open(&mut health);
            tracing::warn!(
                "{} failed {} times in a row and is left alone for {:.1?}",
                server.url,
                health.failures,
                health.pause
            );
        }
    }

    fn open(&self, health: &mut Health) {
        let doubled = health.pause.saturating_mul(2);
        health.pause = if doubled.is_zero() { self.breaker.pause } else { doubled }.min(LONGEST_PAUSE);
        health.open_until = Instant::now().checked_add(health.pause);
        health.probed = false;
    }

    fn probed(&self, server: &Server, well: bool) {
        let mut health = lock(&server.health);
        if well {
            // One further failure opens it again: being there does not mean that it works.
            health.failures = self.breaker.failures.saturating_sub(1);
            health.open_until = None;
            health.probed = false;
            tracing::info!("{} is there again", server.url);
        } else {
            self.open(&mut health);
        }
    }
}

enum State {
    Well,
    Resting(Duration),
    Broken(Duration),
}

impl Server {
    fn state(&self, now: Instant) -> State {
        let health = lock(&self.health);
        if let Some(until) = health.open_until {
            let left = until.saturating_duration_since(now);
            // Somebody is asking it how it is right now: worth a moment.
            return if left.is_zero() && health.probed { State::Resting(PROBED) } else { State::Broken(left) };
        }
        match health.rest_until.map(|until| until.saturating_duration_since(now)) {
            Some(left) if !left.is_zero() => State::Resting(left),
            _ => State::Well,
        }
    }

    /// Whether it is time to ask how it is; true for one caller only.
    fn is_due(&self, now: Instant) -> bool {
        let mut health = lock(&self.health);
        let due = !health.probed && health.open_until.is_some_and(|until| until <= now);
        health.probed |= due;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKER: Breaker = Breaker { failures: 2, pause: Duration::from_millis(200) };

    fn servers(urls: &[&str]) -> Servers {
        let agent = ureq::Agent::new_with_defaults();
        Servers::new(urls.iter().map(|u| ((*u).to_owned(), agent.clone())).collect(), BREAKER)
    }

    fn url<'a>(next: &Next<'a>) -> &'a str {
        match next {
            Next::Ask(turn) => &turn.server.url,
            Next::Rest(_) => "rest",
            Next::Broken(..) => "broken",
        }
    }

    fn fail(servers: &Servers, url: &str, failure: &Failure) {
        servers.failed(servers.servers.iter().find(|s| s.url == url).unwrap(), failure);
    }

    #[test]
    fn the_least_busy_is_next() {
        let servers = servers(&["a", "b", "c"]);
        let well = |_: &Server| true;
        let turns: Vec<_> = (0..6).map(|_| servers.next(None, &well)).collect();
        for name in ["a", "b", "c"] {
            assert_eq!(turns.iter().filter(|t| url(t) == name).count(), 2);
        }
        drop(turns);
        assert!((0..5).all(|_| url(&servers.next(Some("a"), &well)) != "a"));
    }

    #[test]
    fn breakers_open_and_close() {
        let servers = servers(&["a"]);
        let broken = Failure::Broken("x".into());
        fail(&servers, "a", &broken);
        assert_eq!(url(&servers.next(None, &|_| false)), "a");
        fail(&servers, "a", &broken);
        assert_eq!(url(&servers.next(None, &|_| true)), "broken", "not asked before its pause is over");
        std::thread::sleep(BREAKER.pause);
        assert_eq!(url(&servers.next(None, &|_| false)), "broken", "asked, and not well");
        std::thread::sleep(BREAKER.pause);
        assert_eq!(url(&servers.next(None, &|_| true)), "broken", "the pause has doubled");
        std::thread::sleep(BREAKER.pause);
        assert_eq!(url(&servers.next(None, &|_| true)), "a");
        fail(&servers, "a", &Failure::Status { code: 400, words: String::new(), retry_after: None });
        fail(&servers, "a", &broken);
        assert_eq!(url(&servers.next(None, &|_| true)), "a", "a refusal is a sign of health");
    }

    #[test]
    fn a_rest_is_given() {
        let servers = servers(&["a", "b"]);
        let rest = Duration::from_secs(60);
        fail(&servers, "a", &Failure::Status { code: 429, words: String::new(), retry_after: Some(rest) });
        assert!((0..4).all(|_| url(&servers.next(None, &|_| true)) == "b"));
        fail(&servers, "b", &Failure::Status { code: 429, words: String::new(), retry_after: Some(rest / 2) });
        assert!(matches!(servers.next(None, &|_| true), Next::Rest(left) if left <= rest / 2));
    }
}
