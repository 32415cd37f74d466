//! Lines as they come: from a file, or from a pipe whose other end may be a person.

use netkit::outcome::{Failure, Outcome};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc::SyncSender;

/// What a script may hear next.
pub enum Input {
    /// A line.
    Line(Line),
    /// There are no more lines.
    End,
    /// The lines cannot be read any further.
    Unreadable(io::Error),
    /// A signal of this number asks the script to end.
    Signal(i32),
}

/// A line, without its end.
pub enum Line {
    /// Text.
    Text(String),
    /// Bytes that are not UTF-8, and the failure that comes of them.
    NotText(Box<Outcome>),
}

/// Opens a script, or standard input.
///
/// # Errors
/// A sentence that says what cannot be read, and why.
pub fn open(path: Option<&Path>) -> Result<Box<dyn BufRead + Send>, String> {
    let Some(path) = path else { return Ok(Box::new(BufReader::new(io::stdin()))) };
    let cannot = |error: &io::Error| format!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(|error| cannot(&error))?;
    // A folder can be opened like a file, but not read.
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(cannot(&io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok(Box::new(BufReader::new(file)))
}

/// Reads lines on a thread of its own, so that a signal need not wait for the next one.
///
/// # Errors
/// When there is no thread to be had.
pub fn read(mut reader: Box<dyn BufRead + Send>, sender: SyncSender<Input>) -> io::Result<()> {
    std::thread::Builder::new().name("lines".into()).spawn(move || {
        loop {
            let input = next(&mut *reader);
            let last = !matches!(input, Input::Line(_));
            // Sending fails when the script has ended before its last line.
            if sender.send(input).is_err() || last {
                return;
            }
        }
    })?;
    Ok(())
}

fn next(reader: &mut dyn BufRead) -> Input {
    let mut bytes = Vec::new();
    match reader.read_until(b'\n', &mut bytes) {
        Ok(0) => Input::End,
        Ok(_) => Input::Line(line(bytes)),
        Err(error) => Input::Unreadable(error),
    }
}

/// A line of bytes as text; its end may be that of Unix or of Windows.
fn line(mut bytes: Vec<u8>) -> Line {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    String::from_utf8(bytes)
        .map_or_else(|error| Line::NotText(Box::new(not_text(error.as_bytes()))), Line::Text)
}

/// The failure of a line that is not UTF-8. The line is shown whole, the bytes that are no
/// text as `\xNN`.
fn not_text(bytes: &[u8]) -> Outcome {
    let mut shown = String::new();
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            first = first.or(Some((shown.len(), *byte)));
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    let (place, byte) = first.unwrap_or_default();
    let failure =
        Failure::new(format!("this line is not text: it is not UTF-8 from the byte 0x{byte:02x} on"))
            .next("save the script as UTF-8; a byte that is meant as data is written \\xNN, in a string")
            .at(place..place + 4);
    Outcome { line: shown, failure: Some(failure), ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of some bytes: text as it is, what is no text behind `!`.
    fn check(bytes: &[u8], expected: &[&str]) {
        let mut reader = bytes;
        let mut lines = Vec::new();
        loop {
            match next(&mut reader) {
                Input::Line(Line::Text(text)) => lines.push(text),
                Input::Line(Line::NotText(outcome)) => lines.push(format!("!{}", outcome.line)),
                _ => break,
            }
        }
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_end_as_on_unix_or_as_on_windows_or_not_at_all() {
        check(b"fds\nstate", &["fds", "state"]);
        check(b"fds\r\n\r\nstate\n", &["fds", "", "state"]);
        check(b"a\rb\n", &["a\rb"]);
        check(b"", &[]);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_and_not_lost() {
        check(b"send c \"\xe4\xff\xc3\xa9\"\nfds\n", &["!send c \"\\xe4\\xff\u{e9}\"", "fds"]);
        let outcome = not_text(b"x\xff");
        let span = outcome.failure.and_then(|failure| failure.span).expect("points at the byte");
        assert_eq!(&outcome.line[span], "\\xff");
    }
}
