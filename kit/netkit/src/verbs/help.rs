//! `help`: what can be typed.

use super::{Arguments, Group, Kind, Run, VERBS, Verb, find, optional};
use crate::explain::line;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use serde_json::json;

/// The row of `help`.
pub(super) static VERB: Verb = Verb {
    name: "help",
    group: Group::Session,
    arguments: &[optional("VERB", Kind::Topic)],
    summary: "Lists the verbs, or tells about one of them.",
    details: "`help` alone lists all verbs; `help connect` tells how connect is typed, with an example.",
    example: &["help connect"],
    run: Run::Session(run),
};

fn run(_: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    match arguments.word(0) {
        None => Ok(Report::of_lines(overview())),
        Some(name) => {
            let verb = find(name).ok_or_else(|| {
                let first = match line::nearest(name) {
                    Some(verb) => format!("perhaps `help {verb}` was meant"),
                    None => "`help` lists the verbs".into(),
                };
                Failure::new(format!("there is no verb `{name}`"))
                    .next(first)
                    .next(format!("`explain {name}` may know it as a term or an error"))
            })?;
            let facts = json!({ "verb": verb.name, "usage": verb.usage(), "summary": verb.summary });
            Ok(Report { lines: about(verb), facts })
        }
    }
}

fn overview() -> Vec<String> {
    let mut lines = vec!["[NAME =] VERB ARGUMENTS [&]      # a comment".to_owned()];
    let rows: Vec<Vec<String>> =
        VERBS.iter().map(|verb| vec![format!("  {}", verb.usage()), verb.summary.to_owned()]).collect();
    let rows = table(&rows);
    for group in Group::ALL {
        lines.push(String::new());
        lines.push(format!("{}:", group.title()));
        lines.extend(
            VERBS.iter().zip(&rows).filter(|(verb, _)| verb.group == group).map(|(_, row)| row.clone()),
        );
    }
    lines.push(String::new());
    lines.push(
        "`help VERB` tells more; `explain TIME-WAIT`, `explain ECONNREFUSED` and the like explain words."
            .into(),
    );
    lines
        .push("A script ends at the first line that fails; `! LINE` is a line that is meant to fail.".into());
    lines.push("A call with `&` behind it runs in the background; Ctrl-C interrupts one that blocks.".into());
    lines
}

fn about(verb: &Verb) -> Vec<String> {
    let mut lines =
        vec![verb.usage(), verb.summary.to_owned(), verb.details.to_owned(), "example:".to_owned()];
    lines.extend(verb.example.iter().map(|line| format!("  {line}")));
    lines
}
