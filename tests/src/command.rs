//! Running giqa: a clean environment, a time limit, and nothing left behind.

use crate::{built, process};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// No command of a test runs longer.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A giqa command to run.
pub struct Giqa {
    command: Command,
    home: TempDir,
    lines: usize,
}

/// The binary, with a clean environment.
#[must_use]
pub fn giqa() -> Giqa {
    let home = crate::temp();
    let mut command = Command::new(built().join(format!("giqa{}", std::env::consts::EXE_SUFFIX)));
    for variable in ["GIQA_CONFIG", "GIQA_PLUGIN_PATH", "COLUMNS", "RUST_LOG", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command.envs(home_variables(home.path()));
    command.env("NO_COLOR", "1").current_dir(home.path()).stdin(Stdio::null());
    Giqa { command, home, lines: usize::MAX }
}

/// What makes a folder the home of a program.
pub(crate) fn home_variables(home: &Path) -> [(&'static str, PathBuf); 5] {
    [
        ("HOME", ""),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ]
    .map(|(variable, folder)| (variable, home.join(folder)))
}

impl Giqa {
    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it under a limit of memory, with util-linux's `prlimit`.
    #[must_use]
    pub fn limited_memory(mut self, bytes: u64) -> Self {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--as={bytes}")).arg(self.command.get_program());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.current_dir(self.home.path()).stdin(Stdio::null());
        self.command = limited;
        self
    }

    /// The folder it runs in; also its home.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Closes its stdout after so many lines, as `head` does.
    #[must_use]
    pub fn head(mut self, lines: usize) -> Self {
        self.lines = lines;
        self
    }

    /// Starts it.
    #[must_use]
    pub fn start(mut self) -> Running {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = self.command.spawn().unwrap();
        let (first, output) = channel();
        let stdout = collect(child.stdout.take().unwrap(), self.lines, Some(first));
        let stderr = collect(child.stderr.take().unwrap(), usize::MAX, None);
        let pid = rustix::process::Pid::from_child(&child);
        let (alive, over) = channel::<()>();
        let killer = std::thread::spawn(move || {
            let late = over.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
            if late {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
            late
        });
        Running { child, home: self.home, stdout, stderr, output, alive, killer, began }
    }

    /// Runs it to its end and checks what no run may do: hang, die by a signal, panic, write an escape, leave a process.
    #[must_use]
    pub fn run(self) -> Ran {
        let ran = self.run_with_panics();
        assert!(!ran.err().contains("panicked at"), "giqa panicked\n{ran}");
        ran
    }

    /// [`Giqa::run`] where a plugin may panic.
    #[must_use]
    pub fn run_with_panics(self) -> Ran {
        self.start().wait()
    }
}

/// Reads so many lines; tells when the first has come.
fn collect(pipe: impl Read + Send + 'static, lines: usize, first: Option<Sender<()>>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let (mut pipe, mut bytes) = (BufReader::new(pipe), Vec::new());
        for n in 0..lines {
            if pipe.read_until(b'\n', &mut bytes).unwrap() == 0 {
                break;
            }
            if let (0, Some(first)) = (n, &first) {
                // The test need not wait for it.
                let _ = first.send(());
            }
        }
        bytes
    })
}

/// A giqa that runs.
pub struct Running {
    child: Child,
    home: TempDir,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    output: Receiver<()>,
    alive: Sender<()>,
    killer: JoinHandle<bool>,
    began: Instant,
}

impl Running {
    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Waits for its first line on stdout.
    pub fn await_output(&self) {
        self.output.recv_timeout(PATIENCE).expect("no output");
    }

    /// Waits until it has taken all signals that were sent to it. Returns at once where there is no /proc.
    pub fn await_no_pending(&self) {
        let status = format!("/proc/{}/status", self.child.id());
        let pending = |line: &str| {
            let mask = line.strip_prefix("ShdPnd:").or_else(|| line.strip_prefix("SigPnd:"));
            mask.is_some_and(|m| m.trim().contains(|c| c != '0'))
        };
        while std::fs::read_to_string(&status).is_ok_and(|s| s.lines().any(pending)) {
            std::thread::yield_now();
        }
    }

    /// Waits for its end after it was killed, and checks that nothing is left behind.
    pub fn wait_killed(mut self) {
        let status = self.child.wait().unwrap();
        assert!(status.code().is_none(), "giqa was not killed: {status}");
        drop(self.alive);
        process::assert_none_left(self.home.path());
        let _ = (self.stdout.join(), self.stderr.join(), self.killer.join());
    }

    /// Waits for its end; see [`Giqa::run`].
    #[must_use]
    pub fn wait(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        let took = self.began.elapsed();
        drop(self.alive);
        assert!(!self.killer.join().unwrap(), "giqa was killed after {} s", PATIENCE.as_secs());
        process::assert_none_left(self.home.path());
        let (stdout, stderr) = (self.stdout.join().unwrap(), self.stderr.join().unwrap());
        let ran = Ran { status, took, stdout, stderr, home: self.home };
        assert!(ran.status.code().is_some(), "giqa died: {}\n{ran}", ran.status);
        for bytes in [&ran.stdout, &ran.stderr] {
            assert!(!bytes.contains(&0x1b), "an escape reached the output\n{ran}");
        }
        ran
    }
}

/// A giqa that ended.
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// How long it took.
    pub took: Duration,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr.
    pub stderr: Vec<u8>,
    /// Its home, with whatever it wrote there.
    pub home: TempDir,
}

impl Ran {
    /// stdout, which must be UTF-8.
    #[must_use]
    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// stderr, which must be UTF-8.
    #[must_use]
    pub fn err(&self) -> &str {
        std::str::from_utf8(&self.stderr).unwrap()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.status.code(), Some(expected), "exit code\n{self}");
        self
    }

    /// Asserts that stderr says all of this.
    #[track_caller]
    pub fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.err().contains(word), "stderr lacks {word:?}\n{self}");
        }
        self
    }

    /// Asserts that stdout holds all of this.
    #[track_caller]
    pub fn prints(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.out().contains(word), "stdout lacks {word:?}\n{self}");
        }
        self
    }

    /// stdout as JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|e| panic!("stdout is not JSON: {e}\n{self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).escape_debug().to_string().replace("\\n", "\n");
        write!(
            f,
            "{} after {:.1} s\n--- stdout\n{}\n--- stderr\n{}",
            self.status,
            self.took.as_secs_f64(),
            text(&self.stdout),
            text(&self.stderr)
        )
    }
}
