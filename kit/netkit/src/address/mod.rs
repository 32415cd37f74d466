//! Addresses of sockets: an IP address and a port, or a name of the UNIX domain.
//!
//! - `parse`: how an address is typed.
//! - [`sockaddr`]: how the kernel has it, as bytes.

mod parse;
pub mod sockaddr;

pub use parse::{Written, parse};

use crate::data::printable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Where a socket is, whatever its family.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Address {
    /// An IP address and a port (ip(7), ipv6(7)).
    Inet(SocketAddr),
    /// A name of the UNIX domain (unix(7)).
    Unix(UnixAddress),
}

/// A name of the UNIX domain. Bytes, for the kernel does not ask that they be text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum UnixAddress {
    /// No name: as of a client that was not bound, or of one made by socketpair(2).
    Unnamed,
    /// The path of a file.
    Path(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A name that is in no file system: what stands behind the zero byte.
    Abstract(#[serde(with = "serde_bytes")] Vec<u8>),
}

impl Address {
    /// The IP address and port, if it is one.
    pub fn inet(&self) -> Option<SocketAddr> {
        if let Self::Inet(address) = self { Some(*address) } else { None }
    }

    /// The name in the UNIX domain, if it is one.
    pub fn unix(&self) -> Option<&UnixAddress> {
        if let Self::Unix(name) = self { Some(name) } else { None }
    }

    /// The port, if it has one.
    pub fn port(&self) -> Option<u16> {
        self.inet().map(|address| address.port())
    }

    /// Whether it says nothing: no IP address and no port, or no name.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Inet(address) => address.ip().is_unspecified() && address.port() == 0,
            Self::Unix(name) => *name == UnixAddress::Unnamed,
        }
    }

    /// Its family's name in C.
    pub fn family_name(&self) -> &'static str {
        match self {
            Self::Inet(SocketAddr::V4(_)) => "AF_INET",
            Self::Inet(SocketAddr::V6(_)) => "AF_INET6",
            Self::Unix(_) => "AF_UNIX",
        }
    }

    /// The same, with an IPv4 address as such: `[::ffff:127.0.0.1]:80` is 127.0.0.1:80
    /// (RFC 4291, section 2.5.5.2).
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self {
            Self::Inet(address) if is_mapped(address.ip()) => {
                Self::Inet(SocketAddr::new(address.ip().to_canonical(), address.port()))
            }
            other => other.clone(),
        }
    }

    /// Whether both are the same place, however an IPv4 address is written.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// Whether a socket that is bound here takes what comes to `there`: a connection that
    /// waits in a listener's queue has the listener's port and family, and its address
    /// unless that is the wildcard.
    pub fn takes_for(&self, there: &Self) -> bool {
        match (self, there) {
            (Self::Inet(here), Self::Inet(there)) => {
                here.port() == there.port()
                    && here.is_ipv4() == there.is_ipv4()
                    && (here.ip().is_unspecified() || here.ip() == there.ip())
            }
            _ => self == there,
        }
    }

    /// Whether both cannot be bound at the same time, as a rule: the same place, or the
    /// same port with a wildcard on one side.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Inet(one), Self::Inet(other)) => {
                one.port() == other.port()
                    && (one.ip().is_unspecified()
                        || other.ip().is_unspecified()
                        || one.ip().to_canonical() == other.ip().to_canonical())
            }
            _ => self == other,
        }
    }

    /// An address that can be connected to: a socket bound to all addresses is reached at
    /// the loopback address.
    #[must_use]
    pub fn reachable(&self) -> Self {
        match self {
            Self::Inet(address) if address.ip().is_unspecified() => {
                let loopback: IpAddr =
                    if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
                Self::Inet(SocketAddr::new(loopback, address.port()))
            }
            other => other.clone(),
        }
    }

    /// The same place as a socket of a family (`AF_INET`, `AF_INET6`) can name it, where
    /// that is possible. What is bound to `[::]` is reached over IPv4 as well; an IPv4
    /// address is written as IPv4-mapped for a socket of IPv6.
    #[must_use]
    pub fn seen_from(&self, domain: i32) -> Self {
        match self {
            Self::Inet(SocketAddr::V4(address)) if domain == libc::AF_INET6 => {
                Self::Inet(SocketAddr::new(address.ip().to_ipv6_mapped().into(), address.port()))
            }
            Self::Inet(SocketAddr::V6(address)) if domain == libc::AF_INET => {
                if address.ip().is_unspecified() {
                    Self::Inet(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()))
                } else {
                    self.canonical()
                }
            }
            other => other.clone(),
        }
    }
}

fn is_mapped(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some())
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Inet(address)
    }
}

impl From<UnixAddress> for Address {
    fn from(name: UnixAddress) -> Self {
        Self::Unix(name)
    }
}

impl PartialEq<SocketAddr> for Address {
    fn eq(&self, other: &SocketAddr) -> bool {
        self.inet() == Some(*other)
    }
}

