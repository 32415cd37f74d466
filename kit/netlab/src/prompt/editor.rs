//! The line editor, and how it asks for completions, hints and colours.

use super::completion::{self, Candidate};
use super::half_line;
use super::highlight::highlight;
use super::hints;
use super::keys::Keys;
use super::known::Known;
use super::live::{Live, Stamp};
use super::screen;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Result};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use textwrap::core::display_width;

/// So many lines of history are kept.
const HISTORY: usize = 10_000;

/// Opens the line editor.
///
/// # Errors
/// When the terminal cannot be used.
pub fn open(live: Live, keys: Keys) -> Result<Editor<Helper, FileHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .auto_add_history(false)
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .max_history_size(HISTORY)?
        .build();
    let mut editor = Editor::with_config(config)?;
    keys.bind(&mut editor);
    editor.set_helper(Some(Helper {
        live,
        keys,
        known: RefCell::default(),
        stamp: Cell::default(),
        addresses: Vec::new(),
        coloured: colored::control::SHOULD_COLORIZE.should_colorize(),
        prompt: 0,
        unseen: "",
    }));
    Ok(editor)
}

/// What the line editor asks.
pub struct Helper {
    live: Live,
    keys: Keys,
    /// What could be named when it was last looked at, and when that was.
    known: RefCell<Rc<Known>>,
    stamp: Cell<Stamp>,
    /// The addresses that were typed, the last one first.
    addresses: Vec<String>,
    coloured: bool,
    /// How many columns the prompt takes.
    prompt: usize,
    /// What stands before the line, though it is not shown: an answer is the rest of a line.
    unseen: &'static str,
}

impl Helper {
    /// A line begins, behind a prompt of so many columns; as if `unseen` stood before it.
    pub fn begin(&mut self, prompt: usize, unseen: &'static str) {
        self.prompt = prompt;
        self.unseen = unseen;
    }

    /// Remembers the addresses of a line that was entered.
    pub fn remember(&mut self, line: &str) {
        for address in half_line::addresses(line) {
            self.addresses.retain(|known| known != address);
            self.addresses.insert(0, address.to_owned());
        }
    }

    /// What can be named now. It is asked for with every key: the session is looked into only
    /// after something has happened in it, and not while another thread has it in hand.
    fn known(&self) -> Rc<Known> {
        if let Some((known, stamp)) = self.live.look_unless(self.stamp.get(), Known::of) {
            let known = Known { addresses: self.addresses.clone(), ..known };
            self.known.replace(Rc::new(known));
            self.stamp.set(stamp);
        }
        Rc::clone(&self.known.borrow())
    }
}

impl rustyline::Helper for Helper {}

impl Validator for Helper {
    /// Every line is whole. Behind one that is left by a key, the key is shown.
    fn validate(&self, _: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        Ok(ValidationResult::Valid(self.keys.left().echo().map(str::to_owned)))
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let before = format!("{}{}", self.unseen, &line[..pos]);
        let (start, words) = completion::complete(&before, &self.known());
        let start = start.saturating_sub(self.unseen.len());
        let width = words.iter().map(|word| display_width(&word.text)).max().unwrap_or(0);
        let pair = |word: Candidate| Pair {
            display: shown(&word, width),
            replacement: if word.more && pos == line.len() { word.text + " " } else { word.text },
        };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

/// A candidate as it is listed, in one row: the word and what it is.
fn shown(word: &Candidate, width: usize) -> String {
    if word.about.is_empty() {
        return word.text.clone();
    }
    let gap = " ".repeat(width - display_width(&word.text) + 2);
    let row = format!("{}{gap}{}", word.text, word.about);
    screen::cut(&row, screen::columns().saturating_sub(2))
}

/// A hint that is only looked at: what stands for an argument is not what is typed.
pub struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Helper {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Shown> {
        // A question says what may be answered.
        if pos < line.len() || line.contains('\n') || !self.unseen.is_empty() {
            return None;
        }
        let columns = screen::columns();
        // The last column stays free: a full row would begin another.
        let used = (self.prompt + display_width(line)) % columns.max(1) + 1;
        hints::hint(line, &self.known(), columns.saturating_sub(used)).map(Shown)
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        if self.coloured && self.unseen.is_empty() {
            highlight(line, pos, &self.known()).into()
        } else {
            line.into()
        }
    }

    /// A word may change its colour with every key.
    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.coloured && kind == CmdKind::Other
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.coloured { format!("\x1b[1;32m{prompt}\x1b[0m").into() } else { prompt.into() }
    }

    /// Grey; without colours faint, which is no colour: a hint must not look like what was typed.
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let style = if self.coloured { 90 } else { 2 };
        format!("\x1b[{style}m{hint}\x1b[0m").into()
    }
}
