//! `sleep`: waits a while.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::{Session, Stop};
use std::time::Instant;

/// The row of `sleep`.
pub(super) static VERB: Verb = Verb {
    name: "sleep",
    group: Group::Time,
    arguments: &[needed("TIME", Kind::Duration)],
    summary: "Does nothing for a while.",
    details: "`sleep 2s`, `sleep 150ms`. To wait for something that happens, `wait` is better: it knows when.",
    example: &["sleep 10ms"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let end = Instant::now() + arguments.duration(0).unwrap_or_default();
    match session.wait_until::<()>(Some(end), |_| None) {
        Err(Stop::TimeUp) | Ok(()) => Ok(Report::of_lines(Vec::new())),
        Err(stop) => Err(stop.failure("sleep")),
    }
}
