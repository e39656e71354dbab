//! What a person does and what the system asks, as actions: two threads that wait for nothing else.

use super::action::{Action, Mouse};
use super::command::Command;
use super::terminal::Hold;
use crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEventKind};
use ratatui::layout::{Position, Size};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// What a shell says of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Reads keys, the mouse and sizes until the program ends. `drawn` is the size that is known so far.
///
/// # Errors
/// When the system gives no more threads.
pub fn read(out: Sender<Action>, drawn: Size) -> std::io::Result<()> {
    let read = move || {
        // From here on changes are told; those before are not.
        let _ = event::poll(Duration::ZERO);
        if let Ok((width, height)) = crossterm::terminal::size()
            && (Size { width, height }) != drawn
        {
            let _ = out.send(Action::Resize(Size { width, height }));
        }
        loop {
            let action = match event::read() {
                Ok(event) => action(event),
                // The terminal is gone.
                Err(_) => Some(Action::Terminate),
            };
            let last = matches!(action, Some(Action::Terminate));
            if action.is_some_and(|a| out.send(a).is_err()) || last {
                return;
            }
        }
    };
    std::thread::Builder::new().name("giqa-input".into()).spawn(read).map(drop)
}

fn action(event: Event) -> Option<Action> {
    Some(match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Action::Key(key.into()),
        Event::Paste(text) => Action::Paste(text),
        Event::Resize(width, height) => Action::Resize(Size { width, height }),
        Event::Mouse(mouse) => {
            let did = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
                MouseEventKind::Drag(MouseButton::Left) => Mouse::Drag,
                MouseEventKind::Up(MouseButton::Left) => Mouse::Release,
                MouseEventKind::ScrollUp => Mouse::WheelUp,
                MouseEventKind::ScrollDown => Mouse::WheelDown,
                _ => return None,
            };
            Action::Mouse(did, Position { x: mouse.column, y: mouse.row })
        }
        _ => return None,
    })
}

/// Signals: the first that asks for an end is an action, the second ends at once.
///
/// # Errors
/// When the system gives no more threads, or signals are taken already.
pub fn signals(out: Sender<Action>, hold: Arc<Hold>) -> std::io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP])?;
    let wait = move || {
        let mut asked = false;
        for signal in signals.forever() {
            if signal == SIGTSTP {
                let _ = out.send(Action::Command(Command::Suspend));
                continue;
            }
            if asked {
                hold.give_back();
                std::process::exit(INTERRUPTED);
            }
            asked = true;
            let _ = out.send(Action::Terminate);
        }
    };
    std::thread::Builder::new().name("giqa-signals".into()).spawn(wait).map(drop)
}
