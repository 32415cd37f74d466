//! Where a socket comes from, and where it went: the lines of the record that gave it its
//! descriptor and took it away.

use super::ends::{Change, End, Owner};
use super::record::{Entry, Record};
use crate::outcome::{JobState, Outcome};

/// The line that gave a socket its descriptor: `socket`, `socketpair`, `accept` and the like. Of a job
/// that is the line which started it.
pub fn made(record: &Record, cookie: u64) -> Option<&Entry> {
    let had = |end: &End| end.fd;
    let entry = record.entries().iter().find(|entry| {
        changes(&entry.outcome).any(|change| match change {
            Change::Appeared(end) => end.cookie == cookie && had(end).is_some(),
            Change::Became(before, after) => {
                after.cookie == cookie && had(before).is_none() && had(after).is_some()
            }
            Change::Vanished(_) => false,
        })
    })?;
    if entry.outcome.made.as_ref().is_some_and(|made| made.call.opens || made.done.last.pair.is_some()) {
        return Some(entry);
    }
    let job = entry.outcome.jobs.iter().find(|job| match &job.what {
        JobState::Returned(made, _) => made.call.opens && made.done.last.ok(),
        _ => false,
    })?;
    let started = |entry: &&Entry| {
        !entry.outcome.line.is_empty() && entry.outcome.jobs.iter().any(|other| other.number == job.number)
    };
    record.entries().iter().find(started)
}

/// The line after which a socket had no descriptor any more.
pub fn closed(record: &Record, cookie: u64) -> Option<&Entry> {
    record.entries().iter().rfind(|entry| {
        changes(&entry.outcome).any(|change| match change {
            Change::Became(before, after) => {
                after.cookie == cookie && before.fd.is_some() && matches!(after.owner, Owner::Closed(_))
            }
            Change::Vanished(end) => end.cookie == cookie && end.fd.is_some(),
            Change::Appeared(_) => false,
        })
    })
}

fn changes(outcome: &Outcome) -> impl Iterator<Item = &Change> {
    outcome.meanwhile.iter().chain(&outcome.changes)
}
