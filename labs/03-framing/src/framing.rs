//! Sending and receiving messages over a stream of bytes.
//!
//! A stream keeps the order of the bytes and nothing else: what was sent with one call may come in
//! three, and what was sent with three may come in one. These functions put messages into it and take
//! them out again. None of them knows of sockets: each takes anything that can be read or written, so
//! that the tests at the end of this file need no network.
//!
//! When a function for receiving is called again with the same reader, it must find the next message.
//! So it must not take a byte that belongs to that.
//!
//! A stream that ends where a message could begin has ended well: there is no more message. One that
//! ends inside a message is broken, and that is an error which says how far the message came
//! ([`Error::Broken`]).

use std::io::{self, Read, Write};

use crate::error::Error;

/// Sends all of `bytes`. A single call of `write` may take a part of them, and returns how many it took.
///
/// # Errors
/// What `write` fails with. A call that was interrupted by a signal has not failed: it has done nothing,
/// and is made again (`io::ErrorKind::Interrupted`).
pub fn send_all(to: impl Write, bytes: &[u8]) -> io::Result<()> {
    let _ = (to, bytes); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("send_all (src/framing.rs)"))
}

/// Receives exactly `size` bytes. `None` when the stream ends before the first of them; for no bytes
/// nothing is read, and they are there.
///
/// # Errors
/// [`Error::Broken`] when it ends later, but too early; else what `read` fails with.
pub fn recv_exact(from: impl Read, size: usize) -> Result<Option<Vec<u8>>, Error> {
    let _ = (from, size);
    Err(labkit::not_written("recv_exact (src/framing.rs)").into())
}

/// Receives exactly `size` bytes and writes them to `to`, in pieces: there may be more of them than fit
/// into memory. `false` when the stream ends before the first of them.
///
/// # Errors
/// As [`recv_exact`]; or what writing fails with.
pub fn recv_exact_to(from: impl Read, size: u64, to: impl Write) -> Result<bool, Error> {
    let _ = (from, size, to);
    Err(labkit::not_written("recv_exact_to (src/framing.rs)").into())
}

/// Receives what comes up to the next `delimiter`, which is taken off the stream and is no part of the
/// message. `None` when the stream ends before the first byte.
///
/// # Errors
/// [`Error::Broken`] when the stream ends without a delimiter: nobody knows how many bytes are missing.
/// [`Error::TooLong`] when more than `limit` bytes stand before it; else what `read` fails with.
pub fn recv_delimited(from: impl Read, delimiter: u8, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let _ = (from, delimiter, limit);
    Err(labkit::not_written("recv_delimited (src/framing.rs)").into())
}

/// Sends a message with its size before it: eight lower-case hexadecimal digits.
///
/// # Errors
/// As [`send_all`]; and a message whose size needs more digits is not sent at all
/// (`io::ErrorKind::InvalidInput`).
pub fn send_sized(to: impl Write, message: &[u8]) -> io::Result<()> {
    let _ = (to, message);
    Err(labkit::not_written("send_sized (src/framing.rs)"))
}

/// Receives a message that has its size before it. `None` when the stream ends before the first byte of
/// the size.
///
/// # Errors
/// [`Error::Broken`] when the stream ends later: inside the size (how many of its 8 bytes have come?) or
/// inside the message (how many of the message's?). [`Error::NoSize`] when the eight bytes are not eight
/// lower-case hexadecimal digits. [`Error::TooLong`] when the size is more than `limit`; no memory is
/// used for such a message. Else what `read` fails with.
pub fn recv_sized(from: impl Read, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let _ = (from, limit);
    Err(labkit::not_written("recv_sized (src/framing.rs)").into())
}

/// Receives everything up to the end of the stream: one message, which may be empty.
///
/// # Errors
/// What `read` fails with.
pub fn recv_to_end(from: impl Read) -> Result<Vec<u8>, Error> {
    let _ = from;
    Err(labkit::not_written("recv_to_end (src/framing.rs)").into())
}

/// Sends all that a file holds, in pieces: it may be larger than memory. Returns how many bytes it was.
///
/// # Errors
/// What reading or writing fails with.
pub fn send_file(from: impl Read, to: impl Write) -> io::Result<u64> {
    let _ = (from, to);
    Err(labkit::not_written("send_file (src/framing.rs)"))
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

    /// Whether a function is not written yet. Its tests pass that long.
    fn is_missing<T>(result: &Result<T, Error>) -> bool {
        matches!(result, Err(Error::Io(error)) if error.kind() == io::ErrorKind::Unsupported)
    }

    #[test]
    fn all_bytes_are_sent() {
        let mut out = NearlyFull(Vec::new());
        let result = send_all(&mut out, b"hello").map_err(Error::from);
        if !is_missing(&result) {
            result.expect("send_all failed");
            assert_eq!(out.0, b"hello");
        }
    }

    #[test]
    fn two_sized_messages_come_one_after_the_other() {
        let mut stream = InPieces(b"00000005hello00000003abc");
        for message in [&b"hello"[..], b"abc"] {
            let result = recv_sized(&mut stream, 100);
            if is_missing(&result) {
                return;
            }
            assert_eq!(result.expect("recv_sized failed").as_deref(), Some(message));
        }
        assert_eq!(recv_sized(&mut stream, 100).expect("recv_sized failed"), None);
    }

    // What if the stream ends inside the size? What if the size is nonsense? What if a delimiter is
    // missing? Add your tests here.
}
