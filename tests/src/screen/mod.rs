//! A terminal in which the real binary runs: a pseudo-terminal, and behind it an emulator that keeps the screen.

mod keys;
pub mod pictures;
mod run;
mod terminal;

pub use keys::Key;
pub use run::{Left, Screen};
pub use terminal::{Answers, Seen};

use crate::{built, command::home_variables, process::assert_none_left, temp};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use tempfile::TempDir;

/// A giqa to be started in a terminal.
pub struct Start {
    argv: Vec<OsString>,
    env: Vec<(String, OsString)>,
    size: (u16, u16),
    answers: Answers,
    home: TempDir,
}

/// giqa with these arguments, in a terminal of 100 x 30 cells that answers no questions.
#[must_use]
pub fn screen<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Start {
    let binary = built().join(format!("giqa{}", std::env::consts::EXE_SUFFIX));
    let args = args.into_iter().map(|a| a.as_ref().to_owned());
    let argv = std::iter::once(binary.into_os_string()).chain(args).collect();
    let env = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("USER", "tester"), ("TZ", "UTC")];
    let env = env.map(|(name, value)| (name.to_owned(), value.into())).to_vec();
    Start { argv, env, size: (100, 30), answers: Answers::Nothing, home: temp() }
}

impl Start {
    /// A terminal of another size.
    #[must_use]
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A terminal that answers questions as this one does.
    #[must_use]
    pub fn answers(mut self, answers: Answers) -> Self {
        self.answers = answers;
        self
    }

    /// Its stdout goes to a file; the terminal is its stdin and stderr.
    #[must_use]
    pub fn stdout_to(mut self, file: &Path) -> Self {
        let shell = ["sh", "-c", "file=$1; shift; exec \"$@\" > \"$file\"", "sh"].map(OsString::from);
        let argv = std::mem::take(&mut self.argv);
        self.argv = shell.into_iter().chain([file.as_os_str().to_owned()]).chain(argv).collect();
        self
    }

    /// Starts it.
    #[must_use]
    pub fn start(self) -> Screen {
        let size = PtySize { rows: self.size.1, cols: self.size.0, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::from_argv(self.argv);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in home_variables(self.home.path()) {
            command.env(name, value);
        }
        for (name, value) in self.env {
            command.env(name, value);
        }
        command.cwd(self.home.path());
        Screen::new(pair, command, self.size, self.answers, self.home)
    }
}

/// What the last word of a test on a screen is: no process is left of it.
fn nothing_left(home: &TempDir) {
    assert_none_left(home.path());
}
