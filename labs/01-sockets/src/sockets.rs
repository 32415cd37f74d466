//! What `sockets` does: makes a socket, tells its number and its address, holds it, closes it.
//!
//! [`run`] is the program. [`make`] and [`hold`] are its two halves. Add as many functions of your own
//! as you like.

use std::io::{BufRead, Write};
use std::os::fd::RawFd;

use labkit::Failure;

use crate::request::Request;

/// The whole program: makes the socket that `request` asks for, then holds it until `input` says that
/// it is to be closed. `input` is standard input, `out` standard output.
///
/// # Errors
/// What [`make`] or [`hold`] fails with.
pub fn run(request: &Request, input: impl BufRead, mut out: impl Write) -> Result<(), Failure> {
    let fd = make(request, &mut out)?;
    hold(fd, input, out)
}

/// Makes a socket and says so on `out`, a line for each step, as soon as the step is done:
///
/// 1. `pid N`, the number of this process, and `fd N`, the number of the socket in it;
/// 2. if `request` has an address: binds the socket to it; then `bound to IP:PORT`, with the port that
///    the socket really has;
/// 3. if `request` has a backlog: listens with it; then `listening on IP:PORT`.
///
/// The calls are in `src/calls.rs`; the process's number is `std::process::id()`. Write the lines with
/// `writeln!(out, …)`, each when its step is done: somebody may be waiting for it.
///
/// Returns the socket's descriptor.
///
/// # Errors
/// A call that fails, or a line that cannot be written: return a [`Failure`] that says what you tried
/// and why the system refused: `.map_err(|error| Failure::new(format!("binding to {address}: {error}")))?`.
pub fn make(request: &Request, out: impl Write) -> Result<RawFd, Failure> {
    let _ = (request, out); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("make (src/sockets.rs)").into())
}

/// Waits for a line on `input`, closes the socket, and writes `closed` to `out`. Then goes on reading,
/// whatever comes, until `input` ends. If it ends before there was a line, the socket is closed then.
///
/// What is in the line does not matter. It need not even be text.
///
/// # Errors
/// A call that fails, or a line that cannot be read or written.
pub fn hold(fd: RawFd, input: impl BufRead, out: impl Write) -> Result<(), Failure> {
    let _ = (fd, input, out); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("hold (src/sockets.rs)").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Kind;

    /// Runs the whole program with this input, and gives what it wrote, a line each. `None` as long as
    /// it is not written.
    fn lines(request: &Request, input: &[u8]) -> Option<Vec<String>> {
        let mut out = Vec::new();
        match run(request, input, &mut out) {
            Err(Failure::Failed(words)) if words.contains("is not written yet") => return None,
            result => result.expect("run failed"),
        }
        Some(String::from_utf8(out).expect("text").lines().map(str::to_owned).collect())
    }

    #[test]
    fn a_socket_is_made_and_closed() {
        let request = Request { kind: Kind::Tcp, address: None, listen: None };
        let Some(lines) = lines(&request, b"\n") else { return };
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(lines[0], format!("pid {}", std::process::id()));
        assert!(lines[1].starts_with("fd "), "{lines:?}");
        assert_eq!(lines[2], "closed");
    }

    // A socket that is bound, one that listens, an address that is no good? Add them here.
}
