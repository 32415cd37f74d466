//! `echo-server [ADDRESS]`: sends every byte back to where it came from.
//!
//! [`run`] is the program, [`serve`] accepts one client after the other, [`echo`] is what it does
//! for each. The server is iterative: while it serves one client, the others wait in the listen
//! queue, already connected by the kernel.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use labkit::Failure;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "echo-server [ADDRESS]";

/// How long to wait after a failed accept.
const PAUSE: Duration = Duration::from_millis(100);

/// The whole program.
///
/// # Errors
/// A wrong command line, or an address on which it cannot listen. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    // socket, setsockopt(SO_REUSEADDR), bind and listen in one. SO_REUSEADDR is what lets a server
    // be started again while connections of the last one are still in TIME-WAIT (socket(7)).
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    // Not `address`: its port may be 0. getsockname knows which one the kernel chose.
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&listener)
}

/// Tells whoever started the server that clients may come, and where.
fn announce(address: SocketAddr) -> io::Result<()> {
    // `println!` would panic if standard output cannot be written.
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

/// Serves one client after the other, for ever.
fn serve(listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            // A client that resets its connection makes the next read fail with ECONNRESET and the
            // next write with ECONNRESET or EPIPE. That is the end of this client, not of the
            // server. (Writing to a closed connection also raises SIGPIPE, which would kill the
            // process, but Rust's runtime ignores that signal before `main` begins.)
            Ok((stream, client)) => {
                if let Err(error) = echo(&stream, &stream) {
                    labkit::report("echo-server", format_args!("lost {client}: {error}"));
                }
                // `stream` ends here, and with it the connection. Bytes that the client has not
                // read yet are still in the kernel's send queue; it delivers them, then the FIN.
            }
            // Accept can fail through no fault of the listener: the client has left already
            // (ECONNABORTED), or the machine is out of descriptors or memory (EMFILE, ENFILE,
            // ENOBUFS). In the latter case the connection stays in the queue and accept would fail
            // again at once: without a pause this loop would use up a processor.
            Err(error) => {
                labkit::report("echo-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Writes to `to` every byte that comes from `from`, as it comes, until `from` ends.
///
/// The memory it needs is the buffer's, however much passes through: while `to` takes no more,
/// nothing is read, the receive queue fills up, and TCP's window tells the client to wait. (The
/// standard library's `io::copy` does the same. Here the loop is what the lab is about.)
///
/// # Errors
/// What reading or writing fails with.
pub fn echo(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            // The client has ended its side, and all that it sent has been sent back.
            Ok(0) => return Ok(()),
            // `write_all` is a loop too: one write may take less than it is given.
            Ok(n) => to.write_all(&buffer[..n])?,
            // A signal came first (EINTR): nothing was read and nothing is wrong.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most three bytes a call, as a socket may at any time, after a signal has come
    /// first.
    struct InPieces<'a> {
        bytes: &'a [u8],
        interrupted: bool,
    }

    impl Read for InPieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if !std::mem::replace(&mut self.interrupted, true) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = buffer.len().min(3);
            self.bytes.read(&mut buffer[..n])
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

    /// A client that is gone: every write fails.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Echoes `bytes` and compares.
    fn check(bytes: &[u8]) {
        let mut out = NearlyFull(Vec::new());
        let pieces = InPieces { bytes, interrupted: false };
        echo(pieces, &mut out).expect("echo failed");
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

    #[test]
    fn a_message_is_bytes_not_text() {
        check(b"\0\n\r\n\xff\xfe\x80");
    }

    #[test]
    fn a_message_may_be_longer_than_the_buffer() {
        check(&[b"0123456789abcde".as_slice(); 10_000].concat());
    }

    #[test]
    fn a_client_that_is_gone_is_an_error_and_no_panic() {
        let error = echo(&b"Hello"[..], Gone).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
