//! The line editor, and how it asks for completions and hints.

use super::completion::{self, Candidates, Known};
use super::half_line;
use super::hints;
use super::live::Live;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Result};
use std::borrow::Cow;

/// Opens the line editor.
///
/// # Errors
/// When the terminal cannot be used.
pub fn open(live: Live) -> Result<Editor<Helper, FileHistory>> {
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(false).build();
    let mut editor = Editor::with_config(config)?;
    let coloured = colored::control::SHOULD_COLORIZE.should_colorize();
    editor.set_helper(Some(Helper {
        live,
        files: FilenameCompleter::new(),
        addresses: Vec::new(),
        coloured,
    }));
    Ok(editor)
}

/// What the line editor asks.
pub struct Helper {
    live: Live,
    files: FilenameCompleter,
    /// The addresses that were typed, the last one first.
    addresses: Vec<String>,
    coloured: bool,
}

impl Helper {
    /// Remembers the addresses of a line that was entered.
    pub fn remember(&mut self, line: &str) {
        for address in half_line::addresses(line) {
            self.addresses.retain(|known| known != address);
            self.addresses.insert(0, address.to_owned());
        }
    }
}

impl rustyline::Helper for Helper {}

impl Validator for Helper {}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let known = self.live.with(|session| Known::of(session)).unwrap_or_default();
        let known = Known { addresses: self.addresses.clone(), ..known };
        match completion::complete(&line[..pos], &known) {
            Candidates::File => self.files.complete_path(line, pos),
            Candidates::Words(start, words, more) => {
                let gap = if more && pos == line.len() { " " } else { "" };
                let pair = |word: String| Pair { replacement: format!("{word}{gap}"), display: word };
                Ok((start, words.into_iter().map(pair).collect()))
            }
        }
    }
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
        if pos < line.len() { None } else { hints::hint(line).map(Shown) }
    }
}

impl Highlighter for Helper {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.coloured { format!("\x1b[1;32m{prompt}\x1b[0m").into() } else { prompt.into() }
    }

    /// Grey; without colours faint, which is no colour: a hint must not look like what was typed.
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let style = if self.coloured { 90 } else { 2 };
        format!("\x1b[{style}m{hint}\x1b[0m").into()
    }
}
