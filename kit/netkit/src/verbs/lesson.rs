//! `lesson`: a chapter of the book, done at the prompt.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `lesson`.
pub(super) static VERB: Verb = Verb {
    name: "lesson",
    group: Group::Learn,
    arguments: &[optional("LESSON", Kind::Word(&[])), optional("STEP", Kind::Number)],
    summary: "Lists the lessons, or begins one and leads through it.",
    details: "The lessons are the chapters of the book. Each step has a goal, which you reach in your own way: your \
              names, your ports; the kernel's facts decide. `lesson connection` begins the chapter of that name \
              where you left it, `lesson connection 2` at its second step. `lesson next` goes on, `lesson back` goes \
              back, `lesson again` begins the step once more, `lesson stop` ends it. Every step begins with no \
              sockets but those that it says are there. `hint` helps. What you have done is remembered.",
    example: &["lesson", "lesson descriptor 1", "lesson stop"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let step = arguments.number(1).map(|step| usize::try_from(step).unwrap_or(usize::MAX));
    match arguments.word(0) {
        None => session.lessons(),
        Some("next") => session.step_lesson(1),
        Some("back") => session.step_lesson(-1),
        Some("again") => session.step_lesson(0),
        Some("stop") => session.stop_lesson(),
        Some(name) => session.begin_lesson(name, step),
    }
}
