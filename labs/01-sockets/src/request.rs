//! The command line of `sockets`. Given.

use std::ffi::OsString;
use std::net::SocketAddrV4;

use labkit::Failure;

/// What is shown to a user who calls the program wrongly.
pub const USAGE: &str = "sockets tcp|udp [ADDRESS] [--listen N]";

/// What the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The kind of socket to make.
    pub kind: Kind,
    /// The address to bind it to, if one was given. Port 0 asks the system for any free port.
    pub address: Option<SocketAddrV4>,
    /// The backlog to listen with, if it is to listen. Only a TCP socket is.
    pub listen: Option<i32>,
}

/// A kind of socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// TCP: connections that carry a stream of bytes.
    Tcp,
    /// UDP: single datagrams.
    Udp,
}

/// Reads the command line.
///
/// # Errors
/// [`Failure::Usage`] when it is not what [`USAGE`] says.
pub fn read(arguments: impl Iterator<Item = OsString>) -> Result<Request, Failure> {
    let wrong = |reason: String| Failure::Usage { reason, usage: USAGE.to_owned() };
    let mut arguments = arguments.peekable();
    let kind = match arguments.next() {
        Some(word) if word == "tcp" => Kind::Tcp,
        Some(word) if word == "udp" => Kind::Udp,
        Some(word) => return Err(wrong(format!("{word:?} is neither tcp nor udp"))),
        None => return Err(wrong("tcp or udp is missing".to_owned())),
    };
    let mut listen = None;
    let mut rest = Vec::new();
    while let Some(word) = arguments.next() {
        if word != "--listen" {
            rest.push(word);
            continue;
        }
        let number = arguments.next().unwrap_or_default();
        let backlog = number.to_str().and_then(|text| text.parse().ok()).filter(|backlog| *backlog >= 0);
        listen = Some(backlog.ok_or_else(|| wrong(format!("{number:?} is no number of connections")))?);
    }
    if kind == Kind::Udp && listen.is_some() {
        return Err(wrong("a UDP socket has no connections to listen for".to_owned()));
    }
    let address = if rest.is_empty() {
        None
    } else {
        let ([], address) = labkit::server_arguments(USAGE, rest.into_iter())?;
        Some(address)
    };
    Ok(Request { kind, address, listen })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(Kind, Option<&str>, Option<i32>)>) {
        let read = read(line.split_whitespace().map(OsString::from)).ok();
        let expected = expected.map(|(kind, address, listen)| Request {
            kind,
            address: address.and_then(|text| text.parse().ok()),
            listen,
        });
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn command_lines() {
        check("tcp", Some((Kind::Tcp, None, None)));
        check("udp 127.0.0.1:0", Some((Kind::Udp, Some("127.0.0.1:0"), None)));
        check("tcp 0.0.0.0:80 --listen 5", Some((Kind::Tcp, Some("0.0.0.0:80"), Some(5))));
        check("tcp --listen 0 127.0.0.1:1", Some((Kind::Tcp, Some("127.0.0.1:1"), Some(0))));
        check("tcp --listen 7", Some((Kind::Tcp, None, Some(7))));
        for line in [
            "",
            "sctp",
            "TCP",
            "tcp nonsense",
            "tcp 127.0.0.1",
            "tcp 127.0.0.1:65536",
            "tcp 127.0.0.1:1 127.0.0.1:2",
            "tcp --listen",
            "tcp --listen many",
            "tcp --listen -1",
            "udp --listen 5",
        ] {
            check(line, None);
        }
    }
}
