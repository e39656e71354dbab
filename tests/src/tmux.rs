//! A tmux of our own, with a shell in it.

use crate::command::home_variables;
use crate::{built, process::assert_none_left, temp, text};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest wait for something to show.
const PATIENCE: Duration = Duration::from_secs(30);

/// A tmux server with one window, in which a shell runs whose home is a temporary folder. Dropped, it is killed.
pub struct Tmux {
    home: TempDir,
}

impl Tmux {
    /// Starts it; `None`, and a word why, where there is no tmux.
    #[must_use]
    pub fn start(columns: u16, rows: u16) -> Option<Self> {
        if Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_err() {
            #[expect(clippy::print_stderr, reason = "a test that is passed over says why")]
            {
                eprintln!("tmux is not installed: nothing was tested");
            }
            return None;
        }
        let tmux = Self { home: temp() };
        let size = [columns.to_string(), rows.to_string()];
        // Interactive, it has jobs that can be suspended.
        tmux.command(&["new-session", "-d", "-x", &size[0], "-y", &size[1], "sh", "-i"]);
        tmux.await_text("READY");
        Some(tmux)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-L", "giqa-test", "-f", "/dev/null"]).args(args).env_clear();
        command.envs(home_variables(self.home.path())).env("TMUX_TMPDIR", self.home.path());
        let path = std::env::join_paths(
            std::iter::once(built().to_owned())
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        command.env("PATH", path.unwrap()).env("PS1", "READY ").env("LANG", "C.UTF-8").env("USER", "tester");
        command.current_dir(self.home.path()).env("TERM", "xterm-256color").stdin(Stdio::null()).output().unwrap()
    }

    /// Has tmux do something, and gives what it says.
    ///
    /// # Panics
    /// When it can't.
    pub fn command(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types letters.
    pub fn keys(&self, letters: &str) -> &Self {
        self.command(&["send-keys", "-l", "--", letters]);
        self
    }

    /// Types a key by its name in tmux.
    pub fn key(&self, name: &str) -> &Self {
        self.command(&["send-keys", name]);
        self
    }

    /// The words on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        self.command(&["capture-pane", "-p"])
    }

    /// The value of a tmux variable of the pane.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        self.command(&["display-message", "-p", &format!("#{{{name}}}")]).trim().to_owned()
    }

    /// Waits for a text on the screen.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn await_text(&self, wanted: &str) -> &Self {
        self.await_that(&format!("{wanted:?}"), |text| text.contains(wanted))
    }

    /// Waits until something holds of the words on the screen.
    ///
    /// # Panics
    /// When it does not in time.
    #[track_caller]
    pub fn await_that(&self, what: &str, holds: impl Fn(&str) -> bool) -> &Self {
        let until = Instant::now() + PATIENCE;
        // tmux tells nobody when a screen changes.
        while !holds(&self.text()) {
            assert!(Instant::now() < until, "{what} did not happen; the screen is\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// The folder that is its shell's home.
    #[must_use]
    pub fn home(&self) -> &str {
        text(self.home.path())
    }

    /// Ends it.
    ///
    /// # Panics
    /// When a process is left.
    pub fn end(self) {
        self.command(&["kill-server"]);
        assert_none_left(self.home.path());
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.run(&["kill-server"]);
    }
}
