//! `quit`: ends the session.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `quit`.
pub(super) static VERB: Verb = Verb {
    name: "quit",
    group: Group::Session,
    arguments: &[],
    summary: "Ends the session.",
    details: "All of its sockets are closed and all of its programs are ended. Ctrl-D at an empty prompt does the \
              same. At the prompt, jobs that have not returned and programs that still run are named first, and \
              the second `quit` ends the session.",
    example: &["quit"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    session.leave();
    Ok(Report::of_lines(Vec::new()))
}
