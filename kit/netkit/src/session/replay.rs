//! Doing a session again: what becomes of each of its lines in a script (`save`) or in a
//! fresh worker (`rewind`).

use super::ends::End;
use super::past::Past;
use super::record::{Entry, Record};
use crate::address::{self, Address, UnixAddress, Written};
use crate::language::{self, Line, Word, values};
use crate::outcome::{JobState, Made, Outcome};
use crate::verbs::{self, Group, Kind, Run};
use crate::worker::call::End as LoopEnd;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A line of the record, and how it is done again.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The line's number.
    pub number: u32,
    /// How deep in sourced files it stood.
    pub depth: u32,
    /// The line, with the names of sockets in place of ports that will be other ones.
    pub text: String,
    /// How it is done again.
    pub again: Again,
    /// What in it cannot be the same again.
    pub notes: Vec<String>,
}

/// How a line is done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// By running it.
    Run,
    /// Its call failed, and will fail again.
    Fails,
    /// Its call blocked until it was interrupted: it is made in the background and
    /// cancelled when it blocks.
    Interrupted,
    /// It did nothing but let time pass.
    Sleep,
    /// It only looked.
    Look,
    /// It said what the next call would do.
    Expects,
    /// It failed before anything was done.
    Nothing,
    /// It was about the session itself: `help`, `save`.
    Aside,
}

impl Again {
    /// Whether the line changed something.
    pub(crate) fn changes(self) -> bool {
        matches!(self, Self::Run | Self::Fails | Self::Interrupted)
    }
}

/// What a replacement replaces in a line.
type Edit = (Range<usize>, String);

/// The lines of a record that the present worker has run, as they are done again.
pub(crate) fn steps(record: &Record) -> Vec<Step> {
    let mut past = Past::default();
    let mut ports = Ports::default();
    let mut steps = Vec::new();
    let fresh = record.fresh_before(record.line());
    for entry in record.entries().iter().filter(|entry| fresh == 0 || entry.number > fresh) {
        let outcome = &entry.outcome;
        past.then(&outcome.meanwhile);
        ports.seen(&past);
        if let Ok(Some(line)) = language::parse(&outcome.line) {
            steps.push(step(entry, &line, &past, &mut ports));
        }
        past.then(&outcome.changes);
        ports.seen(&past);
    }
    steps
}

fn step(entry: &Entry, line: &Line, past: &Past, ports: &mut Ports) -> Step {
    let mut edits = Vec::new();
    let mut notes = Vec::new();
    for (kind, word) in arguments(line) {
        let Some(written) = word.bare().and_then(|text| address::parse(text).ok()) else { continue };
        let port = written.port().unwrap_or(0);
        if !matches!(kind, Kind::Address | Kind::OwnAddress | Kind::Command) || !ports.chosen(port) {
            continue;
        }
        let typed = if let Written::Address(address) = written { Some(address.reachable()) } else { None };
        let at = |end: &&End| {
            let local = end.local.as_ref().map(Address::reachable);
            end.fd.is_some()
                && local.zip(typed.as_ref()).is_some_and(|(local, typed)| local.is_same_place(typed))
        };
        // A listener is meant rather than the connections that share its port.
        let mut there: Vec<&End> = past.own().filter(at).collect();
        there.sort_by_key(|end| end.remote.is_some());
        match there.first() {
            Some(end) if matches!(kind, Kind::Command) => {
                edits.push((word.span.clone(), format!("\"\\({})\"", end.label())));
            }
            Some(end) => edits.push((word.span.clone(), end.label())),
            None => notes.push(format!(
                "the kernel chose port {port}, and no socket had it any more: next time it is another one"
            )),
        }
    }
    if line.verb.bare() == Some("bind")
        && let Some(address) = entry.outcome.made.as_ref().and_then(|made| made.call.address())
    {
        ports.typed.extend(address.port());
    }
    let text = edited(&entry.outcome.line, edits);
    let text = if line.fails { text.trim_start().trim_start_matches('!') } else { &text }.trim().to_owned();
    // A call that Ctrl-Z made a job of is one from the start.
    let away = entry.outcome.jobs.iter().any(|job| matches!(job.what, JobState::SentAway(_)));
    if away && let Some(again) = background(&text) {
        return Step { number: entry.number, depth: entry.depth, text: again, again: Again::Run, notes };
    }
    let (text, again) = brought_back(&entry.outcome, line).unwrap_or((text, again(&entry.outcome, line)));
    Step { number: entry.number, depth: entry.depth, text, again, notes }
}

/// What a line that brought a job back comes to: waiting for its end, or cancelling it. Where
/// it was sent away again, nothing.
fn brought_back(outcome: &Outcome, line: &Line) -> Option<(String, Again)> {
    if line.verb.bare() != Some("fg") || outcome.failure.is_some() {
        return None;
    }
    let ended = outcome.jobs.iter().rev().find_map(|news| match news.what {
        JobState::Returned(..) => Some(format!("wait {}", news.number)),
        JobState::Cancelled(_) => Some(format!("cancel {}", news.number)),
        _ => None,
    });
    Some(ended.map_or_else(|| (outcome.line.clone(), Again::Aside), |text| (text, Again::Run)))
}

