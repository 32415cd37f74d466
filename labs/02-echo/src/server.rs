//! `echo-server [ADDRESS]`: sends every byte back to where it came from.
//!
//! [`run`] is the program; [`echo`] is what it does for one client. Add as many functions of your
//! own as you like.

use std::ffi::OsString;
use std::io::{self, Read, Write};

use labkit::Failure;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "echo-server [ADDRESS]";

/// The whole program.
///
/// 1. Take the address from `arguments`:
///    `let ([], address) = labkit::server_arguments(USAGE, arguments)?;` (`[]`, since this server
///    wants nothing else).
/// 2. Make a socket that listens there. If that fails, return a [`Failure`] that says what you
///    tried and why the system refused.
/// 3. Announce it: one line on standard output, `listening on IP:PORT`, with the port that the
///    socket really has (which one is that when the user asked for port 0?). Whoever waits for the
///    line must get it now, not when a buffer is full.
/// 4. For ever: accept a client, [`echo`] to it, close. Which of the things that can go wrong here
///    end the server, and which end only one client? `labkit::report` writes a line to standard
///    error.
///
/// # Errors
/// A wrong command line, or an address on which it cannot listen. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("server::run (src/server.rs)").into())
}

/// Writes to `to` every byte that comes from `from`, as it comes, until `from` ends.
///
/// For a client both are the same socket. `Read` and `Write` are implemented for `&TcpStream` too,
/// so `&stream` can be given twice. In the tests below both are in memory, and no network is
/// needed.
///
/// # Errors
/// What reading or writing fails with.
pub fn echo(from: impl Read, to: impl Write) -> io::Result<()> {
    let _ = (from, to); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("server::echo (src/server.rs)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most three bytes a call, as a socket may at any time.
    struct InPieces<'a>(&'a [u8]);

    impl Read for InPieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = buffer.len().min(3);
            self.0.read(&mut buffer[..n])
        }
    }

    /// Takes at most two bytes a call, as a socket may when its send queue is nearly full.
    struct NearlyFull(Vec<u8>);

    impl Write for NearlyFull {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(2);
            self.0.extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Echoes `bytes` and compares. Passes as long as `echo` is not written.
    fn check(bytes: &[u8]) {
        let mut out = NearlyFull(Vec::new());
        match echo(InPieces(bytes), &mut out) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return,
            result => result.expect("echo failed"),
        }
        assert_eq!(labkit::printable(&out.0), labkit::printable(bytes));
    }

    #[test]
    fn a_short_message_comes_back() {
        check(b"Hello");
    }

    #[test]
    fn nothing_comes_back_as_nothing() {
        check(b"");
    }

    // What other messages could go wrong? Add them here.
}
