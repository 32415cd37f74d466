//! `state`: the states of all ends, side by side.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::kernel::sock_diag::TimerKind;
use crate::outcome::{Failure, Report};
use crate::render::{json, table::table};
use crate::session::Session;
use crate::session::ends::End;
use crate::session::inside::Open;
use crate::session::program::Program;
use serde_json::{Value, json};

/// The row of `state`.
pub(super) static VERB: Verb = Verb {
    name: "state",
    group: Group::Look,
    arguments: &[optional("S", Kind::End)],
    summary: "Shows the states of both ends of every connection.",
    details: "With a socket behind it, only that one's. An end without a descriptor is shown too: one that waits \
              to be accepted, or that outlives its close.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "state",
    ],
    run: Run::Session(run),
};

/// The states of one socket, or of all.
pub(super) fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let wanted = arguments.ends(0);
    let ends = session.ends();
    let mut rows = Vec::new();
    let mut shown: Vec<u64> = Vec::new();
    for end in ends.iter().filter(|end| wanted.is_none_or(|cookies| cookies.contains(&end.cookie))) {
        if shown.contains(&end.cookie) {
            continue;
        }
        let other = ends.iter().find(|other| other.faces(end));
        let left =
            end.timer.as_ref().filter(|timer| timer.kind == TimerKind::TimeWait && session.shows_numbers());
        let left =
            left.map(|timer| format!(" ({} s left)", timer.expires_ms.div_ceil(1000))).unwrap_or_default();
        let mut row = vec![who(end), format!("{}{left}", end.state.name())];
        if let Some(other) = other {
            row.extend(["<->".into(), other.state.name().to_owned(), who(other)]);
            shown.push(other.cookie);
        }
        rows.push(row);
    }
    let facts = json!({ "sockets": ends.iter().map(json::end).collect::<Value>() });
    if wanted.is_none() {
        rows.extend(in_no_table(session));
    }
    let lines = if rows.is_empty() { vec!["no sockets".into()] } else { table(&rows) };
    Ok(Report { lines, facts })
}

/// The programs' sockets that are neither bound nor connected: no table of the kernel has them.
fn in_no_table(session: &Session) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for name in session.programs().names() {
        let open = session.programs().find(name).map(Program::open).unwrap_or_default();
        let alone = |open: &&Open| open.socket().is_some_and(|inode| session.end_of_inode(inode).is_none());
        for open in open.iter().filter(alone) {
            let kind = open.protocol.as_deref().unwrap_or("some");
            // Sockets of other kinds, such as those of the UNIX domain, have tables of their own.
            if kind.starts_with("tcp") || kind.starts_with("udp") {
                rows.push(vec![format!("{name} (-)"), format!("a {kind} socket without an address")]);
            }
        }
    }
    rows
}

fn who(end: &End) -> String {
    let who = |fd: i32| match end.label_of(fd) {
        label if label != fd.to_string() => format!("{label} ({fd})"),
        _ => format!("({fd})"),
    };
    match end.fds().as_slice() {
        [] => format!("{} (-)", end.label()),
        fds => fds.iter().map(|fd| who(*fd)).collect::<Vec<_>>().join(" = "),
    }
}
