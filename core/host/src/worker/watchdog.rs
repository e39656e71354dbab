//! Kills a worker that takes too long or too much memory, whatever its host is doing at the time.

use std::collections::HashMap;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a busy worker is looked at.
const PERIOD: Duration = Duration::from_millis(25);

/// Why the watchdog killed a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It had not answered by its deadline.
    Late,
    /// It had not stopped in time after a cancel.
    Deaf,
    /// It held more memory than it may.
    Fat {
        /// Resident bytes when it was seen.
        used: u64,
    },
}

#[derive(Debug, Default)]
struct State {
    /// Deadlines by call.
    kill_at: HashMap<u64, (Instant, Verdict)>,
    /// What the worker was killed for, and for which call.
    verdict: Option<(Verdict, u64)>,
    stop: bool,
}

/// Watches one child process.
#[derive(Debug)]
pub(crate) struct Watchdog {
    child: Arc<Mutex<Child>>,
    shared: Arc<(Mutex<State>, Condvar)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watchdog {
    /// Begins to watch. Memory is only looked at while a deadline is set.
    pub(crate) fn new(child: Child, memory_limit: Option<u64>) -> std::io::Result<Self> {
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let (watched, state) = (Arc::clone(&child), Arc::clone(&shared));
        std::thread::Builder::new()
            .name("worker-watchdog".to_owned())
            .spawn(move || watch(pid, &watched, &state, memory_limit))?;
        Ok(Self { child, shared })
    }

    /// The worker is busy with a call: kill it at `deadline`.
    pub(crate) fn busy_until(&self, call: u64, deadline: Instant) {
        lock(&self.shared.0).kill_at.insert(call, (deadline, Verdict::Late));
        self.shared.1.notify_all();
    }

    /// The worker was asked to stop a call: kill it at `deadline` if that comes earlier.
    pub(crate) fn stop_by(&self, call: u64, deadline: Instant) {
        let mut state = lock(&self.shared.0);
        if state.kill_at.get(&call).is_none_or(|(at, _)| deadline < *at) {
            state.kill_at.insert(call, (deadline, Verdict::Deaf));
        }
        self.shared.1.notify_all();
    }

    /// A call is over.
    pub(crate) fn idle(&self, call: u64) {
        lock(&self.shared.0).kill_at.remove(&call);
    }

    /// Why the watchdog killed the worker, as far as a call has to do with it: the deadline of another one is none of
    /// its faults, memory is everybody's.
    pub(crate) fn verdict(&self, call: u64) -> Option<Verdict> {
        let verdict = lock(&self.shared.0).verdict;
        verdict
            .filter(|(verdict, of)| *of == call || matches!(verdict, Verdict::Fat { .. }))
            .map(|(verdict, _)| verdict)
    }

    /// Kills the worker (if it still lives) and waits for its end.
    pub(crate) fn end(&self) -> std::io::Result<ExitStatus> {
        {
            let mut state = lock(&self.shared.0);
            state.stop = true;
            self.shared.1.notify_all();
        }
        let mut child = lock(&self.child);
        // Fails only when it has ended already.
        let _ = child.kill();
        child.wait()
    }

    /// Waits up to `patience` for the worker to end by itself; then kills it.
    pub(crate) fn end_within(&self, patience: Duration) -> std::io::Result<ExitStatus> {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = lock(&self.child).try_wait()? {
                lock(&self.shared.0).stop = true;
                self.shared.1.notify_all();
                return Ok(status);
            }
            if Instant::now() >= until {
                return self.end();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn watch(pid: u32, child: &Mutex<Child>, shared: &(Mutex<State>, Condvar), memory_limit: Option<u64>) {
    let mut state = lock(&shared.0);
    while !state.stop {
        let first = state.kill_at.iter().min_by_key(|(_, (deadline, _))| *deadline);
        let Some((&call, &(deadline, reason))) = first else {
            state = shared.1.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let now = Instant::now();
        let fat = memory_limit.zip(resident_bytes(pid)).filter(|(limit, used)| used > limit);
        let verdict = match fat {
            Some((_, used)) => Some(Verdict::Fat { used }),
            None if now >= deadline => Some(reason),
            None => None,
        };
        if let Some(verdict) = verdict {
            state.verdict = Some((verdict, call));
            state.stop = true;
            drop(state);
            let _ = lock(child).kill();
            return;
        }
        let pause = PERIOD.min(deadline - now);
        state = shared.1.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Resident memory of a process; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn resident_bytes(pid: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
fn resident_bytes(_: u32) -> Option<u64> {
    None
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap()
    }

    fn wait_for_verdict(dog: &Watchdog) -> Verdict {
        // Waits on the process itself, not on a clock.
        let status = lock(&dog.child).wait().unwrap();
        assert!(!status.success());
        dog.verdict(1).unwrap()
    }

    #[test]
    fn late_deaf_and_fat_workers_are_killed() {
        let dog = Watchdog::new(sleeper(), None).unwrap();
        dog.busy_until(1, Instant::now() + Duration::from_secs(3600));
        dog.busy_until(2, Instant::now() + Duration::from_secs(3600));
        dog.stop_by(1, Instant::now());
        // `wait` needs the lock that `kill` needs too, so poll the verdict first.
        while dog.verdict(1).is_none() {
            std::thread::yield_now();
        }
        assert_eq!(dog.verdict(1), Some(Verdict::Deaf));
        assert_eq!(dog.verdict(2), None, "the other call did nothing");
        let dog = Watchdog::new(sleeper(), Some(1)).unwrap();
        dog.busy_until(1, Instant::now() + Duration::from_secs(3600));
        while dog.verdict(1).is_none() {
            std::thread::yield_now();
        }
        assert!(matches!(wait_for_verdict(&dog), Verdict::Fat { used } if used > 1));
        let dog = Watchdog::new(sleeper(), None).unwrap();
        dog.busy_until(1, Instant::now());
        while dog.verdict(1).is_none() {
            std::thread::yield_now();
        }
        assert_eq!(wait_for_verdict(&dog), Verdict::Late);
    }

    #[test]
    fn idle_workers_live_until_they_are_ended() {
        let dog = Watchdog::new(sleeper(), Some(1)).unwrap();
        dog.busy_until(1, Instant::now() + Duration::from_secs(3600));
        dog.idle(1);
        let _ = dog.end_within(Duration::ZERO).unwrap();
        let dog = Watchdog::new(Command::new("true").spawn().unwrap(), None).unwrap();
        assert!(dog.end_within(Duration::from_secs(60)).unwrap().success());
    }
}
