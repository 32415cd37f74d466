//! `explain`: what a word means, or why the last line failed.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::explain::{errno, topic};
use crate::outcome::{Failure, Report};
use crate::session::Session;

/// The row of `explain`.
pub(super) static VERB: Verb = Verb {
    name: "explain",
    group: Group::Session,
    arguments: &[optional("TOPIC", Kind::Topic)],
    summary: "Explains an error, a state, an option, a verb or a term; alone, the last failure.",
    details: "`explain CLOSE-WAIT`, `explain ECONNRESET` (or `explain 104`), `explain SO_LINGER`, `explain backlog`, `explain MSG_PEEK`. \
              States and terms may be written with `-` or `_`, in any case; a term of two words stands in quotes: \
              `explain \"accept queue\"`. Without a word it tells more about the line that failed last.",
    example: &["explain TIME-WAIT", "explain EADDRINUSE"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let Some(word) = arguments.word(0) else { return Ok(Report::of_lines(last_failure(session))) };
    let lines = topic::about(word);
    if !lines.is_empty() {
        return Ok(Report::of_lines(lines));
    }
    let near: Vec<String> =
        topic::near(word).iter().map(|word| format!("`explain {}`", quoted(word))).collect();
    let failure = Failure::new(format!("`{word}` is not among what can be explained"));
    Err(match near.as_slice() {
        [] => failure.next(
            "errors (ECONNREFUSED), states (TIME-WAIT), verbs (connect), options (SO_LINGER), constants (MSG_PEEK) and terms (backlog) are; the Tab key lists them",
        ),
        near => failure.next(format!("perhaps {} was meant", near.join(" or "))),
    })
}

fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

/// More about the line that failed last.
fn last_failure(session: &Session) -> Vec<String> {
    let failed = session.record().entries().iter().rev().find_map(|entry| {
        let failure = entry.outcome.failure.as_ref()?;
        if entry.outcome.line.trim_start().starts_with("explain") {
            return None;
        }
        Some((entry, failure))
    });
    let Some((entry, failure)) = failed else {
        return vec![
            "No line has failed so far. `explain WORD` explains a word, such as `explain backlog`.".into(),
        ];
    };
    let mut lines =
        vec![format!("line {}, `{}`: {}", entry.number, entry.outcome.shown_line(), failure.message)];
    lines.extend(failure.why.iter().map(|why| format!("  why: {why}")));
    lines.extend(failure.next.iter().map(|next| format!("  next: {next}")));
    match failure.errno.and_then(errno::name) {
        Some(name) => {
            lines.push(String::new());
            lines.extend(topic::about(&name));
        }
        None => lines.push("The line itself is at fault: no call was made.".into()),
    }
    lines
}
