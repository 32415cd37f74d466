//! `output`: what a program has written.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::data::printable;
use crate::outcome::{Failure, Report};
use crate::session::output::MOST_OUTPUT;
use crate::session::program::Which;
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
        optional("TEXT", Kind::Data),
    ],
    summary: "Shows what a program has written.",
    details: "`output p` shows what has come since you looked last; `output p line` waits for the next line; \
              `output p all` waits until it writes no more. STREAM is stdout, or stderr if you say so. \
              `output p contains stderr TEXT` waits until it writes no more and fails if TEXT is not in what it \
              has written, in large or small letters; `output p one-line stderr TEXT` fails, too, if that is not \
              a single line. `output p lacks stdout TEXT` fails if TEXT is in there. `output p line stdout TEXT` \
              fails if the next line is not TEXT, where `\\(pid:p)` is the number of p's process, `\\(fd:p)` the \
              descriptor of its socket and `\\(port:p)` that socket's port.",
    example: &["p = start echo hello", "output p one-line stdout \"HELLO\"", "output p all stderr"],
    run: Run::Session(run),
};

static WHAT: &[&str] = &["now", "line", "all", "contains", "lacks", "one-line"];
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
            "all" | "contains" | "lacks" | "one-line" => output.ended.then(|| output.take_rest()),
            _ => Some(output.take_rest()),
        }
    });
    let bytes = waited.map_err(|stop| unfinished(session, &name, what, which, &stop))?;
    let text = arguments.get(3).map(|_| arguments.data(3));
    match what {
        "contains" | "one-line" => return compare(session, &name, what, &bytes, &text.unwrap_or_default()),
        "lacks" => return lacks(session, &name, &bytes, &text.unwrap_or_default()),
        _ => {}
    }
    if let Some(text) = text {
        return same(session, &name, &bytes, &text);
    }
    let dropped = session.program(&name)?.output(which).dropped();
    let mut lines = match (bytes.len(), std::str::from_utf8(&bytes)) {
        (0, _) if what == "now" => vec!["nothing".into()],
        (0, _) => vec!["end of output".into()],
        // For a person, text as text; a script's transcript shows every byte.
        (1..WIDTH, Ok(text)) if session.shows_numbers() => text.lines().map(printable).collect(),
        _ => vec![session.names().data(&bytes, WIDTH)],
    };
    if dropped > 0 {
        lines.push(format!("({dropped} bytes more than the {MOST_OUTPUT} that are kept)"));
    }
    let facts =
        json!({ "program": name, "data": session.names().data(&bytes, usize::MAX), "bytes": bytes.len() });
    Ok(Report { lines, facts })
}

/// Whether a text is in what was written, and that is a single line if it has to be.
fn compare(session: &Session, name: &str, what: &str, bytes: &[u8], text: &[u8]) -> Result<Report, Failure> {
    let came = if bytes.is_empty() { "nothing".into() } else { session.names().data(bytes, WIDTH) };
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n').count();
    if what == "one-line" && (bytes.is_empty() || lines != 1) {
        return Err(Failure::new(format!("{name} has not written one line, but {came}")));
    }
    // The system's words are the same everywhere, but some languages' libraries write
    // them in small letters.
    let (folded, wanted) = (bytes.to_ascii_lowercase(), text.to_ascii_lowercase());
    let found = wanted.is_empty() || folded.windows(wanted.len()).any(|window| window == wanted);
    if bytes.is_empty() || !found {
        let text = session.names().data(text, WIDTH);
        return Err(Failure::new(format!("{name} has written {came}, and not {text}")));
    }
    let mut line = String::from(if what == "one-line" { "one line" } else { "some text" });
    if !text.is_empty() {
        line.push_str(&format!(" with {}", session.names().data(text, WIDTH)));
    }
    Ok(Report { lines: vec![line], facts: json!({ "program": name, "bytes": bytes.len() }) })
}

/// Whether what was written is this text, and the end of its line.
fn same(session: &Session, name: &str, bytes: &[u8], text: &[u8]) -> Result<Report, Failure> {
    if bytes.strip_suffix(b"\n") == Some(text) {
        // Not the text itself: it may hold numbers that differ from run to run.
        let facts = json!({ "program": name, "bytes": bytes.len() });
        return Ok(Report { lines: vec!["that line".into()], facts });
    }
    let came = if bytes.is_empty() { "nothing more".into() } else { session.names().data(bytes, WIDTH) };
    let line = session.names().data(&[text, b"\n"].concat(), WIDTH);
    Err(Failure::new(format!("{name} has written {came}, and not {line}")))
}

/// Whether a text is not in what was written.
fn lacks(session: &Session, name: &str, bytes: &[u8], text: &[u8]) -> Result<Report, Failure> {
    let (folded, unwanted) = (bytes.to_ascii_lowercase(), text.to_ascii_lowercase());
    let text = session.names().data(text, WIDTH);
    if unwanted.is_empty() || folded.windows(unwanted.len()).any(|window| window == unwanted) {
        let came = session.names().data(bytes, WIDTH);
        return Err(Failure::new(format!("{name} has written {came}, and that has {text} in it")));
    }
    Ok(Report { lines: vec![format!("nothing with {text}")], facts: json!({ "program": name }) })
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