/// A line with an `&` behind it, where there is none yet; before a comment.
pub(crate) fn background(text: &str) -> Option<String> {
    let line = language::parse(text).ok()??;
    let end = line.arguments.last().map_or(line.verb.span.end, |word| word.span.end);
    (!line.background).then(|| format!("{} &{}", &text[..end], &text[end..]))
}

/// A line's words, each with what it is to the line's verb.
fn arguments(line: &Line) -> impl Iterator<Item = (Kind, &Word)> {
    let described = line.verb.bare().and_then(verbs::find).map_or(&[][..], |verb| verb.arguments);
    let last = described.last().map(|argument| argument.kind);
    line.arguments.iter().enumerate().filter_map(move |(place, word)| {
        let kind = described.get(place).map(|argument| argument.kind);
        // A command goes on to the end of the line.
        Some((kind.or(last.filter(|kind| matches!(kind, Kind::Command)))?, word))
    })
}

/// A text with some of its parts replaced.
fn edited(text: &str, edits: Vec<Edit>) -> String {
    let mut text = text.to_owned();
    for (span, replacement) in edits.into_iter().rev() {
        text.replace_range(span, &replacement);
    }
    text
}

/// A line with the numbers of jobs changed.
pub(crate) fn with_jobs(text: &str, jobs: &BTreeMap<u32, u32>) -> String {
    let Ok(Some(line)) = language::parse(text) else { return text.to_owned() };
    let edit = |(kind, word): (Kind, &Word)| {
        let number = word.bare()?;
        let job = values::decimal(number.strip_prefix('%').unwrap_or(number))?;
        let other = jobs.get(&u32::try_from(job).ok()?)?;
        let is_job =
            matches!(kind, Kind::Job) || (matches!(kind, Kind::Subject) && line.arguments.len() == 1);
        (is_job && u64::from(*other) != job).then(|| (word.span.clone(), other.to_string()))
    };
    edited(text, arguments(&line).filter_map(edit).collect())
}

fn again(outcome: &Outcome, line: &Line) -> Again {
    let Some(verb) = line.verb.bare().and_then(verbs::find) else { return Again::Nothing };
    let failed = outcome.failure.is_some();
    match (verb.group, verb.run, &outcome.made) {
        _ if verb.name == "expect" && !failed => Again::Expects,
        (Group::Session | Group::Learn, ..) => Again::Aside,
        (Group::Look, ..) => Again::Look,
        _ if verb.name == "sleep" => Again::Sleep,
        (_, Run::Planned(_), None) if outcome.report.is_some() => Again::Look,
        (_, Run::Call(_) | Run::Planned(_), _) if line.background && !failed => Again::Run,
        (_, Run::Call(_) | Run::Planned(_), None) => Again::Nothing,
        (_, Run::Call(_) | Run::Planned(_), Some(_)) if !failed || (line.fails && !outcome.expected) => {
            Again::Run
        }
        (_, Run::Call(_) | Run::Planned(_), Some(made)) if interrupted(made) => Again::Interrupted,
        (_, Run::Call(_) | Run::Planned(_), Some(_)) => Again::Fails,
        (_, Run::Session(_) | Run::Following(_), _) if outcome.expected => Again::Fails,
        (_, Run::Session(_) | Run::Following(_), _) if failed => Again::Nothing,
        (_, Run::Session(_) | Run::Following(_), _) => Again::Run,
    }
}

/// Whether the call of a line that failed was interrupted. An interrupted send that has sent
/// something returns how much, and no error.
fn interrupted(made: &Made) -> bool {
    match (made.done.last.errno, made.done.end) {
        (Some(errno), _) => errno == libc::EINTR,
        (None, end) => matches!(end, LoopEnd::Failed | LoopEnd::Reached),
    }
}

/// The paths that sockets were bound to: files that stay when the sockets are gone.
pub(crate) fn paths(record: &Record) -> BTreeSet<PathBuf> {
    let bound = record.entries().iter().filter_map(|entry| entry.outcome.made.as_ref());
    let bound = bound.filter(|made| made.call.function == "bind" && made.done.last.ok());
    let paths = bound.filter_map(|made| match made.call.address()?.unix()? {
        UnixAddress::Path(path) => Some(PathBuf::from(OsString::from_vec(path.clone()))),
        _ => None,
    });
    paths.collect()
}

/// The ports that the kernel chose.
#[derive(Default)]
struct Ports {
    typed: BTreeSet<u16>,
    seen: BTreeSet<u16>,
}

impl Ports {
    fn seen(&mut self, past: &Past) {
        self.seen.extend(past.own().filter_map(|end| end.local.as_ref()?.port()));
    }

    fn chosen(&self, port: u16) -> bool {
        port != 0 && self.seen.contains(&port) && !self.typed.contains(&port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_jobs_are_changed() {
        let jobs = BTreeMap::from([(1, 1), (2, 3)]);
        for (line, expected) in [
            ("wait 2", "wait 3"),
            ("cancel %2 # job 2", "cancel 3 # job 2"),
            ("wait 1", "wait 1"),
            ("wait 9", "wait 9"),
            ("wait 2 ESTABLISHED", "wait 2 ESTABLISHED"),
            ("recv 2 2", "recv 2 2"),
        ] {
            assert_eq!(with_jobs(line, &jobs), expected);
        }
    }
}
