//! The bytes of an option's value become words.

use super::{Name, Shape, SocketOption, Unit, tcp_info};
use crate::explain::errno;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A value, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// As C writes it, within a call: `[1]`, `{1, 0}`.
    pub c: String,
    /// For people: `on`, `2 s`.
    pub words: String,
    /// What else is in it, a name and a value each: the essentials of TCP_INFO.
    pub rows: Vec<(String, String)>,
}

/// The value that these bytes are.
pub fn decode(option: &SocketOption, bytes: &[u8]) -> Decoded {
    let plain = |c: String, words: String| Decoded { c, words, rows: Vec::new() };
    let number = int(bytes, 0);
    match option.shape {
        // A kernel that has no such thing gives nothing: TCP_ULP on a plain connection.
        _ if bytes.is_empty() && !matches!(option.shape, Shape::Text | Shape::Bytes) => {
            plain("[]".into(), "nothing".into())
        }
        Shape::Bool => plain(
            format!("[{number}]"),
            match number {
                0 => "off".into(),
                1 => "on".into(),
                other => format!("on ({other})"),
            },
        ),
        Shape::Int(unit) => plain(format!("[{number}]"), unit.count(i64::from(number))),
        Shape::Long(unit) => {
            let number = long(bytes, 0);
            // All bits set stand for "no limit" in SO_MAX_PACING_RATE.
            let words = match number {
                u64::MAX => "no limit".into(),
                number => unit.count(i64::try_from(number).unwrap_or(i64::MAX)),
            };
            plain(format!("[{number}]"), words)
        }
        Shape::Named(names) => {
            let name = name(number, names).map_or_else(|| number.to_string(), str::to_owned);
            plain(format!("[{name}]"), name)
        }
        Shape::Flags(names) => {
            let flags = flags(number, names);
            plain(format!("[{flags}]"), flags)
        }
        Shape::Errno => {
            let words = if number == 0 { "0: no error".into() } else { errno::said(number) };
            plain(format!("[{number}]"), words)
        }
        Shape::Linger => {
            let seconds = int(bytes, 4);
            let words = if number == 0 { "off".into() } else { format!("on, {seconds} s") };
            plain(format!("{{{number}, {seconds}}}"), words)
        }
        Shape::Timeval => timeval(bytes),
        Shape::Text => {
            let text = text(bytes);
            let words = if text.is_empty() { "none".into() } else { text.clone() };
            plain(format!("\"{text}\""), words)
        }
        Shape::Bytes => {
            let shown = format!("\"{}\"", bytes.escape_ascii());
            let words = if bytes.is_empty() { "none".into() } else { shown.clone() };
            plain(shown, words)
        }
        Shape::Interface => match bytes {
            [_, _, _, _] => {
                let address = ipv4(bytes, 0);
                let words = if address.is_unspecified() {
                    "0.0.0.0: the kernel chooses".into()
                } else {
                    address.to_string()
                };
                plain(format!("[{address}]"), words)
            }
            _ => plain(
                format!("{{{}, {}, {}}}", ipv4(bytes, 0), ipv4(bytes, 4), int(bytes, 8)),
                interface(int(bytes, 8)),
            ),
        },
        Shape::InterfaceIndex => plain(format!("[{number}]"), interface(number)),
        Shape::InterfaceIndexSwapped => {
            let index = i32::from_be(number);
            plain(format!("[htonl({index})]"), interface(index))
        }
        Shape::Group => {
            let (group, address) = (ipv4(bytes, 0), ipv4(bytes, 4));
            if bytes.len() > 8 {
                let index = int(bytes, 8);
                plain(format!("{{{group}, {address}, {index}}}"), format!("{group} on {}", interface(index)))
            } else {
                plain(format!("{{{group}, {address}}}"), format!("{group} on {address}"))
            }
        }
        Shape::GroupAndSource => {
            let (group, address, source) = (ipv4(bytes, 0), ipv4(bytes, 4), ipv4(bytes, 8));
            plain(format!("{{{group}, {address}, {source}}}"), format!("{group} from {source} on {address}"))
        }
        Shape::Group6 => {
            let octets: [u8; 16] = bytes.get(..16).and_then(|b| b.try_into().ok()).unwrap_or_default();
            let (group, index) = (Ipv6Addr::from(octets), int(bytes, 16));
            plain(format!("{{{group}, {index}}}"), format!("{group} on {}", interface(index)))
        }
        Shape::Credentials => {
            let (pid, uid, gid) = (number, int(bytes, 4), int(bytes, 8));
            plain(
                format!("{{pid={pid}, uid={uid}, gid={gid}}}"),
                match pid {
                    0 => "nobody yet".into(),
                    pid => format!("process {pid}, user {uid}, group {gid}"),
                },
            )
        }
        Shape::TcpInfo => {
            let rows = tcp_info::rows(bytes);
            let state = rows.first().map_or_else(String::new, |(_, state)| state.clone());
            Decoded { c: "{...}".into(), words: state, rows }
        }
        Shape::PortRange => {
            let (low, high) = (number as u32 & 0xffff, number as u32 >> 16);
            let words = match number {
                0 => "0-0: the system's".into(),
                _ => format!("{low}-{high}"),
            };
            plain(format!("[{low} | {high} << 16]"), words)
        }
        Shape::MemoryInfo => memory_info(bytes),
        Shape::Address => plain("{...}".into(), "an address: `getpeername S` shows it".into()),
    }
}

/// The int at a place. Some options of IPv4 give a single byte where they were asked for one.
fn int(bytes: &[u8], place: usize) -> i32 {
    match bytes.get(place..place + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()) {
        Some(bytes) => i32::from_ne_bytes(bytes),
        None => bytes.get(place).copied().unwrap_or(0).into(),
    }
}

