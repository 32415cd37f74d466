//! `hint`: help with the step of a lesson.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `hint`.
pub(super) static VERB: Verb = Verb {
    name: "hint",
    group: Group::Learn,
    arguments: &[],
    summary: "Helps with the step of a lesson, a little more each time.",
    details: "The first hint is a thought, the second says which verbs it takes, the third shows the book's next line. \
              Asked again, it shows the line after that as soon as you have typed one.",
    example: &["lesson descriptor 1", "hint"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    session.hint()
}
