//! `expect`: says what the next call will do.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::{Failure, Report};
use crate::predict::Expectation;
use crate::session::Session;

/// The row of `expect`.
pub(super) static VERB: Verb = Verb {
    name: "expect",
    group: Group::Learn,
    arguments: &[needed("RESULT", Kind::Word(&[])), optional("STATE", Kind::Word(&[]))],
    summary: "Says what the next call will do; what it does is then compared.",
    details: "RESULT is `ok`, a number that the call returns, an error such as ECONNREFUSED, or `blocks`. STATE is the state \
              that its socket will be in afterwards, or `gone`. For a call that makes a socket, the new one is meant. A \
              prediction that was wrong is no failure. After `predict on` the prompt asks for the same words.",
    example: &["expect 3 CLOSED", "c = socket tcp", "expect ok gone", "close c", "predict"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    session.expect(Expectation::parse(arguments.word(0).unwrap_or_default(), arguments.word(1))?);
    Ok(Report::of_lines(Vec::new()))
}
