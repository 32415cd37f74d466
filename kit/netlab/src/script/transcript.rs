//! What is written for every line: the line and what came of it, as text or as JSON.

use netkit::data::printable;
use netkit::outcome::Outcome;
use netkit::render::{Detail, json, text};
use netkit::session::names::Names;
use std::io::{self, Write};

/// Writes the transcript to standard output.
pub struct Transcript {
    json: bool,
    out: io::Stdout,
}

impl Transcript {
    /// Nothing is written yet.
    pub fn new(json: bool) -> Self {
        Self { json, out: io::stdout() }
    }

    /// Writes what came of a line: `number` in the script, or `depth` files down from there.
    ///
    /// # Errors
    /// When it cannot be written. It has all been written otherwise, and is not held back.
    pub fn write(&mut self, number: u32, depth: u32, outcome: &Outcome, names: &Names) -> io::Result<()> {
        let written =
            if self.json { object(number, depth, outcome, names) } else { lines(depth, outcome, names) };
        self.out.write_all(written.as_bytes())?;
        self.out.flush()
    }
}

/// `> line`, with what came of it indented; `>> line` for the line of a file that was sourced.
fn lines(depth: u32, outcome: &Outcome, names: &Names) -> String {
    let marks = usize::try_from(depth).map_or(1, |depth| depth + 1);
    let mut written = format!("{} {}", ">".repeat(marks), printable(&outcome.line));
    written.truncate(written.trim_end().len());
    written.push('\n');
    for line in text::outcome(outcome, Detail::Stable, names) {
        written.push_str(format!("  {line}").trim_end());
        written.push('\n');
    }
    written
}

/// The object of a line; `depth` is there only for the lines of files that were sourced.
fn object(number: u32, depth: u32, outcome: &Outcome, names: &Names) -> String {
    let mut object = json::outcome(outcome, number, names);
    if depth > 0 {
        object["depth"] = depth.into();
    }
    format!("{object}\n")
}
