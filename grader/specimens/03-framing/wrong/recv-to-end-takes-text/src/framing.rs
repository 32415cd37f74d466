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
    let mut message = String::new();
    from.read_to_string(&mut message)?;
    Ok(message.into_bytes())
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
