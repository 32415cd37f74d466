//! `echo-client ADDRESS MESSAGE`: sends MESSAGE to an echo server and writes what comes back to
//! standard output.
//!
//! [`run`] is the program. [`send`] and [`receive`] are the two directions of its conversation, and
//! [`exchange`] lets them happen at the same time.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic;
use std::thread;

use labkit::Failure;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "echo-client ADDRESS MESSAGE";

/// The whole program.
///
/// # Errors
/// A wrong command line, a connection that cannot be made, one that is lost, or output that cannot
/// be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (address, [message]) = labkit::client_arguments(USAGE, arguments)?;
    let message = labkit::message(message)
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
    let stream = TcpStream::connect(address)
        .map_err(|error| Failure::new(format!("cannot connect to {address}: {error}")))?;
    exchange(&stream, &message, io::stdout().lock())
        .map_err(|error| Failure::new(format!("talking to {address}: {error}")))
}

/// Sends `message` and, at the same time, writes to `out` what comes back.
///
/// Sending first and receiving afterwards works only as long as the message fits into the queues
/// between the two programs. With a longer one the server cannot send back any more, since nobody
/// reads here; so it stops reading; so sending here never ends.
fn exchange(stream: &TcpStream, message: &[u8], out: impl Write) -> io::Result<()> {
    thread::scope(|scope| {
        // Two threads may use one socket: both directions are independent of each other, and a
        // `&TcpStream` can be read and written.
        let sender = thread::Builder::new().spawn_scoped(scope, || send(stream, message))?;
        let received = receive(stream, out);
        if received.is_err() {
            // The sender may be waiting for room in the send queue that will never come, for
            // instance when it was standard output that broke. This wakes it (EPIPE).
            let _ = stream.shutdown(Shutdown::Both);
        }
        let sent = sender.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        // The kernel reports a reset once, to whichever of the two asks first. The other may see
        // what looks like a clean end: only if both are content has the message come back.
        received.and(sent)
    })
}

/// Sends all of `message`, then ends this side of the connection.
fn send(mut stream: &TcpStream, message: &[u8]) -> io::Result<()> {
    stream.write_all(message)?;
    // A half-close: the server reads the end, and can still send. Closing would end both
    // directions.
    stream.shutdown(Shutdown::Write)
}

/// Writes to `out` every byte that comes from `from`, unchanged, until `from` ends.
///
/// # Errors
/// What reading or writing fails with.
pub fn receive(mut from: impl Read, mut out: impl Write) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => {
                // Standard output keeps what follows the last newline: flush, since nobody knows
                // when more will come.
                out.write_all(&buffer[..n]).and_then(|()| out.flush()).map_err(|error| {
                    io::Error::new(error.kind(), format!("cannot write the reply: {error}"))
                })?;
            }
            // A signal came first (EINTR): nothing was read and nothing is wrong.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives `bytes` and compares.
    fn check(bytes: &[u8]) {
        let mut out = Vec::new();
        receive(bytes, &mut out).expect("receive failed");
        assert_eq!(labkit::printable(&out), labkit::printable(bytes));
    }

    #[test]
    fn a_short_reply_is_written_as_it_came() {
        check(b"Hello");
    }

    #[test]
    fn a_reply_is_bytes_not_text() {
        check(b"\0\n\r\n\xff\xfe\x80");
    }

    #[test]
    fn a_reply_may_be_longer_than_the_buffer() {
        check(&[b"0123456789abcde".as_slice(); 10_000].concat());
    }

    #[test]
    fn what_came_before_a_loss_is_written() {
        struct Reset;
        impl Read for Reset {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let mut out = Vec::new();
        let error = receive(b"Hel".chain(Reset), &mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(out, b"Hel");
    }
}
