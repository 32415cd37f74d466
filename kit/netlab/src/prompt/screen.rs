//! Text on its way to the terminal.
//!
//! Each piece is written at once, so that what two threads print does not mix. That a
//! terminal is gone is seen by the line editor when it reads the next line.

use netkit::outcome::{Blocked, Outcome};
use netkit::render::{Detail, text};
use netkit::session::Session;
use netkit::session::names::Names;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many columns the terminal has, as far as is known.
static COLUMNS: AtomicUsize = AtomicUsize::new(80);

/// Notes how many columns the terminal has now.
pub fn set_columns(columns: usize) {
    COLUMNS.store(columns, Ordering::Relaxed);
}

/// How many columns running text takes on a terminal of so many: inside the indentation,
/// and no longer than is good to read.
pub fn text_width(columns: usize) -> usize {
    columns.saturating_sub(3).clamp(20, 96)
}

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
    let columns = COLUMNS.load(Ordering::Relaxed);
    lines.iter().map(|line| format!("{}\n", wrap(&format!("  {line}"), columns))).collect()
}

/// Breaks a line between words, so that it fits into so many columns. What goes on below
/// stands four columns further in than the line; a word that does not fit is left to the
/// terminal.
fn wrap(line: &str, columns: usize) -> String {
    let indent = line.chars().take_while(|c| *c == ' ').count() + 4;
    let mut wrapped = String::new();
    let mut column = 0;
    for word in line.split_inclusive(' ') {
        let width = width(word.trim_end());
        if column + width > columns && column > indent {
            wrapped.truncate(wrapped.trim_end().len());
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            column = indent;
        }
        wrapped.push_str(word);
        column += self::width(word);
    }
    wrapped
}

/// How many columns a text takes: its characters, without those of colour codes.
fn width(text: &str) -> usize {
    let mut escape = false;
    let shown = text.chars().filter(|c| {
        let hidden = escape || *c == '\x1b';
        escape = hidden && *c != 'm';
        !hidden
    });
    shown.count()
}

/// What the end of a session closes, in one line; `None` when there is nothing.
pub fn farewell(session: &mut Session) -> Option<String> {
    if session.worker_gone().is_some() {
        // The sockets went with it, as was said then.
        return None;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        for (line, expected) in [
            ("  fits just so, it does", "  fits just so, it does"),
            ("  fits not just so, it does", "  fits not just so, it\n      does"),
            ("  \u{1b}[31mred\u{1b}[0m is not counted", "  \u{1b}[31mred\u{1b}[0m is not counted"),
            ("  awordthatislongerthanallthecolumns", "  awordthatislongerthanallthecolumns"),
            ("", ""),
        ] {
            assert_eq!(wrap(line, 24), expected);
        }
    }
}
