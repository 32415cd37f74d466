//! Going back: the lines up to one are run again, in a fresh worker.
//!
//! Nothing that happened can be undone in the kernel. So the old worker ends, with all of
//! its sockets, and what the record says is done once more. What comes out differently, and
//! what cannot come back at all, is told.

use super::Session;
use super::ends::{End, Owner};
use super::past::{Past, own};
use super::record::{Entry, KEPT, Record};
use super::replay::{self, Again, Step};
use crate::kernel::sock_diag::Protocol;
use crate::language;
use crate::outcome::{Failure, JobState, Made, Outcome};
use crate::render::text;
use crate::session::names::{Names, Naming};
use crate::worker::call::{self, Call, Until, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::time::Duration;

/// So much longer than it took then may a line take that is run again: what it waited for
/// may never come.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of going back.
#[derive(Debug, Default)]
pub(crate) struct Rewound {
    /// What ended differently, a sentence each.
    pub differences: Vec<String>,
    /// What is not as it was, and cannot be.
    pub lost: Vec<String>,
}

impl Session {
    /// The last line that changed something.
    pub(crate) fn last_change(&self) -> Option<Step> {
        replay::steps(&self.record).into_iter().rev().find(|step| step.again.changes())
    }

    /// Goes back to after a line.
    pub(crate) fn rewind(&mut self, to: u32) -> Result<Rewound, Failure> {
        let paths = replay::paths(&self.record);
        let names = self.names.clone();
        self.begin_afresh()?;
        remove_sockets(&paths);
        let then = self.record.cut(self.record.fresh_before(to));
        let steps = replay::steps(&then);
        let mut comparison = Comparison::new(&then, to);
        let limit = self.options.limit;
        let on_blocked = std::mem::replace(&mut self.options.on_blocked, Box::new(|_, _| {}));
        let depth = self.depth;
        for step in steps.iter().filter(|step| step.number <= to) {
            let Some(entry) = then.entries().iter().find(|entry| is_line(entry, step.number)) else {
                continue;
            };
            self.depth = step.depth;
            let began = self.record.take_up(step.number);
            self.options.limit = Some(entry.ended.saturating_sub(entry.began) + PATIENCE);
            let outcome = match step.again {
                Again::Run | Again::Fails => {
                    let outcome = self.run_again(&step.text);
                    comparison.line(step, &entry.outcome, &outcome, &names, &self.names);
                    outcome
                }
                Again::Interrupted => self.interrupt_again(&step.text, &entry.outcome),
                _ => without_changes(&entry.outcome),
            };
            comparison.sockets(step.number, &self.ends);
            self.record.add(step.number, step.depth, began, &outcome);
        }
        self.record.take_up(to);
        self.depth = depth;
        self.options.limit = limit;
        self.options.on_blocked = on_blocked;
        let lost = lost(&steps, to, &comparison.past, &self.ends, self.options.naming);
        Ok(Rewound { differences: comparison.sentences(&self.record), lost })
    }

    fn run_again(&mut self, text: &str) -> Outcome {
        let mut outcome = Outcome { line: text.to_owned(), ..Outcome::default() };
        if let Ok(Some(line)) = language::parse(text) {
            outcome.failure = self.run_line(&line, &mut outcome).err().or(outcome.failure);
        }
        outcome
    }

    /// Makes a call that was interrupted then: as a job, cancelled once it blocks. What is
    /// recorded is the line as it was typed.
    fn interrupt_again(&mut self, text: &str, then: &Outcome) -> Outcome {
        let started = self.run_again(&replay::background(text).unwrap_or_default());
        let job = self.jobs().last().map(|(number, _)| number);
        let cancelled = job.map(|job| self.run_again(&format!("cancel {job}")));
        self.calls.forget_last_job();
        let mut outcome = without_changes(then);
        for again in [Some(started), cancelled].into_iter().flatten() {
            outcome.changes.extend(again.meanwhile.into_iter().chain(again.changes));
        }
        outcome
    }

    /// Has the connections of the old worker broken off when it ends, not ended in good order:
    /// else a port could be taken for a minute by a connection in TIME-WAIT.
    pub(super) fn sever(&mut self) {
        let tcp = self.ends.iter().filter(|end| end.protocol == Protocol::Tcp);
        // A struct linger, on with 0 seconds.
        let linger = [1_i32, 0].map(i32::to_ne_bytes).concat();
        let set = |fd| {
            let level = Value::Number(libc::SOL_SOCKET.into());
            let option = Value::Number(libc::SO_LINGER.into());
            let value = Value::Memory(call::Memory::told(linger.clone(), "{1, 0}"));
            Call::once("setsockopt", libc::SYS_setsockopt, vec![Value::Descriptor(fd), level, option, value])
        };
        let calls = tcp.filter_map(|end| end.fd).map(set).collect();
        // A worker that is gone has no connections any more.
        let _ = self.make_quietly(calls);
    }
}

/// Removes the files of sockets that are gone: no other socket can be bound there before.
fn remove_sockets(paths: &BTreeSet<PathBuf>) {
    for path in paths {
        if fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket()) {
            // If it cannot be removed, the line that binds says so.
            let _ = fs::remove_file(path);
        }
    }
}

