//! The lines of earlier sessions, kept where the XDG base directory specification puts what a
//! program remembers: `$XDG_STATE_HOME/netlab/history`.

use crate::complain;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Editor, Helper};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Where lines are kept, while they can be kept.
pub struct History {
    path: Option<PathBuf>,
}

impl History {
    /// Gives the editor the lines of earlier sessions, if there are any.
    pub fn open(editor: &mut Editor<impl Helper, FileHistory>) -> Self {
        let mut history = Self { path: None };
        let Some(path) = path() else {
            complain("this session's lines are not kept: HOME is not set");
            return history;
        };
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(ReadlineError::from);
        let loaded = folder.and_then(|()| match editor.load_history(&path) {
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(()),
            loaded => loaded,
        });
        history.path = Some(path);
        history.note(loaded);
        history
    }

    /// Adds a line, for the editor and for later sessions.
    pub fn add(&mut self, editor: &mut Editor<impl Helper, FileHistory>, line: &str) {
        let added = editor.add_history_entry(line).map(|_| ());
        let kept = added.and_then(|()| match &self.path {
            Some(path) => editor.append_history(path),
            None => Ok(()),
        });
        self.note(kept);
    }

    /// Says once that lines cannot be kept, and tries no more.
    fn note(&mut self, result: Result<(), ReadlineError>) {
        let Err(error) = result else { return };
        if let Some(path) = self.path.take() {
            complain(&format!("this session's lines are not kept in {}: {error}", path.display()));
        }
    }
}

/// The file; the specification has relative paths ignored.
fn path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("netlab/history"))
}
