//! `show`: one socket, everything; without one, everything of the session in short.
//!
//! - [`subject`]: what is known of the socket, from all sources.
//! - [`page`]: that as a page, section by section; [`traffic`]: what TCP has counted.
//! - [`next`]: what may be done with the socket in its state.
//! - [`raw`]: its line in `/proc/net`, field by field; [`raw_unix`]: the fields of a UNIX socket's.
//! - [`overview`]: all sockets, a line each.

mod next;
pub(super) mod overview;
mod page;
mod raw;
mod raw_unix;
mod subject;
mod traffic;

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::Value;
use subject::Subject;

/// The row of `show`.
pub(super) static VERB: Verb = Verb {
    name: "show",
    group: Group::Look,
    arguments: &[optional("S", Kind::End), optional("raw", Kind::Word(&["raw"]))],
    summary: "Shows everything that the kernel tells of one socket.",
    details: "Its descriptor, addresses, state, queues, timer, what TCP has counted, and what may be done with it \
              next. S may have been closed: as long as the kernel keeps a socket, it is shown. `show S raw` shows \
              its line in /proc/net as the kernel writes it, and what each field of it means. `show` alone shows \
              all sockets of the session in a line each. In a script, what differs from run to run is left out.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "show c",
        "show c raw",
        "show",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let Some(cookies) = arguments.ends(0) else { return Ok(overview::report(session)) };
    let page = if arguments.word(1).is_some() { raw::page } else { page::page };
    let mut lines = Vec::new();
    let mut facts = Vec::new();
    for cookie in cookies {
        // It was there when the line was read, an instant ago.
        let Some(subject) = Subject::look(session, *cookie)? else { continue };
        let report = page(session, &subject)?;
        lines.extend(report.lines);
        facts.push(report.facts);
    }
    // A name stands for several sockets only when it is a program's.
    let facts = if facts.len() == 1 { facts.remove(0) } else { Value::from(facts) };
    Ok(Report { lines, facts })
}
