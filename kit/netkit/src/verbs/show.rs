//! `show`: one socket, everything.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::address::Address;
use crate::explain::terms;
use crate::outcome::{Failure, Report};
use crate::render::{json, table::table};
use crate::session::Session;
use crate::session::ends::End;
use serde_json::json;

/// The row of `show`.
pub(super) static VERB: Verb = Verb {
    name: "show",
    group: Group::Look,
    arguments: &[needed("S", Kind::Socket)],
    summary: "Shows everything that is known of one socket.",
    details: "Its descriptor, inode, addresses, state and queues, and the other end of its connection, as \
              sock_diag and /proc show them now.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "show srv"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let fd = arguments.fd(0);
    let Some(end) = session.ends().iter().find(|end| end.fd == Some(fd)) else {
        return Err(
            Failure::new(format!("descriptor {fd} is no TCP or UDP socket")).next("`fds` lists what is open")
        );
    };
    let other = session.ends().iter().find(|other| other.faces(end));
    let address = |address: Option<&Address>| {
        address.map_or_else(|| "none".into(), |address| session.names().address(address))
    };
    let mut rows = vec![
        vec!["socket".into(), format!("{} {}", end.protocol, end.label())],
        vec!["descriptor".into(), fd.to_string()],
    ];
    if session.shows_numbers() {
        let inode = session.seen().own.iter().find(|own| own.fd == fd).map(|own| own.inode.to_string());
        rows.push(vec!["inode".into(), inode.unwrap_or_default()]);
    }
    rows.push(vec!["state".into(), end.state.name().to_owned()]);
    rows.push(vec!["own address".into(), address(end.local.as_ref())]);
    rows.push(vec!["other end".into(), address(end.remote.as_ref())]);
    rows.extend(queue_rows(end));
    if let Some(other) = other {
        rows.push(vec!["other end's state".into(), format!("{} ({})", other.state.name(), other.label())]);
    }
    let mut lines = table(&rows);
    if let Some(term) = end.tcp().and_then(|state| terms::find(state.name())) {
        lines.push(format!("{}: {}", term.name, term.meaning));
    }
    let facts = json!({ "socket": json::end(end), "other_end": other.map(json::end) });
    Ok(Report { lines, facts })
}

fn queue_rows(end: &End) -> Vec<Vec<String>> {
    match end.accept_queue {
        Some(queue) => {
            vec![vec!["accept queue".into(), format!("{} waiting, limit {}", queue.waiting, queue.limit)]]
        }
        None => vec![
            vec!["receive queue".into(), format!("{} bytes not yet received by the program", end.unread)],
            vec!["send queue".into(), format!("{} bytes not yet acknowledged", end.unacknowledged)],
        ],
    }
}
