//! How a session is set up.

use super::names::{Names, Naming};
use super::programs::Surroundings;
use crate::outcome::Blocked;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What is called when a line's call blocks.
pub type OnBlocked = Box<dyn FnMut(&Blocked, &Names) + Send>;

/// What is called with lines that are to be read while their verb still runs.
pub type OnLines = Box<dyn FnMut(&[String]) + Send>;

/// How a session is set up.
pub struct Options {
    /// The program that runs as the worker: one whose `main` starts with
    /// [`is_worker`](crate::worker::is_worker).
    pub worker: PathBuf,
    /// How addresses are written.
    pub naming: Naming,
    /// From which nonces and random bytes come.
    pub seed: u64,
    /// How long a line may take; without one it is waited for until it is interrupted.
    pub limit: Option<Duration>,
    /// Whether each look waits until the kernel has come to rest, so that what is shown
    /// does not depend on when one looks.
    pub settle: bool,
    /// Commands behind the names that `start` knows, before the search path.
    pub programs: BTreeMap<String, Vec<String>>,
    /// What the programs find around them when they start.
    pub surroundings: Surroundings,
    /// When it is told what became of calls in the background.
    pub job_news: JobNewsTime,
    /// Told, while a line is still running, that its call is blocked.
    pub on_blocked: OnBlocked,
    /// Told lines that a verb shows while it is still running; without it they stand in
    /// the verb's report.
    pub on_lines: Option<OnLines>,
    /// Called, on a thread of its own, whenever something has happened that
    /// [`Session::news`](super::Session::news) may tell of.
    pub on_news: Box<dyn Fn() + Send + Sync>,
}

/// When it is told what became of calls in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobNewsTime {
    /// By the first line that finds something new.
    AtOnce,
    /// By the line that asks: `wait`, `cancel`. Which line a call returns in depends on
    /// who is faster; a transcript that has to be the same on every run must not show it.
    WhenAsked,
}

impl Options {
    /// A session whose lines may take as long as they do, and that nobody is told of
    /// while they run.
    pub fn new(worker: PathBuf, naming: Naming) -> Self {
        Self {
            worker,
            naming,
            seed: 1,
            limit: None,
            settle: true,
            programs: BTreeMap::new(),
            surroundings: Surroundings::default(),
            job_news: JobNewsTime::AtOnce,
            on_blocked: Box::new(|_, _| {}),
            on_lines: None,
            on_news: Box::new(|| {}),
        }
    }
}
