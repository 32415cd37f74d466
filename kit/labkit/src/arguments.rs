//! The command lines of the labs' programs.
//!
//! A server is called as `NAME ARGUMENTS [ADDRESS]`, a client as `NAME ADDRESS ARGUMENTS`.
//! Arguments are [`OsString`]s, that is bytes: Linux lets an argument hold every byte except NUL,
//! valid UTF-8 or not (execve(2)).

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::unix::ffi::OsStringExt;

use crate::Failure;

/// Where a server listens when its command line does not say: `127.0.0.1:7777`.
pub const DEFAULT_ADDRESS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7777);

/// Takes apart a server's command line: `N` arguments, then an address that may be left out.
///
/// `usage` is the line that tells a user what to type, such as `echo-server [ADDRESS]`. `arguments`
/// are those after the program's name: `std::env::args_os().skip(1)`. How many there must be
/// follows from the pattern that takes them: `let ([], address) = …` for a server that wants
/// nothing but its address, `let ([root], address) = …` for one that also wants a folder. Port 0 is
/// an address like any other: it asks the system for a free port.
///
/// # Errors
/// [`Failure::Usage`] when there are too few arguments or too many, or when the address is not
/// `IP:PORT` (IPv4).
pub fn server_arguments<const N: usize>(
    usage: &str,
    arguments: impl Iterator<Item = OsString>,
) -> Result<([OsString; N], SocketAddrV4), Failure> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let address = if arguments.len() <= N {
        DEFAULT_ADDRESS
    } else {
        let last = arguments.split_off(N);
        let [last] = exactly(usage, last)?;
        parse_address(usage, &last)?
    };
    Ok((exactly(usage, arguments)?, address))
}

/// Takes apart a client's command line: an address, then `N` arguments.
///
/// For `usage`, `arguments` and `N` see [`server_arguments`]: `let (address, [message]) = …`.
///
/// # Errors
/// [`Failure::Usage`] when there are too few arguments or too many, or when the address is not
/// `IP:PORT` (IPv4).
pub fn client_arguments<const N: usize>(
    usage: &str,
    mut arguments: impl Iterator<Item = OsString>,
) -> Result<(SocketAddrV4, [OsString; N]), Failure> {
    let first = arguments.next().ok_or_else(|| wrong_number(usage))?;
    let address = parse_address(usage, &first)?;
    Ok((address, exactly(usage, arguments.collect())?))
}

/// The bytes of a `MESSAGE` argument; a lone `-` stands for all of standard input, read to its end.
///
/// # Errors
/// What reading standard input fails with.
pub fn message(argument: OsString) -> io::Result<Vec<u8>> {
    message_from(argument, io::stdin().lock())
}

fn message_from(argument: OsString, mut stdin: impl Read) -> io::Result<Vec<u8>> {
    if argument != "-" {
        return Ok(argument.into_vec());
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse_address(usage: &str, argument: &OsStr) -> Result<SocketAddrV4, Failure> {
    argument.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| Failure::Usage {
        reason: format!("{argument:?} is not an address of the form IP:PORT, such as {DEFAULT_ADDRESS}"),
        usage: usage.to_owned(),
    })
}

fn exactly<const N: usize>(usage: &str, arguments: Vec<OsString>) -> Result<[OsString; N], Failure> {
    arguments.try_into().map_err(|_| wrong_number(usage))
}

fn wrong_number(usage: &str) -> Failure {
    Failure::Usage { reason: "wrong number of arguments".to_owned(), usage: usage.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> impl Iterator<Item = OsString> {
        line.split_whitespace().map(OsString::from).collect::<Vec<_>>().into_iter()
    }

    fn server(line: &str) -> Option<String> {
        let ([], address) = server_arguments("s [ADDRESS]", words(line)).ok()?;
        Some(address.to_string())
    }

    fn file_server(line: &str) -> Option<(OsString, String)> {
        let ([root], address) = server_arguments("s ROOT [ADDRESS]", words(line)).ok()?;
        Some((root, address.to_string()))
    }

    fn client(line: &str) -> Option<(String, OsString)> {
        let (address, [message]) = client_arguments("c ADDRESS MESSAGE", words(line)).ok()?;
        Some((address.to_string(), message))
    }

    #[test]
    fn a_server_has_a_default_address_and_takes_another() {
        assert_eq!(server("").as_deref(), Some("127.0.0.1:7777"));
        assert_eq!(server("0.0.0.0:0").as_deref(), Some("0.0.0.0:0"));
        assert_eq!(server("127.0.0.1:1 127.0.0.1:2"), None);
    }

    #[test]
    fn what_else_a_server_takes_stands_before_its_address() {
        assert_eq!(file_server("/srv"), Some(("/srv".into(), "127.0.0.1:7777".into())));
        assert_eq!(file_server("/srv 10.0.0.1:80"), Some(("/srv".into(), "10.0.0.1:80".into())));
        assert_eq!(file_server(""), None);
        assert_eq!(file_server("/srv 10.0.0.1:80 more"), None);
    }

    #[test]
    fn a_malformed_address_is_refused() {
        for word in
            ["7777", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "localhost:7777", "[::1]:7777", "-"]
        {
            assert_eq!(server(word), None, "{word}");
            assert_eq!(client(&format!("{word} hello")), None, "{word}");
        }
        let not_text = OsString::from_vec(b"\xff:1".to_vec());
        assert!(server_arguments::<0>("s", [not_text].into_iter()).is_err());
    }

    #[test]
    fn a_client_takes_exactly_what_it_asks_for() {
        assert_eq!(client("127.0.0.1:7 hello"), Some(("127.0.0.1:7".into(), "hello".into())));
        assert_eq!(client(""), None);
        assert_eq!(client("127.0.0.1:7"), None);
        assert_eq!(client("127.0.0.1:7 hello world"), None);
    }

    #[test]
    fn a_message_is_bytes_and_a_lone_dash_is_standard_input() {
        let of = |argument: &[u8]| {
            message_from(OsString::from_vec(argument.to_vec()), &b"in\0\xff\n"[..]).unwrap()
        };
        assert_eq!(of(b"hello"), b"hello");
        assert_eq!(of(b"\xff\xfe"), b"\xff\xfe");
        assert_eq!(of(b""), b"");
        assert_eq!(of(b"--"), b"--");
        assert_eq!(of(b"-"), b"in\0\xff\n");
    }
}
