//! `queues`: what waits where.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, Report};
use crate::render::{json, table::table};
use crate::session::Session;
use serde_json::{Value, json};

/// The row of `queues`.
pub(super) static VERB: Verb = Verb {
    name: "queues",
    group: Group::Look,
    arguments: &[],
    summary: "Shows the queues of every socket.",
    details: "Receive queue: bytes that have come and were not received by the program. Send queue: bytes that \
              the other end has not acknowledged. Accept queue: connections that wait for accept. A FIN counts as \
              a byte. Of UDP the size of the first datagram is shown; of a program's UDP socket only whether there is \
              some.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "send c \"hello\"",
        "queues",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    let mut rows = vec![["SOCKET", "STATE", "RECEIVE", "SEND", "ACCEPT"].map(String::from).to_vec()];
    for end in session.ends() {
        let accept = end.accept_queue.map(|queue| format!("{} of {}", queue.waiting, queue.limit));
        let (receive, send) = match accept {
            Some(_) => (String::new(), String::new()),
            None if end.counts_memory() && end.unread > 0 => ("some".to_owned(), "0".to_owned()),
            None => (end.unread.to_string(), end.unacknowledged.to_string()),
        };
        rows.push(vec![end.label(), end.state.name().to_owned(), receive, send, accept.unwrap_or_default()]);
    }
    let facts = json!({ "sockets": session.ends().iter().map(json::end).collect::<Value>() });
    Ok(Report { lines: table(&rows), facts })
}