/// As it is typed: `127.0.0.1:7777`, `[::1]:7777`, `unix:/tmp/x`, `unix:@name`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => write!(f, "{address}"),
            Self::Unix(name) => write!(f, "unix:{name}"),
        }
    }
}

/// As it is typed behind `unix:`.
impl fmt::Display for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => Ok(()),
            // Else it would be read as an abstract name.
            Self::Path(path) if path.starts_with(b"@") => write!(f, "./{}", text(path)),
            Self::Path(path) => f.write_str(&text(path)),
            Self::Abstract(name) => write!(f, "@{}", text(name)),
        }
    }
}

/// Bytes that are mostly text, as text that is safe to print.
fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(&printable(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// A literal address; no name is looked up.
impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match parse(text)? {
            Written::Address(address) => Ok(address),
            Written::AnyHost(port) => Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into()),
            Written::Name { host, .. } => Err(format!("`{host}` is a name, not an address")),
        }
    }
}

/// The same in the form between a session and its worker. serde leaves out the interface of
/// an IPv6 address.
#[derive(Serialize, Deserialize)]
enum Compact {
    Inet(SocketAddr, u32),
    Unix(UnixAddress),
}

/// Text where text is written (JSON), a compact form between a session and its worker.
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        let compact = match self {
            Self::Inet(SocketAddr::V6(v6)) => Compact::Inet((*v6).into(), v6.scope_id()),
            Self::Inet(address) => Compact::Inet(*address, 0),
            Self::Unix(name) => Compact::Unix(name.clone()),
        };
        compact.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        Ok(match Compact::deserialize(deserializer)? {
            Compact::Inet(SocketAddr::V6(mut address), scope) => {
                address.set_scope_id(scope);
                Self::Inet(address.into())
            }
            Compact::Inet(address, _) => Self::Inet(address),
            Compact::Unix(name) => Self::Unix(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_shown_can_be_typed_again() {
        for text in [
            "127.0.0.1:80",
            "[::1]:80",
            "[::]:0",
            "[fe80::1%3]:5",
            "unix:",
            "unix:/tmp/x",
            "unix:a b",
            "unix:@n",
        ] {
            assert_eq!(address(text).to_string(), text);
            let json = serde_json::to_string(&address(text)).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address(text));
            let bytes = postcard::to_stdvec(&address(text)).unwrap();
            assert_eq!(postcard::from_bytes::<Address>(&bytes).unwrap(), address(text));
        }
        let path = |bytes: &[u8]| UnixAddress::Path(bytes.to_vec()).to_string();
        assert_eq!([path(b"@x"), path(b"a\xff\n\xc3\xa9")], ["./@x", "a\\xff\\n\u{e9}"]);
        assert_eq!(UnixAddress::Abstract(b"\x00\x1b".to_vec()).to_string(), "@\\u{0}\\u{1b}");
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        assert!(address("[::ffff:127.0.0.1]:80").is_same_place(&address("127.0.0.1:80")));
        assert!(!address("[::1]:80").is_same_place(&address("127.0.0.1:80")));
        assert_eq!(address("[::1]:80").canonical(), address("[::1]:80"));
    }

    #[test]
    fn who_takes_what_comes() {
        for (listener, there, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.2:80", "127.0.0.1:80", false),
            ("0.0.0.0:81", "127.0.0.1:80", false),
            ("[::]:80", "[::ffff:127.0.0.1]:80", true),
            // Each of two listeners with one port, of IPv4 and of IPv6, has its own queue.
            ("[::]:80", "127.0.0.1:80", false),
            ("0.0.0.0:80", "[::1]:80", false),
            ("unix:/x", "unix:/x", true),
            ("unix:/x", "unix:@/x", false),
        ] {
            assert_eq!(address(listener).takes_for(&address(there)), expected, "{listener} {there}");
        }
        for (one, other, expected) in [
            ("[::]:80", "127.0.0.1:80", true),
            ("[::1]:80", "127.0.0.1:80", false),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", true),
            ("unix:/x", "unix:/x", true),
            ("unix:/x", "127.0.0.1:80", false),
        ] {
            assert_eq!(address(one).overlaps(&address(other)), expected, "{one} {other}");
            assert_eq!(address(other).overlaps(&address(one)), expected, "{other} {one}");
        }
    }

    #[test]
    fn how_a_family_names_a_place() {
        let seen = |text: &str, domain| address(text).seen_from(domain).reachable().to_string();
        assert_eq!(seen("[::]:80", libc::AF_INET), "127.0.0.1:80");
        assert_eq!(seen("[::]:80", libc::AF_INET6), "[::1]:80");
        assert_eq!(seen("0.0.0.0:80", libc::AF_INET), "127.0.0.1:80");
        assert_eq!(seen("127.0.0.1:80", libc::AF_INET6), "[::ffff:127.0.0.1]:80");
        assert_eq!(seen("[::1]:80", libc::AF_INET), "[::1]:80");
        assert_eq!(seen("unix:/x", libc::AF_INET), "unix:/x");
    }
}
