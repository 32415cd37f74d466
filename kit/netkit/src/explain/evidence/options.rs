//! Why an option could not be read or set, as far as the table of options says it.

use super::Evidence;
use crate::explain::label;
use crate::options::{self, SocketOption};
use crate::session::Session;
use crate::worker::call::{Call, Value};

/// What the table says, if it says anything.
pub(super) fn refused(session: &Session, call: &Call, errno: i32) -> Evidence {
    let (Some(option), Some(fd)) = (options::of_call(call), call.descriptor()) else {
        return Default::default();
    };
    let me = label(fd, session.ends());
    let explain = format!("`explain {}`", option.name);
    match session.kind_of(fd) {
        Some(kind) if !kind.is_empty() && !option.fits.includes(kind) => {
            let why = format!("{} is for {}, and {me} is not one of them", option.name, option.fits.words());
            return Evidence::reason(why).next(explain);
        }
        _ => {}
    }
    let sets = call.function == "setsockopt";
    let why = match (errno, option.needs) {
        (libc::EPERM | libc::EACCES, Some(needs)) if sets => {
            format!("to set {} a process needs {needs}, and this one has it not", option.name)
        }
        _ => match special(option, errno).map(str::to_owned).or_else(|| out_of_range(option, call, errno)) {
            Some(why) => why,
            None => return Default::default(),
        },
    };
    Evidence::reason(why).next(explain)
}

/// A value that the option does not take.
fn out_of_range(option: &SocketOption, call: &Call, errno: i32) -> Option<String> {
    let range = option.range.filter(|_| errno == libc::EINVAL)?;
    let asked = call.arguments.iter().find_map(|argument| match argument {
        Value::Memory(memory) => Some(i32::from_ne_bytes(memory.bytes.get(..4)?.try_into().ok()?)),
        _ => None,
    })?;
    let why = || format!("{} takes {}, and {asked} is out of that range", option.name, range.words());
    (!range.takes(asked)).then(why)
}

/// What an error means for one option.
fn special(option: &SocketOption, errno: i32) -> Option<&'static str> {
    Some(match (option.name, errno) {
        ("SO_PRIORITY", libc::EPERM) => {
            "a priority above 6 is for the administrator (CAP_NET_ADMIN or CAP_NET_RAW)"
        }
        ("SO_BUSY_POLL" | "SO_PREFER_BUSY_POLL", libc::EPERM) => {
            "only the administrator (CAP_NET_ADMIN) may raise it"
        }
        ("SO_BINDTODEVICE" | "SO_BINDTOIFINDEX", libc::EPERM) => {
            "the socket is bound to an interface already; only the administrator (CAP_NET_RAW) may change that"
        }
        ("TCP_CONGESTION", libc::ENOENT) => {
            "the kernel has no such rule; those that it has are in /proc/sys/net/ipv4/tcp_available_congestion_control"
        }
        ("TCP_CONGESTION", libc::EPERM) => {
            "only the administrator may take this rule; those for everyone are in /proc/sys/net/ipv4/tcp_allowed_congestion_control"
        }
        ("IP_DROP_MEMBERSHIP" | "IPV6_LEAVE_GROUP" | "IP_DROP_SOURCE_MEMBERSHIP", libc::EADDRNOTAVAIL) => {
            "it has not joined this group on this interface, or has left it already"
        }
        ("IP_ADD_MEMBERSHIP" | "IPV6_JOIN_GROUP", libc::EADDRINUSE) => {
            "it has joined this group on this interface already"
        }
        ("IP_ADD_MEMBERSHIP" | "IPV6_JOIN_GROUP", libc::ENODEV) => {
            "no interface has this address, or none leads to the group: name one, such as 127.0.0.1"
        }
        ("IP_ADD_MEMBERSHIP" | "IP_ADD_SOURCE_MEMBERSHIP", libc::ENOBUFS) => {
            "it has joined as many groups as a socket may: their number is in /proc/sys/net/ipv4/igmp_max_memberships"
        }
        ("SO_BINDTODEVICE" | "SO_BINDTOIFINDEX", libc::ENODEV) => {
            "this machine has no network interface of that name; `ip link` in a shell lists them, and lo is the loopback"
        }
        ("IP_MTU" | "IPV6_MTU", libc::ENOTCONN) => {
            "the way to the other end is not known before there is one: connect first"
        }
        ("IPV6_V6ONLY", libc::EINVAL) => "it can be set only before bind",
        ("TCP_ULP", libc::ENOTCONN) => "it can be set only while the connection stands",
        ("SO_LOCK_FILTER", libc::EPERM) => "a locked filter stays locked for all of the socket's life",
        _ => return None,
    })
}
