//! `mark`: remembers what a program holds, to see later whether it leaks.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `mark`.
pub(super) static VERB: Verb = Verb {
    name: "mark",
    group: Group::Programs,
    arguments: &[needed("PROGRAM", Kind::Program)],
    summary: "Remembers how many descriptors and processes a program has.",
    details: "Later, `wait p MARK` waits until it has no more than that: a server that has taken leave of all of \
              its clients has no descriptor left of them, and no child that has ended.",
    example: &["p = start cat", "mark p", "wait p MARK"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    let program = session.program_mut(name)?;
    let held = program.holdings();
    program.marked = Some(held);
    let line = if session.shows_numbers() {
        format!("{name} has {} descriptors, {} processes", held.descriptors, held.processes)
    } else {
        format!("{name} is marked")
    };
    let facts = json!({ "program": name, "descriptors": held.descriptors, "processes": held.processes });
    Ok(Report { lines: vec![line], facts })
}