fn long(bytes: &[u8], place: usize) -> u64 {
    match bytes.get(place..place + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()) {
        Some(bytes) => u64::from_ne_bytes(bytes),
        None => int(bytes, place) as u32 as u64,
    }
}

fn ipv4(bytes: &[u8], place: usize) -> Ipv4Addr {
    let octets: [u8; 4] = bytes.get(place..place + 4).and_then(|b| b.try_into().ok()).unwrap_or_default();
    Ipv4Addr::from(octets)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes[..end].escape_ascii().to_string()
}

fn name(number: i32, names: &[Name]) -> Option<&'static str> {
    names.iter().find(|(_, value)| *value == number).map(|(name, _)| *name)
}

fn flags(number: i32, names: &[Name]) -> String {
    let mut left = number;
    let mut words = Vec::new();
    for (name, value) in names {
        if left & value != 0 {
            words.push((*name).to_owned());
            left &= !value;
        }
    }
    if left != 0 || words.is_empty() {
        words.push(if left == 0 { "0".into() } else { format!("{left:#x}") });
    }
    words.join("|")
}

fn interface(index: i32) -> String {
    if index == 0 {
        return "none".into();
    }
    let name = nix::net::if_::if_indextoname(index.unsigned_abs()).ok();
    let name = name.and_then(|name| name.into_string().ok());
    name.unwrap_or_else(|| format!("interface {index}"))
}

fn timeval(bytes: &[u8]) -> Decoded {
    // Two fields of one size each: 8 bytes, or 4 on a machine of 32 bits.
    let half = size_of::<libc::timeval>() / 2;
    let field = |place| if half == 8 { long(bytes, place) } else { int(bytes, place) as u32 as u64 };
    let (seconds, microseconds) = (field(0), field(half));
    let words = match (seconds, microseconds) {
        (0, 0) => "0: no limit".into(),
        (seconds, 0) => format!("{seconds} s"),
        (0, micro) if micro.is_multiple_of(1000) => format!("{} ms", micro / 1000),
        (seconds, micro) => format!("{} us", seconds * 1_000_000 + micro),
    };
    Decoded { c: format!("{{{seconds}, {microseconds}}}"), words, rows: Vec::new() }
}

/// The fields of SK_MEMINFO_* in the kernel's linux/sock_diag.h.
fn memory_info(bytes: &[u8]) -> Decoded {
    const FIELDS: [&str; 9] = [
        "receive queue, memory",
        "receive queue, limit",
        "sent and not yet left, memory",
        "send queue, limit",
        "set aside",
        "send queue, memory",
        "options, memory",
        "backlog of the receive queue, memory",
        "packets dropped",
    ];
    let number = |place: usize| int(bytes, place * 4) as u32;
    let rows: Vec<(String, String)> = FIELDS
        .iter()
        .enumerate()
        .take(bytes.len() / 4)
        .map(|(place, name)| ((*name).to_owned(), number(place).to_string()))
        .collect();
    let numbers: Vec<String> = rows.iter().map(|(_, value)| value.clone()).collect();
    let words = format!("{} bytes of memory in the receive queue", number(0));
    Decoded { c: format!("[{}]", numbers.join(", ")), words, rows }
}

impl Unit {
    /// A number of these, in words: `1 byte`, `5 s`.
    pub fn count(self, number: i64) -> String {
        let (one, many) = match self {
            Self::Plain => return number.to_string(),
            Self::Times if number == 1 => return "1 time".into(),
            Self::Times => return format!("{number} times"),
            Self::Bytes => ("byte", "bytes"),
            Self::BytesPerSecond => ("byte a second", "bytes a second"),
            Self::Seconds => ("s", "s"),
            Self::Milliseconds => ("ms", "ms"),
            Self::Microseconds => ("us", "us"),
            Self::Hops => ("hop", "hops"),
            Self::Connections => ("connection", "connections"),
        };
        format!("{number} {}", if number == 1 { one } else { many })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

    use super::*;
    use crate::options::find;

    #[test]
    fn values_are_told_with_their_unit() {
        let two = |a: i32, b: i32| [a.to_ne_bytes(), b.to_ne_bytes()].concat();
        let one = |a: i32| a.to_ne_bytes().to_vec();
        for (option, bytes, c, words) in [
            ("SO_KEEPALIVE", one(1), "[1]", "on"),
            ("TCP_SAVE_SYN", one(2), "[2]", "2"),
            ("SO_RCVBUF", one(131_072), "[131072]", "131072 bytes"),
            ("IP_MULTICAST_TTL", vec![1], "[1]", "1 hop"),
            ("SO_ERROR", one(111), "[111]", "ECONNREFUSED (Connection refused)"),
            ("SO_LINGER", two(1, 5), "{1, 5}", "on, 5 s"),
            ("SO_LINGER", two(0, 0), "{0, 0}", "off"),
            ("SO_TYPE", one(1), "[SOCK_STREAM]", "SOCK_STREAM"),
            ("TCP_CONGESTION", b"cubic\0\0\0".to_vec(), "\"cubic\"", "cubic"),
            ("SO_BUF_LOCK", one(6), "[SOCK_RCVBUF_LOCK|0x4]", "SOCK_RCVBUF_LOCK|0x4"),
            ("TCP_ULP", Vec::new(), "\"\"", "none"),
            ("SO_TYPE", Vec::new(), "[]", "nothing"),
        ] {
            let decoded = decode(find(option).unwrap(), &bytes);
            assert_eq!((decoded.c.as_str(), decoded.words.as_str()), (c, words), "{option}");
        }
    }
}
