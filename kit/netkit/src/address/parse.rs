//! How an address is typed.

use super::{Address, UnixAddress};
use crate::language::values::decimal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// What was typed where an address is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// An address that is complete.
    Address(Address),
    /// `:80`: a port, and all addresses of the machine, in the family of the socket.
    AnyHost(u16),
    /// A name of a host or a service, which has to be looked up.
    Name {
        /// The host: `localhost`.
        host: String,
        /// The port, or the name of a service: `80`, `http`.
        service: String,
    },
}

impl Written {
    /// The port that it names by number.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Address(address) => address.port(),
            Self::AnyHost(port) => Some(*port),
            Self::Name { service, .. } => number(service).ok(),
        }
    }
}

/// The most bytes of a path or name: `sun_path` of `struct sockaddr_un` has 108, and a path
/// ends with a zero byte, an abstract name starts with one (unix(7)).
const LONGEST_NAME: usize = 107;

/// Reads `127.0.0.1:7777`, `[::1]:7777`, `:7777` or `*:7777` (any address), `localhost:http`,
/// `unix:PATH`, `unix:@NAME`.
///
/// # Errors
/// One sentence on what is wrong, for the person who typed it.
pub fn parse(text: &str) -> Result<Written, String> {
    if let Some(name) = text.strip_prefix("unix:") {
        return unix(name).map(|name| Written::Address(name.into()));
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(format!(
            "`{text}` is not an address: it needs a port behind a colon, as in `127.0.0.1:7777`"
        ));
    };
    if let Some(host) = host.strip_prefix('[') {
        let host = host
            .strip_suffix(']')
            .ok_or_else(|| format!("`{text}` is not an address: `]` is missing, as in `[::1]:7777`"))?;
        let (ip, scope) = ipv6(host)?;
        return Ok(Written::Address(SocketAddr::V6(SocketAddrV6::new(ip, number(port)?, 0, scope)).into()));
    }
    if host.contains(':') {
        return Err(format!(
            "`{text}` is not an address: an IPv6 address stands in brackets, as in `[::1]:7777`"
        ));
    }
    if matches!(host, "" | "*") {
        return number(port).map(Written::AnyHost);
    }
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let ip: Ipv4Addr = host.parse().map_err(|_| {
            format!("`{host}` is not an IPv4 address: it needs four numbers from 0 to 255, as in `127.0.0.1`")
        })?;
        if is_service(port) {
            return Ok(Written::Name { host: host.to_owned(), service: port.to_owned() });
        }
        return Ok(Written::Address(SocketAddr::new(IpAddr::V4(ip), number(port)?).into()));
    }
    if !host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        return Err(format!("`{host}` is neither an address nor the name of a host, as `localhost` is"));
    }
    if !is_service(port) {
        number(port)?;
    }
    Ok(Written::Name { host: host.to_owned(), service: port.to_owned() })
}

/// Whether it may be the name of a service (RFC 6335, section 5.1: it has a letter).
fn is_service(port: &str) -> bool {
    port.starts_with(|c: char| c.is_ascii_alphabetic())
        && port.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn number(port: &str) -> Result<u16, String> {
    decimal(port).and_then(|port| u16::try_from(port).ok()).ok_or_else(|| {
        format!("`{port}` is not a port: a port is a number from 0 to 65535 (0 lets the kernel choose one)")
    })
}

/// `::1`, `fe80::1%eth0`, `fe80::1%2`: the interface is a part of a link-local address
/// (RFC 4007, section 11).
fn ipv6(text: &str) -> Result<(Ipv6Addr, u32), String> {
    let (ip, zone) = match text.split_once('%') {
        Some((ip, zone)) => (ip, Some(zone)),
        None => (text, None),
    };
    let ip = ip.parse().map_err(|_| {
        format!(
            "`{ip}` is not an IPv6 address: it needs groups of hexadecimal digits, as in `::1` or `fe80::1`"
        )
    })?;
    let scope = match zone {
        None => 0,
        Some(zone) => match decimal(zone) {
            Some(number) => u32::try_from(number).map_err(|_| no_interface(zone))?,
            None => nix::net::if_::if_nametoindex(zone).map_err(|_| no_interface(zone))?,
        },
    };
    Ok((ip, scope))
}

fn no_interface(zone: &str) -> String {
    format!("`{zone}` is no network interface of this machine; `ip link` lists them")
}

fn unix(name: &str) -> Result<UnixAddress, String> {
    let (kind, bytes): (fn(Vec<u8>) -> UnixAddress, &str) = match name.strip_prefix('@') {
        Some(name) => (UnixAddress::Abstract, name),
        None if name.is_empty() => return Ok(UnixAddress::Unnamed),
        None => (UnixAddress::Path, name),
    };
    if bytes.len() > LONGEST_NAME {
        return Err(format!(
            "this name has {} bytes, and an address of the UNIX domain has room for {LONGEST_NAME}; \
             a path may also be written relative to the folder that netlab was started in",
            bytes.len()
        ));
    }
    if bytes.contains('\0') {
        return Err("a name in the UNIX domain is typed without zero bytes".into());
    }
    Ok(kind(bytes.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("127.0.0.1:7777", "127.0.0.1:7777"),
            ("[::1]:7777", "[::1]:7777"),
            ("[::]:0", "[::]:0"),
            ("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80"),
            ("[fe80::1%3]:80", "[fe80::1%3]:80"),
            ("unix:/tmp/x", "unix:/tmp/x"),
            ("unix:relative", "unix:relative"),
            ("unix:@name", "unix:@name"),
            ("unix:", "unix:"),
        ] {
            let address = parse(text).map(|written| match written {
                Written::Address(address) => address.to_string(),
                other => format!("{other:?}"),
            });
            assert_eq!(address, Ok(expected.to_owned()), "{text}");
        }
        for text in [":80", "*:80"] {
            assert_eq!(parse(text), Ok(Written::AnyHost(80)));
        }
    }

    #[test]
    fn an_interface_is_known_by_its_name() {
        let loopback = nix::net::if_::if_nametoindex("lo").unwrap();
        let by_name = parse("[fe80::1%lo]:80").unwrap();
        assert_eq!(by_name, parse(&format!("[fe80::1%{loopback}]:80")).unwrap());
        assert!(parse("[fe80::1%nowhere]:80").unwrap_err().contains("no network interface"));
    }

    #[test]
    fn names() {
        for (text, host, service) in [
            ("localhost:9", "localhost", "9"),
            ("localhost:http", "localhost", "http"),
            ("127.0.0.1:http", "127.0.0.1", "http"),
            ("a-b.example:80", "a-b.example", "80"),
        ] {
            let expected = Written::Name { host: host.into(), service: service.into() };
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_told_apart() {
        let long = format!("unix:{}", "x".repeat(108));
        for (text, phrase) in [
            ("", "needs a port"),
            ("7777", "needs a port"),
            ("127.0.0.1", "needs a port"),
            ("127.0.0.1:", "not a port"),
            ("127.0.0.1:65536", "not a port"),
            ("127.0.0.1:+1", "not a port"),
            ("localhost:65536", "not a port"),
            ("256.0.0.1:1", "not an IPv4 address"),
            ("::1:7777", "in brackets"),
            ("a:b:1", "in brackets"),
            ("[::1:7777", "`]` is missing"),
            ("[::1]", "`]` is missing"),
            ("[::1]:x", "not a port"),
            ("[::g]:1", "not an IPv6 address"),
            ("a b:1", "neither an address"),
            (&long, "108 bytes"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(phrase), "{text}: {message}");
        }
    }
}
