//! `fg`: brings a job back to the foreground.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `fg`.
pub(super) static VERB: Verb = Verb {
    name: "fg",
    group: Group::Time,
    arguments: &[optional("JOB", Kind::Job)],
    summary: "Brings a call in the background back, and waits for it.",
    details: "Without a number, the job that was made last. Ctrl-C then interrupts the call, and Ctrl-Z lets it go on \
              in the background again. Ctrl-Z does the same with any call that blocks: it becomes a job.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "s = accept srv &",
        "c = socket tcp",
        "connect c srv",
        "fg 1",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let number = arguments.number(0).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let ended = session.bring_back(number)?;
    let lines = if ended { Vec::new() } else { vec!["it goes on in the background".into()] };
    Ok(Report::of_lines(lines))
}
