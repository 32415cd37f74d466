//! `stdin`: gives bytes to a program.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `stdin`.
pub(super) static VERB: Verb = Verb {
    name: "stdin",
    group: Group::Programs,
    arguments: &[needed("PROGRAM", Kind::Program), optional("DATA", Kind::Data)],
    summary: "Gives bytes to a program's standard input, or ends it.",
    details: "`stdin p \"hello\\n\"` gives it a line. Without data the input is closed, which the program reads as \
              its end.",
    example: &["p = start cat", "stdin p \"hello\\n\"", "stdin p", "wait p", "output p"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    if arguments.get(1).is_none() {
        session.program_mut(name)?.end_input();
        return Ok(Report::of_lines(vec!["closed".into()]));
    }
    let data = arguments.data(1);
    let count = data.len();
    if session.program(name)?.give(data) {
        Ok(Report::of_lines(vec![format!("{count} bytes given")]))
    } else {
        Err(Failure::new(format!("the standard input of {name} is closed")))
    }
}
