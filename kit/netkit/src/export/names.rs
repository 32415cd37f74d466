//! How programs name numbers and write bytes.

use super::plan::Argument;
use crate::explain::errno;
use std::fmt::Write as _;

/// The name of an error in C: ECONNREFUSED.
pub(super) fn error(number: i32) -> String {
    let said = errno::said(number);
    said.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Whether C's headers, Python's module `socket` and Rust's `libc` all know a constant, also
/// where they are some years old.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.split(' ').any(|known| known == name)
}

const KNOWN: &str = "\
    AF_INET AF_INET6 AF_UNIX SOCK_STREAM SOCK_DGRAM SOCK_SEQPACKET SOCK_RAW SOCK_NONBLOCK SOCK_CLOEXEC \
    SOL_SOCKET IPPROTO_TCP IPPROTO_UDP IPPROTO_IP IPPROTO_IPV6 IPPROTO_ICMP IPPROTO_ICMPV6 SHUT_RD SHUT_WR \
    SHUT_RDWR MSG_PEEK MSG_DONTWAIT MSG_WAITALL MSG_NOSIGNAL MSG_OOB MSG_TRUNC MSG_MORE MSG_EOR \
    MSG_DONTROUTE SO_REUSEADDR SO_REUSEPORT SO_RCVBUF SO_SNDBUF SO_LINGER SO_KEEPALIVE SO_BROADCAST SO_ERROR \
    SO_TYPE SO_RCVTIMEO SO_SNDTIMEO SO_RCVLOWAT SO_SNDLOWAT SO_OOBINLINE SO_PASSCRED SO_PEERCRED SO_PRIORITY \
    SO_DOMAIN SO_PROTOCOL SO_DONTROUTE SO_BINDTODEVICE SO_ACCEPTCONN SO_MARK TCP_NODELAY TCP_MAXSEG TCP_CORK \
    TCP_DEFER_ACCEPT TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_USER_TIMEOUT TCP_CONGESTION TCP_INFO \
    TCP_QUICKACK TCP_LINGER2 TCP_SYNCNT TCP_WINDOW_CLAMP TCP_FASTOPEN IP_TTL IP_TOS IP_MULTICAST_TTL \
    IP_MULTICAST_LOOP IP_MULTICAST_IF IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP IPV6_V6ONLY IPV6_MULTICAST_HOPS \
    IPV6_MULTICAST_LOOP IPV6_MULTICAST_IF IPV6_UNICAST_HOPS IPV6_JOIN_GROUP IPV6_LEAVE_GROUP";

/// A constant by its names, each behind `prefix`, where all of them are known; else, and for
/// what has no name, the number.
pub(super) fn constant(argument: &Argument, prefix: &str) -> String {
    match argument {
        Argument::Constant(_, names) if names.split('|').all(is_known) => {
            let names: Vec<String> = names.split('|').map(|name| format!("{prefix}{name}")).collect();
            names.join(" | ")
        }
        Argument::Constant(value, _) | Argument::Number(value) => value.to_string(),
        _ => "0".into(),
    }
}

/// Bytes between quotes, as all three languages write them but for what is `special` in one.
pub(super) fn quoted(bytes: &[u8], special: fn(u8) -> Option<String>) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            byte => match special(*byte) {
                Some(special) => text.push_str(&special),
                None if (b' '..=b'~').contains(byte) => text.push(char::from(*byte)),
                None => {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            },
        }
    }
    text.push('"');
    text
}

/// Bytes as Python and Rust write them.
pub(super) fn bytes(bytes: &[u8]) -> String {
    format!("b{}", quoted(bytes, |_| None))
}
