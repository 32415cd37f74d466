//! `cancel`: interrupts a job.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `cancel`.
pub(super) static VERB: Verb = Verb {
    name: "cancel",
    group: Group::Time,
    arguments: &[needed("JOB", Kind::Job)],
    summary: "Interrupts a call in the background.",
    details: "Its thread is sent a signal, and the call returns with EINTR (or, if it had sent something, with how \
              much). A connect that is interrupted goes on in the kernel all the same.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "accept srv &", "cancel 1"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let number = u32::try_from(arguments.number(0).unwrap_or(0)).unwrap_or(u32::MAX);
    session.cancel(number)?;
    Ok(Report::of_lines(Vec::new()))
}