fn is_line(entry: &Entry, number: u32) -> bool {
    entry.number == number && !entry.outcome.line.is_empty()
}

/// What came of a line that is not run again: what it said, without changes of sockets
/// that are no more.
fn without_changes(outcome: &Outcome) -> Outcome {
    Outcome { meanwhile: Vec::new(), changes: Vec::new(), jobs: Vec::new(), ..outcome.clone() }
}

/// The states of the sockets that have a descriptor, by label.
type States = BTreeMap<String, &'static str>;

fn states<'a>(ends: impl Iterator<Item = &'a End>) -> States {
    ends.filter(|end| end.fd.is_some()).map(|end| (end.label(), end.state.name())).collect()
}

/// What was then, beside what is now.
struct Comparison {
    /// The sockets as they were after the last line that is run again.
    past: Past,
    /// The states after each line.
    then: BTreeMap<u32, States>,
    /// What became of the jobs.
    jobs: BTreeMap<u32, Option<Made>>,
    /// Since which line a socket is in another state, and the sentence that says so.
    states: BTreeMap<String, (u32, String)>,
    sentences: Vec<String>,
}

impl Comparison {
    fn new(record: &Record, to: u32) -> Self {
        let mut past = Past::default();
        let mut then = BTreeMap::new();
        let mut last = 0;
        for entry in record.entries() {
            // What changed before a line began came of the line before.
            if last <= to {
                past.then(&entry.outcome.meanwhile);
                then.insert(last, states(past.own()));
            }
            last = entry.number;
            if last > to {
                break;
            }
            past.then(&entry.outcome.changes);
            then.insert(last, states(past.own()));
        }
        Self { past, then, jobs: jobs(record, to), states: BTreeMap::new(), sentences: Vec::new() }
    }

    /// Compares what came of a line.
    fn line(&mut self, step: &Step, then: &Outcome, now: &Outcome, old: &Names, new: &Names) {
        let same = match (&then.made, &now.made) {
            (Some(then), Some(now)) => same(then, now),
            (None, None) => said(then) == said(now),
            _ => false,
        };
        if !same {
            let (now, then) = (result(now, new), result(then, old));
            self.sentences.push(format!("line {}, `{}`: {now} now, {then} then", step.number, step.text));
        }
    }

    /// Compares the sockets after a line.
    fn sockets(&mut self, number: u32, ends: &[End]) {
        let now = states(own(ends.iter()));
        let Some(then) = self.then.get(&number) else { return };
        let differs = |label: &&String| then.get(*label) != now.get(*label);
        let labels: Vec<&String> = then.keys().chain(now.keys()).filter(differs).collect();
        self.states.retain(|label, _| labels.contains(&label));
        for label in labels {
            let state = |states: &States| states.get(label).copied().unwrap_or("not there");
            let what = format!("{label} is {} now, and was {} then", state(&now), state(then));
            self.states.entry(label.clone()).or_insert_with(|| (number, String::new())).1 = what;
        }
    }

    fn sentences(mut self, record: &Record) -> Vec<String> {
        let now = jobs(record, record.line());
        for (job, then) in &self.jobs {
            let same_end = match (then, now.get(job).unwrap_or(&None)) {
                (Some(then), Some(now)) => same(then, now),
                (then, now) => then.is_none() && now.is_none(),
            };
            if !same_end {
                let returned = now.get(job).is_some_and(Option::is_some);
                let word = match (returned, then) {
                    (true, Some(_)) => "has returned something else",
                    (true, None) => "has returned, and had not",
                    (false, _) => "has not returned, and had",
                };
                self.sentences.push(format!("job {job} {word}"));
            }
        }
        let states = self.states.into_values();
        self.sentences.extend(states.map(|(number, what)| format!("after line {number} {what}")));
        self.sentences
    }
}

