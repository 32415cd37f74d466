//! `output`: what a program has written.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::{Failure, Report};
use crate::session::programs::{MOST_OUTPUT, Which};
use crate::session::{Session, Stop};
use serde_json::json;
use std::time::Instant;

/// The row of `output`.
pub(super) static VERB: Verb = Verb {
    name: "output",
    group: Group::Programs,
    arguments: &[
        needed("PROGRAM", Kind::Program),
        optional("WHAT", Kind::Word(WHAT)),
        optional("STREAM", Kind::Word(STREAMS)),
    ],
    summary: "Shows what a program has written.",
    details: "`output p` shows what has come since you looked last; `output p line` waits for the next line; \
              `output p all` waits until it writes no more. STREAM is stdout, or stderr if you say so.",
    example: &["p = start echo hello", "output p line", "output p all stderr"],
    run: Run::Session(run),
};

static WHAT: &[&str] = &["now", "line", "all"];
static STREAMS: &[&str] = &["stdout", "stderr"];

/// So many characters of output are shown.
const WIDTH: usize = 2000;

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    let what = arguments.word(1).unwrap_or("now");
    let which = if arguments.word(2) == Some("stderr") { Which::Stderr } else { Which::Stdout };
    session.program(name)?;
    let deadline = session.limit().map(|limit| Instant::now() + limit);
    let name = name.to_owned();
    let waited = session.wait_until(deadline, |session| {
        let program = session.programs().find(&name)?;
        let mut output = program.output(which);
        match what {
            "line" => output.take_line().or_else(|| output.ended.then(Vec::new)),
            "all" => output.ended.then(|| output.take_rest()),
            _ => Some(output.take_rest()),
        }
    });
    let bytes = waited.map_err(|stop| unfinished(session, &name, what, which, &stop))?;
    let dropped = session.program(&name)?.output(which).dropped();
    let mut lines = vec![match bytes.len() {
        0 if what == "now" => "nothing".into(),
        0 => "end of output".into(),
        _ => session.names().data(&bytes, WIDTH),
    }];
    if dropped > 0 {
        lines.push(format!("({dropped} bytes more than the {MOST_OUTPUT} that are kept)"));
    }
    let facts =
        json!({ "program": name, "data": session.names().data(&bytes, usize::MAX), "bytes": bytes.len() });
    Ok(Report { lines, facts })
}

/// Waiting ended without the line or the end; what has come instead.
fn unfinished(session: &mut Session, name: &str, what: &str, which: Which, stop: &Stop) -> Failure {
    let missing = if what == "line" { "a full line" } else { "the end of its output" };
    let rest =
        session.programs().find(name).map(|program| program.output(which).take_rest()).unwrap_or_default();
    let came = if rest.is_empty() { "nothing".into() } else { session.names().data(&rest, WIDTH) };
    let reason = match stop {
        Stop::TimeUp => "within the limit",
        _ => "before this was interrupted",
    };
    Failure::new(format!("{name} has not written {missing} {reason}; {came} came"))
}
