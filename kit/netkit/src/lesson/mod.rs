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
use crate::verbs::{self, Group};
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
        if let Some(outcome) = evidence.outcome.filter(made) {
            self.done.push(outcome.line.trim().to_owned());
        }
        let before = self.met.clone();
        let checks =
            self.chapter.steps.get(self.number).map(|step| step.checks.as_slice()).unwrap_or_default();
        for (number, check) in checks.iter().enumerate() {
            // What comes too early for its place in the order is not counted, either.
            let may = !check.then || self.met.iter().take(number).all(|met| *met);
            let met = may && self.past.meets(number, check, evidence);
            if let Some(known) = self.met.get_mut(number) {
                *known |= met;
            }
        }
        before != self.met
    }

    /// Whether nothing but the book's lines was typed; the last of them need not have been,
    /// for a step is done as soon as its goal is reached.
    pub fn was_done_as_in_the_book(&self) -> bool {
        // To ask for a hint, or for the lesson itself, is no way of doing it.
        let counts = |line: &&String| {
            let verb = verb_of(line).and_then(|verb| verbs::find(&verb));
            verb.is_some_and(|verb| !matches!(verb.group, Group::Learn | Group::Session))
        };
        let mut lines = self.done.iter().filter(counts);
        self.step().is_some_and(|step| lines.all(|line| step.lines.contains(line)))
    }

    /// The book's line that comes next, as far as that can be told from the verbs that were
    /// typed; `None` when each of the book's lines has been done in some way.
    pub fn next_line(&self) -> Option<&str> {
        let mut done: Vec<String> = self.done.iter().filter_map(|line| verb_of(line)).collect();
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