/// The jobs that were started up to a line, with what they returned up to there.
fn jobs(record: &Record, to: u32) -> BTreeMap<u32, Option<Made>> {
    let mut jobs = BTreeMap::new();
    for job in
        record.entries().iter().filter(|entry| entry.number <= to).flat_map(|entry| &entry.outcome.jobs)
    {
        let made = match &job.what {
            JobState::Returned(made, _) | JobState::Cancelled(made) => Some(made.clone()),
            _ => None,
        };
        jobs.insert(job.number, made);
    }
    jobs
}

/// Whether a call ended in the same way.
fn same(then: &Made, now: &Made) -> bool {
    let essence = |made: &Made| {
        let last = &made.done.last;
        // In how many calls a loop was done is chance.
        let value = (made.call.until == Until::Returned).then_some(last.value);
        (last.errno, value, made.done.bytes, made.done.end)
    };
    // Of much data only the beginning is on record.
    let data = |made: &Made| made.done.last.data.clone().unwrap_or_default().into_iter().take(KEPT);
    essence(then) == essence(now) && data(then).eq(data(now))
}

/// What a line gave, in a few words; of a call that opens a descriptor, which one.
fn result(outcome: &Outcome, names: &Names) -> String {
    match &outcome.made {
        Some(made) if made.call.opens && made.done.last.ok() => {
            format!("descriptor {}", made.done.last.value)
        }
        _ => text::result(outcome, names),
    }
}

/// What a line said that made no call. What `start` says is the number of a process.
fn said(outcome: &Outcome) -> Option<&[String]> {
    let starts =
        language::parse(&outcome.line).ok().flatten().is_some_and(|line| line.verb.bare() == Some("start"));
    let report = outcome.report.as_ref().map(|report| report.lines.as_slice());
    report.map(|lines| if starts { &[] } else { lines })
}

/// What cannot be as it was.
fn lost(steps: &[Step], to: u32, past: &Past, now: &[End], naming: Naming) -> Vec<String> {
    let mut lost = Vec::new();
    for step in steps.iter().filter(|step| step.number <= to) {
        lost.extend(step.notes.iter().map(|note| format!("line {}: {note}", step.number)));
        match step.again {
            Again::Sleep => lost.push(format!("time: line {}, `{}`, was left out", step.number, step.text)),
            Again::Interrupted => lost.push(format!(
                "line {}, `{}`, was interrupted then; now it was made again, and interrupted as soon as it blocked",
                step.number, step.text
            )),
            _ => {}
        }
    }
    for step in steps.iter().filter(|step| step.again == Again::Run) {
        let Ok(Some(line)) = language::parse(&step.text) else { continue };
        if line.verb.bare() == Some("start") {
            let what = if step.number <= to { "it was started anew" } else { "it was ended" };
            lost.push(format!("what the program of line {} did and knew: {what}", step.number));
        }
    }
    for end in past.own().filter(|end| end.fd.is_some()) {
        let inside = past.all().any(|other| other.faces(end) && other.owner != Owner::Other);
        if let (Some(remote), false) = (&end.remote, inside) {
            lost.push(format!(
                "what {} and {remote} sent each other: {remote} is not of this session",
                end.label()
            ));
        }
    }
    // A connection that was accepted has its listener's address.
    let mut told = BTreeSet::new();
    let first = past.own().filter(|end| end.local.clone().is_some_and(|local| told.insert(local)));
    let moved: Vec<String> = first.filter_map(|then| moved(then, now, naming)).collect();
    if !moved.is_empty() {
        lost.push(format!("ports that the kernel chooses: {}", moved.join(", ")));
    }
    lost
}

/// A socket that has another address now.
fn moved(then: &End, now: &[End], naming: Naming) -> Option<String> {
    let label = then.label();
    let now = own(now.iter()).find(|end| end.fd.is_some() && end.fd == then.fd && end.label() == label)?;
    let (old, new) = (then.local.as_ref()?, now.local.as_ref()?);
    match naming {
        _ if old == new => None,
        Naming::Numbers => Some(format!("{label} has {new} now, and had {old}")),
        Naming::Names => Some(format!("{label} has another one")),
    }
}
