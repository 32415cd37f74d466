//! `fds`: the descriptors of the worker, or of a program.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::data::printable;
use crate::kernel::process::Target;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use crate::session::ends::End;
use crate::session::inside::Open;
use serde_json::{Value, json};

/// The row of `fds`.
pub(super) static VERB: Verb = Verb {
    name: "fds",
    group: Group::Look,
    arguments: &[optional("PROGRAM", Kind::Program)],
    summary: "Lists the open descriptors.",
    details: "They are those of the worker, the process in which the session's sockets live, as /proc/PID/fd \
              shows them. 0, 1 and 2 are its standard input, output and error. `fds p` lists those of program p \
              and of the processes that it has started. In a script that is the sockets among them, without \
              their numbers, which depend on the language that p is written in.",
    example: &["c = socket tcp", "d = socket udp", "fds", "close c", "e = socket tcp", "fds"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    if let Some(name) = arguments.word(0) {
        return program(session, name);
    }
    let descriptors = session.seen().descriptors.clone();
    let mut rows = vec![["FD", "NAME", "WHAT", "STATE", "ADDRESS"].map(String::from).to_vec()];
    for descriptor in &descriptors {
        let mut row = vec![descriptor.fd.to_string()];
        match (&descriptor.target, session.ends().iter().find(|end| end.has_fd(descriptor.fd))) {
            (Target::Socket(_), Some(end)) => {
                let name = session.socket_names().get(&descriptor.fd).cloned().unwrap_or_default();
                let what = format!("{} socket", end.protocol);
                row.extend([name, what, end.state.name().to_owned(), own_address(session, end)]);
            }
            (target, _) => row.extend([String::new(), what(target)]),
        }
        rows.push(row);
    }
    let facts = json!({ "worker": session.worker_pid(), "descriptors": descriptors });
    Ok(Report { lines: table(&rows), facts })
}

/// What a descriptor leads to.
fn what(target: &Target) -> String {
    match target {
        Target::Socket(_) => "socket".into(),
        Target::Pipe(_) => "pipe".into(),
        Target::File(path) | Target::Other(path) => printable(path),
    }
}

fn own_address(session: &Session, end: &End) -> String {
    let address = end.local.as_ref().map(|address| session.names().address_of(end.protocol, address));
    address.unwrap_or_default()
}

/// The descriptors of a program.
fn program(session: &mut Session, name: &str) -> Result<Report, Failure> {
    session.look(false)?;
    let program = session.program(name)?;
    if let Some(ending) = program.ending_in_words() {
        return Err(Failure::new(format!("{name} {ending}: it has no descriptors any more")));
    }
    let open = program.open();
    let facts = json!({ "program": name, "descriptors": open.iter().map(fact).collect::<Value>() });
    let numbers = session.shows_numbers();
    let shown: Vec<&Open> = open.iter().filter(|open| numbers || open.socket().is_some()).collect();
    if shown.is_empty() {
        return Ok(Report { lines: vec![format!("{name} has no socket")], facts });
    }
    let mut rows = vec![["PID", "FD", "WHAT", "STATE", "ADDRESS"].map(String::from).to_vec()];
    rows.extend(shown.into_iter().map(|open| row(session, open)));
    if !numbers {
        rows.iter_mut().for_each(|row| drop(row.drain(..2)));
    }
    Ok(Report { lines: table(&rows), facts })
}

fn row(session: &Session, open: &Open) -> Vec<String> {
    let mut row = vec![open.pid.to_string(), open.descriptor.fd.to_string()];
    let kind = open.protocol.as_ref().map(|protocol| format!("{protocol} socket"));
    row.push(kind.unwrap_or_else(|| what(&open.descriptor.target)));
    match open.socket().map(|inode| session.end_of_inode(inode)) {
        Some(Some(end)) => row.extend([end.state.name().to_owned(), own_address(session, end)]),
        // No table has it: it was made, and nothing else was done with it.
        Some(None) => row.extend([String::new(), "none".into()]),
        None => {}
    }
    row
}

fn fact(open: &Open) -> Value {
    json!({ "pid": open.pid, "descriptor": open.descriptor, "protocol": open.protocol })
}
