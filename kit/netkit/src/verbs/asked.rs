//! `asked`: what a server that answers by rule was asked.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;
use std::time::Instant;

/// The row of `asked`.
pub(super) static VERB: Verb = Verb {
    name: "asked",
    group: Group::Programs,
    arguments: &[needed("NAME", Kind::Word(&[]))],
    summary: "Waits until a server that answers by rule was asked all that it has answers to.",
    details: "Shows the requests in the order in which they came; one that came several times on end is shown once. \
              It fails at once if a request comes that `answer` has made no rule for, and when no program runs \
              any more that could ask.",
    example: &[
        "answer s \"2:1\" \"0:7\"",
        "c = socket udp",
        "sendto c \"2:1\" s",
        "recvfrom c 100",
        "asked s",
    ],
    run: Run::Session(run),
};

/// So many characters of a request are shown.
const WIDTH: usize = 2000;

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    let deadline = session.limit().map(|limit| Instant::now() + limit);
    let asked = session.wait_until_asked(name, deadline)?;
    let shown = |request: &Vec<u8>| session.names().data(request, WIDTH);
    let lines: Vec<String> = asked.answered.iter().map(shown).collect();
    if let Some(other) = &asked.unanswered {
        let message = format!("{name} was asked {}, which it has no answer to", shown(other));
        let next = format!("`answer {name} {} \"REPLY\"` gives it one", session.names().data(other, 60));
        return Err(Failure { came: lines.into(), ..Failure::new(message).next(next) });
    }
    let facts = json!({ "responder": name, "asked": lines });
    Ok(Report { lines, facts })
}
