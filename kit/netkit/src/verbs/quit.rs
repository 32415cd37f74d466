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
              same.",
    example: &["quit"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    session.quit();
    Ok(Report::of_lines(Vec::new()))
}
