//! Lessons: the chapters of the book, done at the prompt.
//!
//! - [`chapters`]: the book's files, embedded.
//! - [`chapter`]: a file cut into steps, each with a goal.
//! - [`check`]: by what it is known that a goal is met; `judge` says whether it is.
//! - `prose`: the book's text for a terminal.
//! - [`progress`]: which steps were done, in this session and before.
//!
//! A step begins in a fresh worker. After each line it is judged by what the line brought
//! about and by what the kernel shows, and not by what was typed: other names, other ports
//! and another order are as good. What was met once stays met.

pub mod chapter;
pub mod chapters;
pub mod check;
pub(crate) mod judge;
pub mod progress;
pub(crate) mod prose;

use crate::language;
use crate::outcome::Outcome;
use chapter::{Chapter, Step};
use judge::{Evidence, Past};

/// A lesson that is going on.
#[derive(Debug, Clone)]
pub(crate) struct Lesson {
    /// The chapter.
    pub chapter: Chapter,
    /// The number of the step, from 0.
    pub number: usize,
    /// What was met.
    met: Vec<bool>,
    past: Past,
    /// The verbs that were typed.
    done: Vec<String>,
    /// How many hints were given.
    pub hints: usize,
}

/// What a line has to tell of a lesson: its prose, which has the terminal's emphasis in it
/// already, and how far the step has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What comes first: what leads to a goal, or a hint.
    pub first: Vec<String>,
    /// What is to be met, in words, and whether it is.
    pub checks: Vec<(String, bool)>,
    /// What is told now that all are: what was seen, and how to go on. Empty before.
    pub done: Vec<String>,
}

impl Lesson {
    /// A chapter, at one of its steps.
    pub fn new(chapter: Chapter, number: usize) -> Self {
        let count = chapter.steps.get(number).map_or(0, |step| step.checks.len());
        Self { chapter, number, met: vec![false; count], past: Past::default(), done: Vec::new(), hints: 0 }
    }

    /// The step.
    pub fn step(&self) -> Option<&Step> {
        self.chapter.steps.get(self.number)
    }

    /// Whether all is met.
    pub fn is_done(&self) -> bool {
        self.met.iter().all(|met| *met)
    }

    /// The checks in words, and whether they are met.
    pub fn checks(&self) -> Vec<(String, bool)> {
        let checks = self.step().map(|step| step.checks.as_slice()).unwrap_or_default();
        let words = |check: &check::Check| {
            if check.then { format!("then {}", check.words) } else { check.words.clone() }
        };
        checks.iter().map(words).zip(self.met.iter().copied()).collect()
    }

    /// Judges what a line brought about; whether anything was met by it.
    pub fn judge(&mut self, evidence: &Evidence<'_>) -> bool {
        self.past.add(evidence);
        // A call that failed was made, too: some are meant to fail.
        let made = |outcome: &&Outcome| outcome.ok() || outcome.made.is_some();
        if let Some(verb) = evidence.outcome.filter(made).and_then(|outcome| verb_of(&outcome.line)) {
            self.done.push(verb);
        }
        let before = self.met.clone();
        let checks =
            self.chapter.steps.get(self.number).map(|step| step.checks.as_slice()).unwrap_or_default();
        for (number, check) in checks.iter().enumerate() {
            let met = self.past.meets(number, check, evidence);
            let may = !check.then || self.met.iter().take(number).all(|met| *met);
            if let Some(known) = self.met.get_mut(number) {
                *known |= met && may;
            }
        }
        before != self.met
    }

    /// The book's line that comes next, as far as that can be told from the verbs that were
    /// typed; `None` when each of the book's lines has been done in some way.
    pub fn next_line(&self) -> Option<&str> {
        let mut done = self.done.clone();
        self.step()?.lines.iter().map(String::as_str).find(|line| {
            let place = verb_of(line).and_then(|verb| done.iter().position(|done| *done == verb));
            place.map(|place| done.swap_remove(place)).is_none()
        })
    }
}

/// The verb of a line.
fn verb_of(line: &str) -> Option<String> {
    language::parse(line).ok()??.verb.bare().map(str::to_owned)
}
