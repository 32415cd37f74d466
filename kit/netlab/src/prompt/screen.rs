//! Text on its way to the terminal.
//!
//! Each piece is written at once, so that what two threads print does not mix. That a
//! terminal is gone is seen by the line editor when it reads the next line.

use netkit::outcome::{Blocked, Outcome};
use netkit::render::{Detail, text};
use netkit::session::Session;
use netkit::session::names::Names;
use std::io::{self, Write};

/// Prints text as it is.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints lines, indented under the line that they belong to.
pub fn show(lines: &[String]) {
    print(&indented(lines));
}

/// Prints what came of a line.
pub fn show_outcome(outcome: &Outcome, names: &Names) {
    print(&self::outcome(outcome, names));
}

/// Prints that the call of the line that is running is blocked.
pub fn show_blocked(blocked: &Blocked, names: &Names) {
    let mut lines = text::blocked(blocked, Detail::Full, names);
    lines.push("Ctrl-C interrupts it".into());
    show(&lines);
}

/// What came of a line, as it is printed.
pub fn outcome(outcome: &Outcome, names: &Names) -> String {
    indented(&text::outcome(outcome, Detail::Full, names))
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// What the end of a session closes, in one line; `None` when there is nothing.
pub fn farewell(session: &mut Session) -> Option<String> {
    let label = |(fd, name): (i32, Option<&String>)| match name {
        Some(name) => format!("{name} ({fd})"),
        None => fd.to_string(),
    };
    let names = session.socket_names();
    let own = session.ends().iter().filter_map(|end| end.fd);
    let sockets: Vec<String> = own.map(|fd| label((fd, names.get(&fd)))).collect();
    let jobs: Vec<String> = session.jobs().map(|(number, job)| format!("{number} ({})", job.line)).collect();
    let running =
        |name: &&str| session.programs().find(name).is_some_and(|program| program.ending().is_none());
    let programs: Vec<String> = session.programs().names().filter(running).map(str::to_owned).collect();
    let parts: Vec<String> = [("closed", sockets), ("cut short: job", jobs), ("ended", programs)]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(what, list)| format!("{what} {}", list.join(", ")))
        .collect();
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}
