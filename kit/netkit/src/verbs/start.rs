//! `start`: runs a program beside the session.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::address;
use crate::data::printable;
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `start`.
pub(super) static VERB: Verb = Verb {
    name: "start",
    group: Group::Programs,
    arguments: &[needed("COMMAND", Kind::Command)],
    summary: "Runs a program beside the session.",
    details: "`server = start python3 server.py` names it; without a name it is called as its command. Its \
              sockets are shown under that name. `\"\\(srv)\"` among the words stands for the address of srv. \
              The program ends with the session.",
    example: &["p = start cat", "stdin p \"hello\\n\"", "output p line", "stop p"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let words = arguments.command(0);
    let program = words.first().map(|word| String::from_utf8_lossy(word).into_owned()).unwrap_or_default();
    let fallback = program.rsplit('/').next().unwrap_or_default().to_owned();
    let name = arguments.name.clone().unwrap_or(fallback);
    for word in &words[1..] {
        let written = address::parse(&String::from_utf8_lossy(word)).ok();
        if let Some(port) = written.and_then(|written| written.port()) {
            session.names_mut().typed(port);
        }
    }
    let pid = session.start_program(&name, &program, &words[1..]).map_err(|error| {
        Failure::new(format!("cannot start {}: {error}", printable(&program)))
            .next("give a program on the search path, or a path such as ./server")
    })?;
    let line = if session.shows_numbers() {
        format!("{name} started, process {pid}")
    } else {
        format!("{name} started")
    };
    Ok(Report { lines: vec![line], facts: json!({ "program": name, "pid": pid }) })
}
