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
pub fn make(request: &Request, mut out: impl Write) -> Result<RawFd, Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Kind;
    use std::net::SocketAddrV4;

    /// Runs the whole program with this input: what it wrote, a line each, and its failure.
    fn played(request: &Request, input: &[u8]) -> (Vec<String>, Result<(), Failure>) {
        let mut out = Vec::new();
        let result = run(request, input, &mut out);
        (String::from_utf8(out).expect("text").lines().map(str::to_owned).collect(), result)
    }

    fn lines(request: &Request, input: &[u8]) -> Vec<String> {
        let (lines, result) = played(request, input);
        result.expect("run failed");
        lines
    }

    fn local(port: u16) -> Option<SocketAddrV4> {
        Some(SocketAddrV4::new([127, 0, 0, 1].into(), port))
    }

    #[test]
    fn a_socket_is_made_and_closed() {
        for kind in [Kind::Tcp, Kind::Udp] {
            let lines = lines(&Request { kind, address: None, listen: None }, b"\n");
            assert_eq!(lines.len(), 3, "{lines:?}");
            assert_eq!(lines[0], format!("pid {}", std::process::id()));
            assert!(lines[1].starts_with("fd "), "{lines:?}");
            assert_eq!(lines[2], "closed");
        }
    }

    #[test]
    fn the_port_is_the_real_one() {
        let lines = lines(&Request { kind: Kind::Tcp, address: local(0), listen: Some(5) }, b"\n");
        let address = lines[2].strip_prefix("bound to ").expect("bound");
        assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{lines:?}");
        assert_eq!(lines[3..], [format!("listening on {address}"), "closed".to_owned()]);
    }

    #[test]
    fn whatever_comes_in_the_socket_is_closed_once() {
        let request = Request { kind: Kind::Udp, address: None, listen: None };
        for input in [&b""[..], b"\n", b"\n\n", b"no newline", b"\xff\0\n\xfe", b"one\ntwo\nthree"] {
            let lines = lines(&request, input);
            assert_eq!(lines.iter().filter(|line| *line == "closed").count(), 1, "{input:?}: {lines:?}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_an_error_in_the_system_s_words() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
        let port = other.local_addr().expect("address").port();
        let (lines, result) = played(&Request { kind: Kind::Tcp, address: local(port), listen: None }, b"\n");
        assert_eq!(lines.len(), 2, "{lines:?}");
        let Err(Failure::Failed(words)) = result else { panic!("{result:?}") };
        assert!(words.contains("Address already in use"), "{words}");
    }
}
