//! `lines`: the lines so far, with what came of each.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::render::text;
use crate::session::Session;
use serde_json::json;

/// The row of `lines`.
pub(super) static VERB: Verb = Verb {
    name: "lines",
    group: Group::Session,
    arguments: &[],
    summary: "Lists the lines so far, with their numbers and results.",
    details: "The number is the one that the prompt showed. `rewind N` goes back to after line N; `save FILE` writes \
              the lines to a file.",
    example: &["c = socket tcp", "close c", "lines"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    let mut rows = Vec::new();
    let mut facts = Vec::new();
    for entry in session.record().entries() {
        let outcome = &entry.outcome;
        let result =
            if outcome.report.is_some() { String::new() } else { text::result(outcome, session.names()) };
        if outcome.line.is_empty() {
            // What jobs did after the line.
            rows.push(vec![String::new(), String::new(), result]);
            continue;
        }
        let marks = ">".repeat(usize::try_from(entry.depth).unwrap_or(0));
        let line = format!("{marks}{}{}", if marks.is_empty() { "" } else { " " }, outcome.shown_line());
        facts.push(
            json!({ "number": entry.number, "line": outcome.line, "ok": outcome.ok(), "result": result }),
        );
        rows.push(vec![format!("{:>3}", entry.number), line, result]);
    }
    let lines = if rows.is_empty() { vec!["no lines yet".into()] } else { table(&rows) };
    Ok(Report { lines, facts: json!({ "lines": facts }) })
}
