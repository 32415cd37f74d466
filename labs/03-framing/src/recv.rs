//! `framing-recv MODE [ADDRESS]`: receives messages from one connection, and prints them. Given.

use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::net::TcpListener;

use labkit::{Failure, printable};

use crate::error::Error;
use crate::framing::{recv_delimited, recv_exact, recv_exact_to, recv_sized, recv_to_end};
use crate::mode::{LIMIT, Mode};

/// What is shown to a user who calls the program wrongly.
pub const USAGE: &str = "framing-recv MODE [ADDRESS] (MODE: fixed:N, line, sized or eof)";

/// Fixed messages up to this size are received as a whole; longer ones, most of which may be padding,
/// a piece at a time.
const SMALL: u64 = 64 << 10;

/// The whole program.
///
/// # Errors
/// A wrong command line, an address on which it cannot listen, a connection that breaks inside a
/// message, a message that is none.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([mode], address) = labkit::server_arguments(USAGE, arguments)?;
    let mode = Mode::read(USAGE, &mode)?;
    let cannot = |error| Failure::new(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(cannot)?;
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {}", listener.local_addr()?).and_then(|()| out.flush()).map_err(unwritten)?;
    let (stream, _) = listener.accept().map_err(|error| Failure::new(format!("cannot accept: {error}")))?;
    // One reader for the whole connection: it may hold bytes that belong to the next message.
    let mut from = BufReader::new(stream);
    if mode == Mode::Eof {
        let message = recv_to_end(&mut from)?;
        return print(&message, &mut out).map_err(unwritten);
    }
    while let Some(message) = recv(&mut from, mode)? {
        print(&message, &mut out).map_err(unwritten)?;
    }
    Ok(())
}

fn unwritten(error: io::Error) -> Failure {
    Failure::new(format!("cannot write to standard output: {error}"))
}

/// The next message, or `None` when the stream has ended.
fn recv(from: impl Read, mode: Mode) -> Result<Option<Vec<u8>>, Error> {
    match mode {
        Mode::Fixed(size) => {
            let mut record = Record::default();
            let whole = if size <= SMALL {
                match recv_exact(from, size as usize)? {
                    Some(bytes) => record.write_all(&bytes).map(|()| true)?,
                    None => false,
                }
            } else {
                recv_exact_to(from, size, &mut record)?
            };
            Ok(whole.then_some(record.message))
        }
        Mode::Line => recv_delimited(from, b'\n', LIMIT),
        Mode::Sized => recv_sized(from, LIMIT),
        Mode::Eof => recv_to_end(from).map(Some),
    }
}

/// Takes a fixed message, and leaves out the NULs at its end: they are counted and not kept.
#[derive(Debug, Default)]
struct Record {
    message: Vec<u8>,
    zeros: usize,
}

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let (message, zeros) = bytes.split_at(end);
        if !message.is_empty() {
            // The NULs that came before were no padding after all.
            self.message.resize(self.message.len() + self.zeros, 0);
            self.message.extend_from_slice(message);
            self.zeros = 0;
        }
        self.zeros += zeros.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints a message in a line: `LENGTH BYTES`.
fn print(message: &[u8], mut out: impl Write) -> io::Result<()> {
    write!(out, "{} ", message.len())?;
    for piece in message.chunks(4096) {
        out.write_all(printable(piece).as_bytes())?;
    }
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_removed_wherever_the_pieces_end() {
        for pieces in [&[&b"a\0b\0\0"[..]][..], &[b"a\0", b"b\0", b"\0"], &[b"a", b"\0", b"", b"b", b"\0\0"]]
        {
            let mut record = Record::default();
            for piece in pieces {
                record.write_all(piece).unwrap();
            }
            assert_eq!(record.message, b"a\0b");
        }
    }

    #[test]
    fn a_message_is_printed_in_one_line() {
        let mut out = Vec::new();
        print(b"a\nb\0\xff", &mut out).unwrap();
        assert_eq!(out, b"5 a\\nb\\x00\\xff\n");
    }
}
