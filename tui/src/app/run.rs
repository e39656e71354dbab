//! The loop: what happens goes into `update`, what is to be done to workers, what is known onto the screen. It waits for
//! nothing but the next action.

use super::action::Action;
use super::effect::Effect;
use super::input;
use super::memory::Memory;
use super::model::{About, Model, Settings};
use super::picture::{Display, Protocol, cell_of_system};
use super::terminal::Terminal;
use super::update::update;
use super::view;
use super::work::{Board, Machine, Workers};
use anyhow::{Context, Result};
use ratatui::layout::Size;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// A terminal that did not say by then what it can do is taken for one that shows text alone. Mostly it says so at once;
/// what comes later would be taken for keys.
pub const ANSWER: Duration = Duration::from_millis(600);
/// Actions are taken in for at most so long before the next frame is drawn.
const FRAME: Duration = Duration::from_millis(8);
/// With nothing to go away by itself, the screen waits as long as it takes.
const LONG: Duration = Duration::from_secs(3600);

/// What a session starts with.
pub struct Session {
    /// What it is about.
    pub about: About,
    /// How things look and feel, as far as files and options say.
    pub settings: Settings,
    /// What holds whatever was remembered.
    pub firm: Firm,
    /// How the watcher of this process is doing.
    pub board: Board,
    /// What inspects.
    pub machine: Box<dyn Machine>,
    /// What is written to stderr goes there.
    pub log: PathBuf,
    /// What reaches the screen; others may hold the sending end, too.
    pub channel: (Sender<Event>, Receiver<Event>),
    /// For tests: the first key is a panic.
    pub fault_panic: bool,
}

/// What was said for this session, and so goes before what was changed by hand in the last one.
#[derive(Debug, Clone, Default)]
pub struct Firm {
    /// A theme.
    pub theme: Option<super::theme::ThemeName>,
    /// How pictures are shown.
    pub protocol: Option<Protocol>,
    /// Pixels of a cell.
    pub cell: Option<(u16, u16)>,
    /// No mouse.
    pub no_mouse: bool,
}

/// What reaches the screen.
pub type Event = Action;

/// A channel for a session.
#[must_use]
pub fn channel() -> (Sender<Event>, Receiver<Event>) {
    mpsc::channel()
}

/// Shows the screen until it is left.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub fn run(session: Session) -> Result<()> {
    let Session { about, settings, firm, board, machine, log, channel: (out, actions), fault_panic } = session;
    let mut terminal = Terminal::take(&log)?;
    input::signals(out.clone(), terminal.hold()).context("signals")?;
    let mut model = model(about, settings, &firm)?;
    // Something shows before anything is asked of anybody.
    terminal.draw(|frame| view::draw(&model, frame))?;
    let workers = Workers::start(&model.about, Display::default(), log, board, machine, &out).context("threads")?;
    let (display, typed) = Display::detect(firm.protocol, firm.cell, ANSWER);
    model.settings.display = display;
    workers.set_display(model.settings.display.clone());
    giqa_host::worker::claim_stdout().context("stdout")?;
    terminal.capture_mouse(model.settings.mouse)?;
    for key in typed.chars().filter_map(|c| c.to_string().parse().ok()) {
        let _ = out.send(Action::Key(key));
    }
    input::read(out, model.size).context("threads")?;
    let mut looping = Loop { terminal, model, workers, actions, cell: firm.cell, fault_panic };
    let end = looping.run();
    let Loop { terminal, workers, .. } = looping;
    // The terminal goes first: what is still to be written keeps nobody waiting.
    drop(terminal);
    workers.finish();
    end
}

fn model(about: About, settings: Settings, firm: &Firm) -> Result<Model> {
    let (width, height) = crossterm::terminal::size().context("the size of the terminal")?;
    let memory = Memory::load(&about.state_dir);
    let mut model = Model { about, settings, size: Size { width, height }, now: now(), ..Model::default() };
    model.recall(memory);
    if let Some(theme) = firm.theme {
        model.settings.set_theme(theme);
    }
    model.settings.mouse &= !firm.no_mouse;
    if !model.about.watching.is_empty() {
        model.screen = super::model::Screen::Live;
    }
    Ok(model)
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

struct Loop {
    terminal: Terminal,
    model: Model,
    workers: Workers,
    actions: Receiver<Action>,
    cell: Option<(u16, u16)>,
    fault_panic: bool,
}

/// Whether it goes on.
#[derive(PartialEq)]
enum Then {
    GoOn,
    End,
}

impl Loop {
    fn run(&mut self) -> Result<()> {
        loop {
            self.terminal.draw(|frame| view::draw(&self.model, frame)).context("the terminal")?;
            let wait = self
                .model
                .notice
                .as_ref()
                .map_or(LONG, |notice| Duration::from_millis((notice.until - now()).max(0).unsigned_abs() + 1));
            let mut next = match self.actions.recv_timeout(wait) {
                Ok(action) => Some(action),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            self.take(Action::Tick(now()))?;
            let began = Instant::now();
            while let Some(action) = next {
                if self.take(action)? == Then::End {
                    return Ok(());
                }
                next = if began.elapsed() < FRAME { self.actions.try_recv().ok() } else { None };
            }
        }
    }

    fn take(&mut self, action: Action) -> Result<Then> {
        #[expect(clippy::panic, reason = "asked for by a test")]
        if self.fault_panic && matches!(action, Action::Key(_)) {
            panic!("a panic that was asked for");
        }
        let (resized, picture) = (matches!(action, Action::Resize(_)), matches!(action, Action::Picture(_)));
        for effect in update(&mut self.model, action) {
            if let Some(effect) = self.workers.take(effect)
                && self.own(&effect)? == Then::End
            {
                return Ok(Then::End);
            }
        }
        if resized {
            self.measure();
        }
        if picture {
            self.terminal.set_farewell(self.model.settings.display.farewell());
        }
        Ok(Then::GoOn)
    }

    /// What is about the terminal.
    fn own(&mut self, effect: &Effect) -> Result<Then> {
        match effect {
            Effect::Quit => return Ok(Then::End),
            Effect::Suspend => {
                self.terminal.suspend()?;
                // Pictures are gone from the terminal's memory.
                self.workers.set_display(self.model.settings.display.clone());
                let (width, height) = crossterm::terminal::size()?;
                self.model.slots.clear();
                return self.take(Action::Resize(Size { width, height }));
            }
            Effect::Redraw => self.terminal.forget()?,
            Effect::CaptureMouse(on) => self.terminal.capture_mouse(*on)?,
            _ => {}
        }
        Ok(Then::GoOn)
    }

    /// The size of a cell changes with the font, of which nothing else tells.
    fn measure(&mut self) {
        if self.cell.is_some() || matches!(self.model.settings.display.protocol, Protocol::Halfblocks | Protocol::Off) {
            return;
        }
        if let Some(cell) = cell_of_system().filter(|c| *c != self.model.settings.display.cell) {
            self.model.settings.display.cell = cell;
            self.workers.set_display(self.model.settings.display.clone());
        }
    }
}
