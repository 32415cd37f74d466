//! Sending and receiving messages over a stream of bytes.
//!
//! A stream keeps the order of the bytes and nothing else: what was sent with one call may come in
//! three, and what was sent with three may come in one. These functions put messages into it and take
//! them out again. None of them takes a byte that belongs to the next message.

use std::io::{self, Read, Write};
use std::str;

use crate::error::Error;

/// How many bytes the size of a sized message has.
const HEADER: usize = 8;

/// Sends all of `bytes`. (`write_all` of the standard library is this loop. Here it is what the lab is
/// about.)
///
/// # Errors
/// What `write` fails with.
pub fn send_all(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match to.write(rest) {
            // Nothing was taken, and nothing was wrong: trying again would never end.
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => rest = &rest[n..],
            // A signal came first (EINTR): nothing was written and nothing is wrong.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Receives exactly `size` bytes. `None` when the stream ends before the first of them.
///
/// # Errors
/// [`Error::Broken`] when it ends later, but too early; else what `read` fails with.
pub fn recv_exact(from: impl Read, size: usize) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = vec![0; size];
    match fill(from, &mut bytes)? {
        received if received == size => Ok(Some(bytes)),
        0 => Ok(None),
        received => Err(broken(received as u64, size as u64)),
    }
}

/// Fills `buffer` as far as the stream goes, and returns how far that was. (`read_exact` of the standard
/// library does not tell, and leaves undefined what it has read when the stream ends.)
fn fill(mut from: impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn broken(received: u64, expected: u64) -> Error {
    Error::Broken { received, expected: Some(expected) }
}

/// Receives exactly `size` bytes and writes them to `to`, in pieces. `false` when the stream ends before
/// the first of them.
///
/// # Errors
/// As [`recv_exact`]; or what writing fails with.
pub fn recv_exact_to(from: impl Read, size: u64, mut to: impl Write) -> Result<bool, Error> {
    // `take` makes a stream that ends after `size` bytes, so that nothing of the next message is taken.
    match io::copy(&mut from.take(size), &mut to)? {
        received if received == size => Ok(true),
        0 => Ok(false),
        received => Err(broken(received, size)),
    }
}

/// Receives what comes up to the next `delimiter`, which is taken off the stream and is no part of the
/// message. `None` when the stream ends before the first byte.
///
/// # Errors
/// [`Error::Broken`] when the stream ends without a delimiter, [`Error::TooLong`] when more than `limit`
/// bytes stand before it; else what `read` fails with.
pub fn recv_delimited(mut from: impl Read, delimiter: u8, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let mut message = Vec::new();
    let mut byte = [0];
    // A byte at a time, for nobody knows where the delimiter is, and what was read cannot be put back.
    // It costs a system call each where `from` is a socket; whoever calls gives a `BufReader`, which
    // asks the socket for more at a time, and keeps it for the next call.
    while fill(&mut from, &mut byte)? == 1 {
        if byte[0] == delimiter {
            return Ok(Some(message));
        }
        if message.len() == limit {
            return Err(Error::TooLong { limit: limit as u64 });
        }
        message.push(byte[0]);
    }
    match message.len() {
        0 => Ok(None),
        received => Err(Error::Broken { received: received as u64, expected: None }),
    }
}

/// Sends a message with its size before it: eight lower-case hexadecimal digits.
///
/// # Errors
/// As [`send_all`]; and a message whose size needs more digits is not sent at all.
pub fn send_sized(mut to: impl Write, message: &[u8]) -> io::Result<()> {
    let size = u32::try_from(message.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the message has 4 GiB or more"))?;
    send_all(&mut to, format!("{size:08x}").as_bytes())?;
    send_all(to, message)
}

/// Receives a message that has its size before it. `None` when the stream ends before the first byte of
/// the size.
///
/// # Errors
/// [`Error::Broken`] when the stream ends later, [`Error::NoSize`] when there is no size, and
/// [`Error::TooLong`] when it is more than `limit`; else what `read` fails with.
pub fn recv_sized(mut from: impl Read, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let mut header = [0; HEADER];
    match fill(&mut from, &mut header)? {
        HEADER => {}
        0 => return Ok(None),
        received => return Err(broken(received as u64, HEADER as u64)),
    }
    let size = size(header).ok_or(Error::NoSize(header))?;
    // Before a byte of memory is asked for: the size is what somebody claims.
    if size > limit as u64 {
        return Err(Error::TooLong { limit: limit as u64 });
    }
    // Here the stream must not end, not even before the first byte: the message has begun already.
    recv_exact(from, size as usize)?.map(Some).ok_or(broken(0, size))
}

/// The number that eight lower-case hexadecimal digits stand for.
fn size(header: [u8; HEADER]) -> Option<u64> {
    // `from_str_radix` alone would take `+` and capital letters, too.
    if !header.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    u64::from_str_radix(str::from_utf8(&header).ok()?, 16).ok()
}

/// Receives everything up to the end of the stream: one message, which may be empty.
///
/// # Errors
/// What `read` fails with.
pub fn recv_to_end(mut from: impl Read) -> Result<Vec<u8>, Error> {
    let mut message = Vec::new();
    from.read_to_end(&mut message)?;
    Ok(message)
}

/// Sends all that a file holds, in pieces. Returns how many bytes it was.
///
/// # Errors
/// What reading or writing fails with.
pub fn send_file(mut from: impl Read, mut to: impl Write) -> io::Result<u64> {
    // Its buffer is 8 KiB. Where `from` is a file and `to` a socket themselves, it has the kernel move
    // the bytes (sendfile(2)), and they never come into this process.
    io::copy(&mut from, &mut to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes a call, after a signal has come first.
    struct InPieces<'a> {
        bytes: &'a [u8],
        piece: usize,
        interrupted: bool,
    }

    fn in_pieces(bytes: &[u8], piece: usize) -> InPieces<'_> {
        InPieces { bytes, piece, interrupted: false }
    }

    impl Read for InPieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = buffer.len().min(self.piece);
            self.bytes.read(&mut buffer[..n])
        }
    }

    /// Takes at most two bytes a call, after a signal has come first; or nothing at all.
    struct NearlyFull {
        taken: Vec<u8>,
        interrupted: bool,
    }

    impl Write for NearlyFull {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = bytes.len().min(2);
            self.taken.extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sent(send: impl FnOnce(&mut NearlyFull) -> io::Result<()>) -> Vec<u8> {
        let mut out = NearlyFull { taken: Vec::new(), interrupted: false };
        send(&mut out).unwrap();
        out.taken
    }

    /// All messages of a stream, and in words why there are no more.
    fn all(mut next: impl FnMut() -> Result<Option<Vec<u8>>, Error>) -> (Vec<Vec<u8>>, String) {
        let mut messages = Vec::new();
        loop {
            match next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, "end".to_owned()),
                Err(error) => return (messages, error.to_string()),
            }
        }
    }

    fn check(
        stream: &[u8],
        next: fn(&mut InPieces<'_>) -> Result<Option<Vec<u8>>, Error>,
        messages: &[&[u8]],
        end: &str,
    ) {
        for piece in 1..=stream.len().max(1) {
            let mut from = in_pieces(stream, piece);
            let (found, ended) = all(|| next(&mut from));
            assert_eq!(
                (found.as_slice(), ended.as_str()),
                (&messages.iter().map(|m| m.to_vec()).collect::<Vec<_>>()[..], end),
                "{stream:?} in pieces of {piece}"
            );
        }
    }

    #[test]
    fn what_is_sent() {
        assert_eq!(sent(|out| send_all(out, b"hello")), b"hello");
        assert_eq!(sent(|out| send_sized(out, b"hello")), b"00000005hello");
        assert_eq!(sent(|out| send_sized(out, b"")), b"00000000");
        assert_eq!(sent(|out| send_file(in_pieces(b"hello", 3), out).map(|n| assert_eq!(n, 5))), b"hello");
    }

    #[test]
    fn a_writer_that_takes_nothing_is_an_error() {
        let error = send_all(&mut [][..], b"hello").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    fn fixed_messages() {
        let next = |from: &mut InPieces<'_>| recv_exact(from, 3);
        check(b"", next, &[], "end");
        check(b"abcdef", next, &[b"abc", b"def"], "end");
        check(b"abcd", next, &[b"abc"], "connection broken after 1 of 3 bytes");
        assert_eq!(recv_exact(&b"abc"[..], 0).unwrap().as_deref(), Some(&b""[..]));
    }

    #[test]
    fn fixed_messages_into_a_writer() {
        let next = |from: &mut InPieces<'_>| {
            let mut message = Vec::new();
            Ok(recv_exact_to(from, 3, &mut message)?.then_some(message))
        };
        check(b"", next, &[], "end");
        check(b"abcdef", next, &[b"abc", b"def"], "end");
        check(b"abcd", next, &[b"abc"], "connection broken after 1 of 3 bytes");
    }

    #[test]
    fn delimited_messages() {
        let next = |from: &mut InPieces<'_>| recv_delimited(from, b'\n', 5);
        check(b"", next, &[], "end");
        check(b"a\n\n\0\xff\r\n", next, &[b"a", b"", b"\0\xff\r"], "end");
        check(b"a\nbc", next, &[b"a"], "connection broken after 2 bytes");
        check(b"abcde\n", next, &[b"abcde"], "end");
        check(b"abcdef\n", next, &[], "the message is longer than 5 bytes");
    }

    #[test]
    fn sized_messages() {
        let next = |from: &mut InPieces<'_>| recv_sized(from, 16);
        check(b"", next, &[], "end");
        check(b"00000005hello0000000000000003a\0\n", next, &[b"hello", b"", b"a\0\n"], "end");
        check(b"00000010123456789abcdef0", next, &[b"123456789abcdef0"], "end");
        check(b"000", next, &[], "connection broken after 3 of 8 bytes");
        check(b"00000005", next, &[], "connection broken after 0 of 5 bytes");
        check(b"00000005he", next, &[], "connection broken after 2 of 5 bytes");
        check(b"00000011", next, &[], "the message is longer than 16 bytes");
        check(b"ffffffff", next, &[], "the message is longer than 16 bytes");
        for header in [
            b"0000000A",
            b"+0000005",
            b"0x000005",
            b"       5",
            b"00000-05",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let (messages, end) = all(|| recv_sized(&header[..], 16));
            assert!(messages.is_empty() && end.contains("is not a size"), "{end}");
        }
    }

    #[test]
    fn a_stream_up_to_its_end() {
        for bytes in [&b""[..], b"hello\0\n\xff"] {
            assert_eq!(recv_to_end(in_pieces(bytes, 3)).unwrap(), bytes);
        }
    }

    /// Random bytes, and streams of messages with a byte changed here and there. Whatever comes, the
    /// parsers end, and what they take for messages would be sent as what they have read.
    #[test]
    fn no_stream_confuses_the_parsers() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move |below: usize| {
            // xorshift64*: the same numbers in every run.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
        };
        for round in 0..10_000 {
            let mut stream = Vec::new();
            for _ in 0..random(4) {
                let message: Vec<u8> = (0..random(20)).map(|_| random(256) as u8).collect();
                send_sized(&mut stream, &message).unwrap();
            }
            for _ in 0..random(3) {
                let changed = [random(256) as u8, b"0123456789abcdefABCDEF+- \n"[random(26)]][random(2)];
                match (stream.len(), random(3)) {
                    (0, _) | (_, 0) => stream.push(changed),
                    (length, 1) => stream.truncate(random(length)),
                    (length, _) => stream[random(length)] = changed,
                }
            }
            let mut rest = in_pieces(&stream, 1 + random(9));
            let (messages, end) = all(|| recv_sized(&mut rest, 32));
            let mut again = Vec::new();
            messages.iter().for_each(|message| send_sized(&mut again, message).unwrap());
            assert!(stream.starts_with(&again), "round {round}: {stream:?}");
            assert!(end != "end" || stream == again, "round {round}: {stream:?}");

            let mut rest = in_pieces(&stream, 1 + random(9));
            let (lines, end) = all(|| recv_delimited(&mut rest, b'\n', 64));
            let again: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
            assert!(stream.starts_with(&again), "round {round}: {stream:?}");
            assert!(end != "end" || stream == again, "round {round}: {stream:?}");
        }
    }
}
