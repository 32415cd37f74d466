//! `answer`: a UDP server that answers by rule.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `answer`.
pub(super) static VERB: Verb = Verb {
    name: "answer",
    group: Group::Programs,
    arguments: &[
        needed("NAME", Kind::Word(&[])),
        optional("REQUEST", Kind::Data),
        optional("REPLY", Kind::Data),
        optional("FROM", Kind::Word(&[])),
    ],
    summary: "Has a UDP server answer a request by rule, at once.",
    details: "For programs that are more impatient than you can type. `answer s \"2:1\" \"0:7\"` makes a UDP server on \
              a port of its own, called s, if there is none: from now on it answers each datagram that is exactly 2:1 \
              with 0:7, however often it comes. Several answers to one request are sent one after the other. With FROM \
              another such server sends the answer: one that nobody has asked. What no rule names gets no answer; `asked \
              s` tells what came. `s` is an address like a socket's: `\\(s)` for a program, `relay s`. It ends with the \
              session, or by `stop s`.",
    example: &[
        "answer s \"2:1\" \"0:7\"",
        "answer s \"3:7\" \"0:hello\"",
        "c = socket udp",
        "sendto c \"2:1\" s",
        "recvfrom c 100",
        "stop s",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    session.responder(name)?;
    let mut line = format!("{name} answers by rule");
    if arguments.get(1).is_some() {
        if arguments.get(2).is_none() {
            return Err(Failure::new("behind the request stands the reply")
                .next(format!("`answer {name} \"REQUEST\" \"REPLY\"`")));
        }
        let (request, reply) = (arguments.data(1), arguments.data(2));
        line = format!("{name} answers {}", session.names().data(&request, 200));
        let from = match arguments.word(3) {
            Some(from) => {
                line.push_str(&format!(", from {from}"));
                Some(session.responder_called(from)?)
            }
            None => None,
        };
        session.responder_called(name)?.add(request, reply, from);
    }
    let address = session.responder_called(name)?.address;
    if session.shows_numbers() {
        line.push_str(&format!(": send to {address}"));
    }
    Ok(Report { lines: vec![line], facts: json!({ "responder": name, "address": address }) })
}
