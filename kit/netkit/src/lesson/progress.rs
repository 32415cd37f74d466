//! Which steps have been done, kept where the XDG base directory specification puts what a
//! program remembers: `$XDG_STATE_HOME/netlab/lessons.json`.
//!
//! A step is remembered by its goal's sentence, so that a chapter may get further ones.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The goals that were met, by chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    chapters: BTreeMap<String, BTreeSet<String>>,
}

/// Progress, and where it is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    progress: Progress,
    /// Whether it could not be kept; that is said once.
    in_vain: bool,
    read: bool,
}

impl Progress {
    /// Whether a goal of a chapter was met.
    pub fn has(&self, chapter: &str, goal: &str) -> bool {
        self.chapters.get(chapter).is_some_and(|goals| goals.contains(goal))
    }
}

impl Kept {
    /// What was done, with what is to be said if it cannot be read.
    pub(crate) fn look(&mut self) -> (&Progress, Option<String>) {
        let mut said = None;
        if !std::mem::replace(&mut self.read, true) {
            match path().and_then(|path| read(&path)) {
                Ok(progress) => self.progress = progress,
                Err(problem) => said = Some(self.complain(&problem)),
            }
        }
        (&self.progress, said)
    }

    /// Notes that a goal was met; what is to be said if that cannot be kept.
    pub(crate) fn done(&mut self, chapter: &str, goal: &str) -> Option<String> {
        let (_, said) = self.look();
        self.progress.chapters.entry(chapter.to_owned()).or_default().insert(goal.to_owned());
        if self.in_vain {
            return said;
        }
        match path().and_then(|path| self.write(&path)) {
            Ok(()) => None,
            Err(problem) => Some(self.complain(&problem)),
        }
    }

    fn complain(&mut self, problem: &str) -> String {
        self.in_vain = true;
        format!("your progress is not kept: {problem}")
    }

    /// Adds what is in the file, where another session may have written, and replaces it whole.
    fn write(&mut self, path: &Path) -> Result<(), String> {
        for (chapter, goals) in read(path)?.chapters {
            self.progress.chapters.entry(chapter).or_default().extend(goals);
        }
        let text = serde_json::to_string_pretty(&self.progress).map_err(|error| error.to_string())?;
        let new = path.with_extension(format!("new.{}", std::process::id()));
        let written = || {
            if let Some(folder) = path.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            fs::rename(&new, path)
        };
        written().map_err(|error: io::Error| {
            // It may not even be there.
            let _ = fs::remove_file(&new);
            format!("cannot write {}: {error}", path.display())
        })
    }
}

fn read(path: &Path) -> Result<Progress, String> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            format!("{} is not as it was written: {error}; remove it to begin anew", path.display())
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Progress::default()),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

/// The file; the specification has relative paths ignored.
fn path() -> Result<PathBuf, String> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(absolute("HOME")?.join(".local/state"));
    let state = absolute("XDG_STATE_HOME").or_else(home).ok_or("HOME is not set")?;
    Ok(state.join("netlab/lessons.json"))
}
