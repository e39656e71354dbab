//! Keys: how they are written, and which asks for what.

use super::command::{Command, Context};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The keys that hold when nothing else is said.
const DEFAULTS: &str = include_str!("keymap.toml");

/// A key with what is held down beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
    /// Of keys that make no character; a character says so itself.
    shift: bool,
}

const NAMED: [(&str, KeyCode); 16] = [
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("space", KeyCode::Char(' ')),
];

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let is_char = matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        Self {
            code: event.code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
            shift: !is_char && event.modifiers.contains(KeyModifiers::SHIFT),
        }
    }
}

impl Key {
    /// The character that it types into a field, if it does.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// The key without anything held down.
    #[must_use]
    pub fn code(self) -> KeyCode {
        self.code
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut key = Self { code: KeyCode::Null, ctrl: false, alt: false, shift: false };
        let mut rest = text;
        loop {
            let held = [("ctrl-", 0), ("alt-", 1), ("shift-", 2)].into_iter();
            // "-" alone is a key.
            let held = held.filter(|(name, _)| rest.len() > name.len()).find(|(name, _)| rest.starts_with(name));
            let Some((name, which)) = held else { break };
            rest = &rest[name.len()..];
            [&mut key.ctrl, &mut key.alt, &mut key.shift][which].clone_from(&true);
        }
        let function = rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).filter(|n| (1..=24).contains(n));
        let named = NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let mut characters = rest.chars();
        key.code = match (named, function, characters.next(), characters.next()) {
            (Some(code), ..) => code,
            (_, Some(n), ..) => KeyCode::F(n),
            (_, _, Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => {
                let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
                return Err(format!(
                    "'{text}' is no key; write one character, f1 to f24, or one of {}, with ctrl-, alt- or shift- before it",
                    names.join(", ")
                ));
            }
        };
        if matches!(key.code, KeyCode::Char(_)) {
            key.shift = false;
        }
        Ok(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (_, KeyCode::F(n)) => write!(f, "f{n}"),
            (_, KeyCode::Char(c)) => write!(f, "{c}"),
            _ => f.write_str("?"),
        }
    }
}

/// Names of commands by context, each with its keys, as files have them.
pub type RawKeys = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Which key asks for what, where.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    bindings: Vec<(Context, Command, Vec<Key>)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self { bindings: Vec::new() };
        // A test holds it to be free of mistakes.
        let raw: RawKeys = toml::from_str(DEFAULTS).unwrap_or_default();
        let _ = map.lay(&raw);
        map
    }
}

impl Keymap {
    /// The usual keys with a person's own in place of some.
    ///
    /// # Errors
    /// Every mistake, in words.
    pub fn with(own: &RawKeys) -> Result<Self, Vec<String>> {
        let mut map = Self::default();
        let mistakes = map.lay(own);
        if mistakes.is_empty() { Ok(map) } else { Err(mistakes) }
    }

    fn lay(&mut self, raw: &RawKeys) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (context, commands) in raw {
            let Some(place) = Context::ALL.into_iter().find(|c| c.name() == context) else {
                let near = nearest(context, Context::ALL.map(Context::name));
                mistakes.push(format!("[keys.{context}]: there is no such place{near}"));
                continue;
            };
            for (name, keys) in commands {
                let Some(command) = Command::named(name) else {
                    let near = nearest(name, Command::ALL.iter().map(|c| c.name()));
                    mistakes.push(format!("[keys.{context}] {name}: there is no such command{near}"));
                    continue;
                };
                let parsed: Result<Vec<Key>, String> = keys.iter().map(|k| k.parse()).collect();
                match parsed {
                    Ok(keys) => self.bind(place, command, keys),
                    Err(why) => mistakes.push(format!("[keys.{context}] {name}: {why}")),
                }
            }
        }
        mistakes
    }

    /// Takes the place of the command's keys there; what else had these keys loses them.
    fn bind(&mut self, place: Context, command: Command, keys: Vec<Key>) {
        self.bindings.retain(|(p, c, _)| (*p, *c) != (place, command));
        for (p, _, others) in &mut self.bindings {
            if *p == place {
                others.retain(|k| !keys.contains(k));
            }
        }
        self.bindings.push((place, command, keys));
    }

    /// What a key asks for in a context; the context's own keys go first.
    #[must_use]
    pub fn command(&self, context: Context, key: Key) -> Option<Command> {
        let of =
            |place| self.bindings.iter().find(|(p, _, keys)| *p == place && keys.contains(&key)).map(|(_, c, _)| *c);
        of(context).or_else(|| if context == Context::Field { None } else { of(Context::Global) })
    }

    /// The keys of a command where a context is on.
    #[must_use]
    pub fn keys(&self, context: Context, command: Command) -> &[Key] {
        let of = |place| self.bindings.iter().find(|(p, c, keys)| (*p, *c) == (place, command) && !keys.is_empty());
        of(context).or_else(|| of(Context::Global)).map_or(&[], |(_, _, keys)| keys)
    }

    /// Commands with keys, as the help lists them.
    pub fn of(&self, context: Context) -> impl Iterator<Item = (Command, &[Key])> {
        let mut all: Vec<_> =
            self.bindings.iter().filter(move |(p, _, keys)| *p == context && !keys.is_empty()).collect();
        all.sort_by_key(|(_, command, _)| *command);
        all.into_iter().map(|(_, command, keys)| (*command, keys.as_slice()))
    }
}

fn nearest<'a>(word: &str, all: impl IntoIterator<Item = &'a str>) -> String {
    giqa_host::config::nearest(word, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_keys_have_no_mistakes_and_no_key_twice() {
        let raw: RawKeys = toml::from_str(DEFAULTS).unwrap();
        let mut map = Keymap { bindings: Vec::new() };
        assert_eq!(map.lay(&raw), Vec::<String>::new());
        let keys: usize = raw.values().flat_map(BTreeMap::values).map(Vec::len).sum();
        assert_eq!(
            map.bindings.iter().map(|(_, _, k)| k.len()).sum::<usize>(),
            keys,
            "a key stands twice in a context"
        );
    }

    #[test]
    fn a_file_takes_the_place_of_a_part() {
        let own: RawKeys = toml::from_str("[library]\nreject = [\"a\"]").unwrap();
        let map = Keymap::with(&own).unwrap();
        let key = |text: &str| text.parse::<Key>().unwrap();
        assert_eq!(map.command(Context::Library, key("a")), Some(Command::Reject));
        assert_eq!(map.command(Context::Library, key("x")), None);
        assert_eq!(map.command(Context::Library, key("v")), Some(Command::Review));
        assert_eq!(map.command(Context::Library, key("q")), Some(Command::Quit));
        assert!(map.keys(Context::Library, Command::Accept).is_empty());
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let own: RawKeys =
            toml::from_str("[libary]\nopen = [\"a\"]\n[photo]\nacept = [\"a\"]\nheat = [\"ctrl-\"]").unwrap();
        insta::assert_snapshot!(Keymap::with(&own).unwrap_err().join("\n"));
    }

    proptest! {
        #[test]
        fn keys_read_back(c in any::<char>().prop_filter("printable", |c| !c.is_control()), ctrl: bool, alt: bool) {
            let key = Key { code: KeyCode::Char(c), ctrl, alt, shift: false };
            prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }

        #[test]
        fn nothing_written_panics(text in ".{0,12}") {
            let _ = text.parse::<Key>();
        }
    }
}
