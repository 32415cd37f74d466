//! `explain`: what a word means.

use super::{Arguments, Group, Kind, Run, Verb, find, needed};
use crate::explain::{errno, resolving, terms};
use crate::options::{self, SocketOption};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `explain`.
pub(super) static VERB: Verb = Verb {
    name: "explain",
    group: Group::Session,
    arguments: &[needed("TOPIC", Kind::Topic)],
    summary: "Explains a state, an error, an option, a verb or a term.",
    details: "`explain CLOSE-WAIT`, `explain ECONNRESET`, `explain SO_LINGER`, `explain backlog`. States and terms may be written with \
              `-` or `_`, in any case.",
    example: &["explain TIME-WAIT", "explain EADDRINUSE"],
    run: Run::Session(run),
};

fn run(_: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let topic = arguments.word(0).unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(term) = terms::find(topic) {
        lines.push(format!("{}: {}", term.name, term.meaning));
    }
    for meaning in errno::meanings(topic) {
        let calls = if meaning.calls.is_empty() {
            String::new()
        } else {
            format!(" from {}", meaning.calls.join(", "))
        };
        lines.push(format!("{}{calls}: {}", errno::said(meaning.errno as i32), meaning.why));
        lines.push(format!("  what to do: {}", meaning.next));
    }
    if let Some(meaning) = resolving::find(topic) {
        lines.push(format!("{} from getaddrinfo: {}", meaning.name, meaning.why));
        lines.push(format!("  what to do: {}", meaning.next));
    }
    lines.extend(options::find(topic).map(SocketOption::explained).unwrap_or_default());
    if let Some(verb) = find(topic) {
        lines.extend([verb.usage(), verb.summary.to_owned(), verb.details.to_owned()]);
    }
    if lines.is_empty() {
        let names: Vec<&str> = terms::TERMS.iter().map(|term| term.name).collect();
        return Err(Failure::new(format!("`{topic}` is not among what can be explained")).next(format!(
            "errors by their names (ECONNREFUSED), options (SO_LINGER), verbs, and: {}",
            names.join(", ")
        )));
    }
    Ok(Report::of_lines(lines))
}
