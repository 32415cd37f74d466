//! What `sockets` does: makes a socket, tells its number and its address, holds it, closes it.
//!
//! [`run`] is the program. [`make`] and [`hold`] are its two halves.

use std::fmt::Display;
use std::io::{self, BufRead, Write};
use std::os::fd::RawFd;

use labkit::Failure;

use crate::calls;
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

/// Makes a socket and says so on `out`, a line for each step, as soon as the step is done.
///
/// Returns the socket's descriptor. When a step fails the descriptor stays open: the program ends then,
/// and the kernel closes all that it had open.
///
/// # Errors
/// A call that fails, or a line that cannot be written.
pub fn make(request: &Request, mut to: impl Write) -> Result<RawFd, Failure> {
    let mut out = Vec::new();
    let fd = calls::socket(request.kind).map_err(cannot("make a socket"))?;
    tell(&mut out, format_args!("pid {}", std::process::id()))?;
    tell(&mut out, format_args!("fd {fd}"))?;
    if let Some(address) = request.address {
        calls::bind(fd, address).map_err(cannot(format!("bind to {address}")))?;
        // Not `address`: its port may be 0, and the kernel has chosen another.
        tell(&mut out, format_args!("bound to {}", own_address(fd)?))?;
    }
    if let Some(backlog) = request.listen {
        calls::listen(fd, backlog).map_err(cannot("listen"))?;
        // A socket that was not bound has been by now: listen gives it a free port on all addresses.
        tell(&mut out, format_args!("listening on {}", own_address(fd)?))?;
    }
    to.write_all(&out).and_then(|()| to.flush()).map_err(cannot("write to standard output"))?;
    Ok(fd)
}

fn own_address(fd: RawFd) -> Result<impl Display, Failure> {
    calls::getsockname(fd).map_err(cannot("ask for the socket's address"))
}

/// Waits for a line on `input`, closes the socket, and writes `closed` to `out`. Then goes on reading,
/// whatever comes, until `input` ends. If it ends before there was a line, the socket is closed then.
///
/// # Errors
/// A call that fails, or a line that cannot be read or written.
pub fn hold(fd: RawFd, mut input: impl BufRead, mut out: impl Write) -> Result<(), Failure> {
    // Up to a newline or to the end of the input, whichever comes first. The bytes are not kept, so a
    // line may have any length, and may be no text at all.
    input.skip_until(b'\n').map_err(cannot("read standard input"))?;
    // Once only: after this the number may belong to something else.
    calls::close(fd).map_err(cannot("close the socket"))?;
    tell(&mut out, "closed")?;
    io::copy(&mut input, &mut io::sink()).map_err(cannot("read standard input"))?;
    Ok(())
}

/// Writes a line, now and not when a buffer is full: whoever reads it may be waiting for it.
fn tell(out: &mut impl Write, line: impl Display) -> Result<(), Failure> {
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(cannot("write to standard output"))
}

/// Makes a failure of an error: what was tried, and the system's words.
fn cannot(what: impl Display) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::new(format!("cannot {what}: {error}"))
}
