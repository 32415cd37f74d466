//! Options and readiness: getsockopt(2), setsockopt(2), poll(2).

use super::{Meaning, On, row};
use nix::errno::Errno;

const BOTH: &[&str] = &["getsockopt", "setsockopt"];

pub(super) static MEANINGS: &[Meaning] = &[
    row(
        Errno::ENOPROTOOPT,
        BOTH,
        On::Any,
        "this socket has no such option at this level: options of TCP are for TCP sockets, those of IP for IP sockets; and some can be read but not set",
        "`show {S}` tells what the socket is; the options are in socket(7), ip(7), tcp(7), udp(7)",
    ),
    row(
        Errno::EINVAL,
        &["setsockopt"],
        On::Any,
        "the value is out of the option's range, or of another size than it takes, or it is too late to set this option (some must be set before bind or connect)",
        "try a smaller or larger value; `help setsockopt` tells more",
    ),
    row(
        Errno::EINVAL,
        &["getsockopt"],
        On::Any,
        "the room that was given for the value has not the size of the option, or the option cannot be read in this state",
        "`show {S}` tells the state",
    ),
    row(
        Errno::EDOM,
        &["setsockopt"],
        On::Any,
        "the time is no valid one: microseconds go from 0 to 999,999",
        "give whole seconds in the first number and less than a second in the other",
    ),
    row(
        Errno::EPERM,
        BOTH,
        On::Any,
        "only the administrator may use this option, or this value of it (the capability CAP_NET_ADMIN or CAP_NET_RAW)",
        "leave it as it is; a smaller value may be allowed",
    ),
    row(Errno::EACCES, &["setsockopt"], On::Any, "you may not set this value", "leave it as it is"),
    row(
        Errno::ENODEV,
        &["setsockopt"],
        On::Any,
        "no network interface of this machine has the name, number or address that the value gives",
        "use one that `ip address` lists in a shell, such as lo, the loopback",
    ),
    row(
        Errno::EADDRINUSE,
        &["setsockopt"],
        On::Any,
        "the socket is a member of this multicast group already, at this interface",
        "it can receive from the group as it is; leaving the group comes before joining again",
    ),
    row(
        Errno::EADDRNOTAVAIL,
        &["setsockopt"],
        On::Any,
        "the socket is not a member of this multicast group, at this interface; or the address is not of this machine",
        "name the group and the interface as they were when the socket joined",
    ),
    row(
        Errno::ENOENT,
        &["setsockopt"],
        On::Any,
        "nothing of this name is known to the kernel: for TCP_CONGESTION, the algorithm is not loaded",
        "the names that you may use are in /proc/sys/net/ipv4/tcp_allowed_congestion_control",
    ),
    row(
        Errno::EPROTO,
        &["setsockopt"],
        On::Any,
        "a TCP socket cannot be a member of a multicast group: a connection has one other end",
        "use UDP: `u = socket udp`",
    ),
    row(
        Errno::EISCONN,
        &["setsockopt"],
        On::Any,
        "it is too late: this option must be set before the socket is connected",
        "make a new socket, set the option, then connect",
    ),
    row(
        Errno::ENOTCONN,
        BOTH,
        On::Any,
        "this option belongs to a connection, and the socket has none",
        "connect it first: `connect {S} 127.0.0.1:7777`",
    ),
    row(
        Errno::EBUSY,
        &["setsockopt"],
        On::Any,
        "the option cannot be changed while the socket is in use as it is",
        "make a new socket and set the option first",
    ),
    row(
        Errno::ENOBUFS,
        &["setsockopt"],
        On::Any,
        "the socket has as many groups, or as much extra data, as it may",
        "leave groups that are not needed, or use another socket",
    ),
    row(
        Errno::EOPNOTSUPP,
        BOTH,
        On::Any,
        "this kind of socket does not have this option",
        "`show {S}` tells what the socket is",
    ),
    row(
        Errno::ENODATA,
        &["getsockopt"],
        On::Any,
        "the kernel has nothing to report for this option on this socket",
        "`show {S}` tells what is known of it",
    ),
    row(
        Errno::EINVAL,
        &["poll"],
        On::Any,
        "more descriptors were given than the process may have (RLIMIT_NOFILE), or the time makes no sense",
        "poll fewer sockets at once",
    ),
    row(
        Errno::EINTR,
        &["poll"],
        On::Any,
        "a signal came before any socket was ready",
        "make the call again, with the time that is left",
    ),
];
