//! What came of a line: facts, before anyone has put them into words.

use crate::data::printable;
use crate::kernel::thread::ThreadFact;
use crate::lesson::Told;
use crate::predict::Verdict;
use crate::session::ends::Change;
use crate::worker::call::{Call, Done};
use std::ops::Range;

/// Everything that one line brought about.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The line as it was typed.
    pub line: String,
    /// What changed since the line before, and not by this one.
    pub meanwhile: Vec<Change>,
    /// The call that the line made, when it has returned.
    pub made: Option<Made>,
    /// The proof that the line's call was blocked for a while before it returned.
    pub blocked: Option<Blocked>,
    /// What is worth noticing about the call's result.
    pub notes: Vec<String>,
    /// What changed in the kernel.
    pub changes: Vec<Change>,
    /// What became of calls in the background.
    pub jobs: Vec<JobNews>,
    /// What a looking verb has to show.
    pub report: Option<Report>,
    /// Why the line failed.
    pub failure: Option<Failure>,
    /// How what was expected of the call compares with what happened; and how many such
    /// predictions were right so far, in words.
    pub prediction: Option<(Verdict, String)>,
    /// What it has to tell of a lesson.
    pub lesson: Option<Told>,
    /// Whether the line said, by `!`, that it would fail, and it did.
    pub expected: bool,
}

/// A call and what it returned.
#[derive(Debug, Clone)]
pub struct Made {
    /// What was called.
    pub call: Call,
    /// What came back.
    pub done: Done,
}

/// News of a job: a call that was sent to the background with `&`.
#[derive(Debug, Clone)]
pub struct JobNews {
    /// The job's number.
    pub number: u32,
    /// What is new.
    pub what: JobState,
}

/// The state of a job.
#[derive(Debug, Clone)]
pub enum JobState {
    /// It has not returned and is not known to be asleep in its call.
    Running(Call),
    /// It was in the foreground, and goes on in the background.
    SentAway(Call),
    /// It is asleep in its call.
    Blocked(Blocked),
    /// It has returned.
    Returned(Made, Option<Failure>),
    /// It was cut short by `cancel`.
    Cancelled(Made),
}

/// A call that has not returned, with the proof.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// The call.
    pub call: Call,
    /// What its thread is doing.
    pub thread: ThreadFact,
    /// What it waits for, from what the kernel shows.
    pub why: Vec<String>,
    /// What would end the wait.
    pub next: Vec<String>,
}

/// What a looking verb shows: the same facts for people and for programs.
#[derive(Debug, Clone)]
pub struct Report {
    /// For people: finished lines.
    pub lines: Vec<String>,
    /// For programs.
    pub facts: serde_json::Value,
}

/// Why a line failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// What had come before it failed, a line each.
    pub came: Box<[String]>,
    /// What was tried, on what, and what the system said; or what is wrong with the line.
    pub message: String,
    /// The error number, when a call failed.
    pub errno: Option<i32>,
    /// Why the system said so here: what was found out about it.
    pub why: Vec<String>,
    /// What to do, or to type, next.
    pub next: Vec<String>,
    /// Which bytes of the line are meant, when the line itself is wrong.
    pub span: Option<Range<usize>>,
}

impl Outcome {
    /// Whether the line did what it was meant to do.
    pub fn ok(&self) -> bool {
        self.failure.is_none() || self.expected
    }

    /// The line as it is shown again: without anything in it that steers a terminal.
    pub fn shown_line(&self) -> String {
        printable(self.line.trim())
    }
}

impl Failure {
    /// A failure with a message and nothing else yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// With a piece of advice.
    #[must_use]
    pub fn next(mut self, advice: impl Into<String>) -> Self {
        self.next.push(advice.into());
        self
    }

    /// With the place in the line that is meant.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }
}

impl Report {
    /// A report whose lines are its facts, too.
    pub fn of_lines(lines: Vec<String>) -> Self {
        let facts = serde_json::json!({ "lines": lines });
        Self { lines, facts }
    }
}
