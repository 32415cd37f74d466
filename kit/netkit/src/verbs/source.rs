//! `source`: runs the lines of a file.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `source`.
pub(super) static VERB: Verb = Verb {
    name: "source",
    group: Group::Session,
    arguments: &[needed("FILE", Kind::File)],
    summary: "Runs the lines of a file, as if they were typed.",
    details: "The first line that fails ends it. A file may source others.",
    example: &["source /dev/null"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let path = arguments.word(0).unwrap_or_default();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("cannot read {path}: {error}"))
            .next("the path counts from where netlab was started")
    })?;
    session.push_pending(path, &text)?;
    Ok(Report::of_lines(Vec::new()))
}
