//! `framing-send ADDRESS MODE MESSAGE...`: sends messages over one connection. Given.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};

use labkit::Failure;

use crate::framing::{send_all, send_file, send_sized};
use crate::mode::{LIMIT, Mode};

/// What is shown to a user who calls the program wrongly.
pub const USAGE: &str = "framing-send ADDRESS MODE MESSAGE... (MODE: fixed:N, line, sized or eof)";

/// The whole program. All messages are looked at before the first byte is sent.
///
/// # Errors
/// A wrong command line, a message that the mode cannot carry, a connection that cannot be made or is
/// lost.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let mut arguments = arguments;
    let address = arguments.by_ref().take(1);
    let (address, []) = labkit::client_arguments(USAGE, address)?;
    let mode = Mode::read(USAGE, &arguments.next().unwrap_or_default())?;
    let words: Vec<OsString> = arguments.collect();
    if words.is_empty() || (mode == Mode::Eof && words.len() > 1) {
        let reason = if words.is_empty() { "no message" } else { "eof carries one message" };
        return Err(Failure::Usage { reason: reason.to_owned(), usage: USAGE.to_owned() });
    }
    if mode == Mode::Eof && words[0] == "-" {
        // The end of the connection is the end of the message, however long it is: it need not be in
        // memory as a whole.
        let mut to = connect(address)?;
        return send_file(io::stdin().lock(), &mut to).map(drop).map_err(|error| lost(address, &error));
    }
    let messages = words.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
    for message in &messages {
        mode.admits(message)?;
    }
    let mut to = connect(address)?;
    for message in &messages {
        send(&mut to, mode, message).map_err(|error| lost(address, &error))?;
    }
    Ok(())
}

fn lost(address: SocketAddrV4, error: &io::Error) -> Failure {
    Failure::new(format!("sending to {address}: {error}"))
}

/// The bytes of a message; of standard input no more than tells that it is too long.
fn message(word: OsString) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if word == "-" {
        io::stdin().lock().take(LIMIT as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
    } else {
        labkit::message(word)
    };
    read.map_err(|error| Failure::new(format!("cannot read standard input: {error}")))
}

fn connect(address: SocketAddrV4) -> Result<impl Write, Failure> {
    let stream = TcpStream::connect(address)
        .map_err(|error| Failure::new(format!("cannot connect to {address}: {error}")))?;
    Ok(Narrow(stream))
}

/// Sends one message in the way of `mode`.
fn send(mut to: impl Write, mode: Mode, message: &[u8]) -> io::Result<()> {
    match mode {
        Mode::Fixed(size) => {
            send_all(&mut to, message)?;
            // As many NULs as are missing, like a file that has nothing else in it.
            let missing = size - message.len() as u64;
            send_file(io::repeat(0).take(missing), to).map(drop)
        }
        Mode::Line => {
            send_all(&mut to, message)?;
            send_all(to, b"\n")
        }
        Mode::Sized => send_sized(to, message),
        Mode::Eof => send_all(to, message),
    }
}

/// A stream that takes at most 1,000 bytes a call. A socket may take a part only, too, and returns how
/// much that was; but it rarely does, and then when nobody looks. Here it happens always.
struct Narrow<W>(W);

impl<W: Write> Write for Narrow<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(1000)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
