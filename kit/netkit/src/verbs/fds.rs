//! `fds`: the descriptors of the worker.

use super::{Arguments, Group, Run, Verb};
use crate::data::printable;
use crate::kernel::process::Target;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use serde_json::json;

/// The row of `fds`.
pub(super) static VERB: Verb = Verb {
    name: "fds",
    group: Group::Look,
    arguments: &[],
    summary: "Lists the open descriptors.",
    details: "They are those of the worker, the process in which the session's sockets live, as /proc/PID/fd \
              shows them. 0, 1 and 2 are its standard input, output and error.",
    example: &["c = socket tcp", "d = socket udp", "fds", "close c", "e = socket tcp", "fds"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    let descriptors = session.seen().descriptors.clone();
    let mut rows = vec![["FD", "NAME", "WHAT", "STATE", "ADDRESS"].map(String::from).to_vec()];
    for descriptor in &descriptors {
        let mut row = vec![descriptor.fd.to_string()];
        match (&descriptor.target, session.ends().iter().find(|end| end.has_fd(descriptor.fd))) {
            (Target::Socket(_), Some(end)) => {
                let name = session.socket_names().get(&descriptor.fd).cloned().unwrap_or_default();
                let address = end
                    .local
                    .as_ref()
                    .map(|address| session.names().address_of(end.protocol, address))
                    .unwrap_or_default();
                let what = format!("{} socket", end.protocol);
                row.extend([name, what, end.state.name().to_owned(), address]);
            }
            (Target::Socket(_), None) => row.extend([String::new(), "socket".into()]),
            (Target::Pipe(_), _) => row.extend([String::new(), "pipe".into()]),
            (Target::File(path) | Target::Other(path), _) => row.extend([String::new(), printable(path)]),
        }
        rows.push(row);
    }
    let facts = json!({ "worker": session.worker_pid(), "descriptors": descriptors });
    Ok(Report { lines: table(&rows), facts })
}
