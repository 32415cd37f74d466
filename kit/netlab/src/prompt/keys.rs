//! Keys that leave the line otherwise than by Enter: Ctrl-C, Ctrl-Z.
//!
//! The editor would leave the hint of a line behind on the screen when Ctrl-C is pressed, and
//! would stop the program itself for Ctrl-Z. So these keys accept the line as Enter does,
//! which clears the hint, and say here how it was meant.

use rustyline::history::FileHistory;
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, Helper, KeyEvent, RepeatCount,
};
use std::sync::{Arc, Mutex, PoisonError};

/// How a line was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Left {
    /// It was entered.
    #[default]
    Entered,
    /// Ctrl-C: it is not wanted any more.
    Cleared,
    /// Ctrl-Z, with the cursor at this byte: the program is to stop, and the line to be there
    /// again when it goes on.
    Stopped(usize),
}

impl Left {
    /// What the terminal would show for the key.
    pub fn echo(self) -> Option<&'static str> {
        match self {
            Self::Entered => None,
            Self::Cleared => Some("^C"),
            Self::Stopped(_) => Some("^Z"),
        }
    }
}

/// How the last line was left, as the keys say.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<Mutex<Left>>);

impl Keys {
    /// How the line was left.
    pub fn left(&self) -> Left {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next line begins.
    pub fn begin(&self) {
        self.note(Left::Entered);
    }

    fn note(&self, left: Left) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }

    /// Binds the keys.
    pub fn bind(&self, editor: &mut Editor<impl Helper, FileHistory>) {
        let keys = [
            (KeyEvent::ctrl('C'), Key::Clear),
            (KeyEvent::ctrl('Z'), Key::Stop),
            // A key that was meant otherwise at a question of the editor's is not meant any more.
            (KeyEvent::ctrl('M'), Key::Enter),
            (KeyEvent::ctrl('J'), Key::Enter),
        ];
        for (event, key) in keys {
            let bound = Bound { key, keys: self.clone() };
            editor.bind_sequence(event, EventHandler::Conditional(Box::new(bound)));
        }
    }
}

#[derive(Clone, Copy)]
enum Key {
    Clear,
    Stop,
    Enter,
}

struct Bound {
    key: Key,
    keys: Keys,
}

impl ConditionalEventHandler for Bound {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let (left, command) = match self.key {
            Key::Clear => (Left::Cleared, Some(Cmd::AcceptLine)),
            Key::Stop => (Left::Stopped(context.pos()), Some(Cmd::AcceptLine)),
            // What the key does by itself.
            Key::Enter => (Left::Entered, None),
        };
        self.keys.note(left);
        command
    }
}
