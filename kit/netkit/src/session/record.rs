//! The record: every line of a session with what came of it, and what jobs did between
//! the lines. What is saved, exported, drawn, or done again is made from it.

use crate::outcome::{JobState, Made, Outcome};
use crate::worker::call::Value;
use std::time::{Duration, Instant};

/// So many bytes of what a call sent or received are kept. How many there were stays in
/// the call's result; those that are left out can be made again from the line.
pub const KEPT: usize = 64 << 10;

/// What happened in a session so far, in order.
#[derive(Debug, Clone)]
pub struct Record {
    began: Instant,
    lines: u32,
    entries: Vec<Entry>,
    /// The lines after which there was a fresh worker.
    fresh: Vec<u32>,
}

/// A line that was run, or news of jobs that came between two lines.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The line's number, from 1; news between lines have that of the line before them.
    pub number: u32,
    /// How deep in sourced files the line stood: 0 for one that was typed.
    pub depth: u32,
    /// When it was begun, counted from the start of the session.
    pub began: Duration,
    /// When it was over.
    pub ended: Duration,
    /// What came of it. Its `line` is empty for news between lines.
    pub outcome: Outcome,
}

impl Default for Record {
    fn default() -> Self {
        Self { began: Instant::now(), lines: 0, entries: Vec::new(), fresh: Vec::new() }
    }
}

impl Record {
    /// All of it, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What happened to the sockets of the present worker.
    pub fn present(&self) -> impl Iterator<Item = &Entry> {
        let fresh = self.fresh_before(self.lines);
        self.entries.iter().filter(move |entry| fresh == 0 || entry.number > fresh)
    }

    /// The number of the line that runs now, or that was the last to run.
    pub fn line(&self) -> u32 {
        self.lines
    }

    /// Counts the line that begins now, and gives its number and the time.
    pub(super) fn begin(&mut self) -> (u32, Duration) {
        self.lines += 1;
        (self.lines, self.began.elapsed())
    }

    /// Notes that the lines from the next one on are of a fresh worker.
    pub(super) fn begins_afresh(&mut self) {
        self.fresh.push(self.lines);
    }

    /// The line after which the worker began that ran a line: 0 for the first one.
    pub(super) fn fresh_before(&self, line: u32) -> u32 {
        self.fresh.iter().copied().filter(|fresh| *fresh <= line).max().unwrap_or(0)
    }

    /// Takes out all that came after a line.
    pub(super) fn cut(&mut self, line: u32) -> Self {
        let (kept, cut) =
            std::mem::take(&mut self.entries).into_iter().partition(|entry| entry.number <= line);
        self.entries = kept;
        self.fresh.retain(|fresh| *fresh <= line);
        let lines = std::mem::replace(&mut self.lines, line);
        Self { began: self.began, lines, entries: cut, fresh: Vec::new() }
    }

    /// Takes up a line again that already had its number, and gives the time.
    pub(super) fn take_up(&mut self, number: u32) -> Duration {
        self.lines = number;
        self.began.elapsed()
    }

    /// The time since the session began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Adds what came of the line of this number, or of jobs after it.
    pub(super) fn add(&mut self, number: u32, depth: u32, began: Duration, outcome: &Outcome) {
        let mut outcome = outcome.clone();
        let jobs = outcome.jobs.iter_mut().filter_map(|job| match &mut job.what {
            JobState::Returned(made, _) | JobState::Cancelled(made) => Some(made),
            _ => None,
        });
        outcome.made.iter_mut().chain(jobs).for_each(shorten);
        self.entries.push(Entry { number, depth, began, ended: self.began.elapsed(), outcome });
    }
}

/// Leaves out what is more than [`KEPT`].
fn shorten(made: &mut Made) {
    for value in &mut made.call.arguments {
        if let Value::Bytes(bytes) = value {
            bytes.truncate(KEPT);
            bytes.shrink_to_fit();
        }
    }
    if let Some(data) = &mut made.done.last.data {
        data.truncate(KEPT);
        data.shrink_to_fit();
    }
}
