//! All sockets of the session, a line each.

use super::page::who;
use crate::explain::phrases;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::outcome::Report;
use crate::render::table::table;
use crate::render::{amount, counted, json};
use crate::session::Session;
use crate::session::ends::{End, Owner};
use crate::session::program::Program;
use serde_json::{Value, json};

/// The report on all sockets.
pub(super) fn report(session: &Session) -> Report {
    let ends = session.ends();
    let rows: Vec<Vec<String>> = ends.iter().map(|end| row(session, end)).collect();
    let mut lines = if rows.is_empty() { vec!["no sockets".into()] } else { table(&rows) };
    lines.extend(session.jobs().map(|(number, job)| format!("job {number}: {}", job.line)));
    lines.extend(session.programs().names().map(|name| {
        let ending = session.programs().find(name).and_then(Program::ending_in_words);
        format!("program {name}: {}", ending.unwrap_or_else(|| "runs".into()))
    }));
    Report { lines, facts: json!({ "sockets": ends.iter().map(json::end).collect::<Value>() }) }
}

/// A socket in a line: who, state, addresses, what else.
pub(in crate::verbs) fn row(session: &Session, end: &End) -> Vec<String> {
    let address = |address| session.names().address_of(end.protocol, address);
    let addresses = match (&end.local, &end.remote) {
        (None, None) => String::new(),
        (None, Some(remote)) => format!("> {}", address(remote)),
        (Some(local), None) => address(local),
        (Some(local), Some(remote)) => format!("{} > {}", address(local), address(remote)),
    };
    let state = match end.protocol {
        Protocol::Tcp => end.state.name().to_owned(),
        protocol => format!("{protocol} {}", end.state.name()),
    };
    vec![who(end), state, addresses, remarks(session, end).join("; ")]
}

/// Queues that are not empty, and a timer that runs.
fn remarks(session: &Session, end: &End) -> Vec<String> {
    let numbers = session.shows_numbers();
    let mut remarks = Vec::new();
    if let Some(queue) = end.accept_queue {
        remarks.push(format!("accept queue {} of {}", queue.waiting, queue.limit));
    }
    let receive = if end.protocol.is_datagram() { " in the next datagram" } else { " to receive" };
    let unread = if end.counts_memory() { 0 } else { end.unread };
    if unread < end.unread {
        remarks.push("a datagram waits".into());
    }
    for (count, what) in [(unread, receive), (end.unacknowledged, " not acknowledged")] {
        if count > 0 {
            remarks.push(format!("{}{what}", counted(amount(count, numbers), "byte")));
        }
    }
    match (&end.owner, end.tcp()) {
        (Owner::Listener(_), Some(TcpState::SynReceived)) => remarks.push("its handshake is not over".into()),
        (Owner::Listener(_), _) => remarks.push("not accepted yet".into()),
        _ => {}
    }
    let timer = end.timer.as_ref();
    remarks.extend(timer.and_then(|timer| phrases::timer(timer, end.protocol, end.state, numbers)));
    remarks
}
