//! Text on its way to the terminal.
//!
//! Each piece is written at once, so that what two threads print does not mix. That a
//! terminal is gone is seen by the line editor when it reads the next line.

use netkit::outcome::{Blocked, Outcome};
use netkit::render::{Detail, text};
use netkit::session::Screen;
use netkit::session::names::Names;
use std::io::{self, Write};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

nix::ioctl_read_bad!(window_size, nix::libc::TIOCGWINSZ, nix::libc::winsize);

/// What stands before a line that came of another.
const INDENT: &str = "  ";

/// How many columns the terminal has now: its window may be made wider or narrower at any time.
pub fn columns() -> usize {
    const USUAL: usize = 80;
    let mut size = nix::libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel writes a winsize, and there is room for one (ioctl_tty(2)).
    let asked = unsafe { window_size(nix::libc::STDOUT_FILENO, &raw mut size) };
    match (asked, size.ws_col) {
        (Err(_), _) | (_, 0) => USUAL,
        (Ok(_), columns) => columns.into(),
    }
}

/// What a session writes for: what is left of the terminal's width beside the indentation.
/// Box characters only where the locale says that the terminal knows them; the first of
/// these variables that is set and not empty decides (locale(7)).
pub fn of_session() -> Screen {
    let columns = columns().saturating_sub(INDENT.len());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let boxes = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    Screen { columns, boxes }
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
    lines.push("Ctrl-C interrupts it, Ctrl-Z lets it go on in the background".into());
    show(&lines);
}

/// What came of a line, as it is printed.
pub fn outcome(outcome: &Outcome, names: &Names) -> String {
    indented(&text::outcome(outcome, Detail::Full, names))
}

fn indented(lines: &[String]) -> String {
    let columns = columns();
    lines.iter().map(|line| format!("{}\n", wrap(&format!("{INDENT}{line}"), columns))).collect()
}

/// Breaks a line between words, so that it fits into so many columns. What goes on below
/// stands under the line's last column, if it has columns and there is room; else four columns
/// further in than the line, unless it is running text. A word that does not fit is left to the terminal.
fn wrap(line: &str, columns: usize) -> String {
    /// So much room is enough for a column of text.
    const ROOM: usize = 20;
    if display_width(line) <= columns {
        return line.to_owned();
    }
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    let hanging = match last_column(line) {
        Some(column) if column + ROOM <= columns => column,
        // Running text, in sentences.
        None if line.ends_with('.') => indent,
        _ => indent + 4,
    };
    let hanging = " ".repeat(hanging);
    let options = Options::new(columns)
        .initial_indent(&line[..indent])
        .subsequent_indent(&hanging)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options).join("\n")
}

/// Where the last column of a table's row starts: behind two or more spaces.
fn last_column(line: &str) -> Option<usize> {
    let gap = line.rfind("  ")?;
    let column = display_width(&line[..gap]) + 2;
    (!line[..gap].trim().is_empty()).then_some(column)
}

/// Cuts a text so that it fits into so many columns; where something is left out stands `…`.
pub fn cut(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if display_width(&kept) + display_width(c.encode_utf8(&mut [0; 4])) >= columns {
            break;
        }
        kept.push(c);
    }
    kept + "…"
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
            ("  a  row of a table, broken", "  a  row of a table,\n      broken"),
            ("  A sentence. And one more.", "  A sentence. And one\n  more."),
            ("", ""),
        ] {
            assert_eq!(wrap(line, 24), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_cut() {
        for (text, expected) in [("fits", "fits"), ("does not", "does…"), ("中中中", "中中…")] {
            assert_eq!(cut(text, 5), expected);
        }
    }
}
