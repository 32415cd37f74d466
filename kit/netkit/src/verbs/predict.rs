//! `predict`: what will the next call do?

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `predict`.
pub(super) static VERB: Verb = Verb {
    name: "predict",
    group: Group::Learn,
    arguments: &[optional("ON", Kind::Word(&["on", "off"]))],
    summary: "Has you asked, before each call, what it will do; or tells how often you were right.",
    details: "After `predict on` the prompt asks before each call: will it succeed (`ok`), return a certain number, fail \
              with a certain error, or block? And which state will its socket be in? Enter skips the question. Then the \
              call is made, and the difference is explained. `predict off` ends that; `predict` tells how often you \
              were right, and what you were wrong about.",
    example: &["predict on", "expect ok CLOSED", "c = socket tcp", "predict"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    Ok(match arguments.word(0) {
        None => session.tally(),
        Some(word) => session.predict(word == "on"),
    })
}
