//! What error numbers mean, call by call. The texts are ours; what they rest on are the
//! calls' man pages in section 2, and tcp(7), udp(7), ip(7), socket(7).

use nix::errno::Errno;
use std::io;

/// What an error number means for some calls.
#[derive(Debug)]
pub struct Meaning {
    /// The error number.
    pub errno: Errno,
    /// The calls for which it means this; empty for all others.
    pub calls: &'static [&'static str],
    /// Why it happens.
    pub why: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

/// `EADDRINUSE (Address already in use)`.
pub fn said(number: i32) -> String {
    let errno = Errno::from_raw(number);
    if errno == Errno::UnknownErrno {
        return format!("error {number}");
    }
    format!("{errno:?} ({})", words(number))
}

/// The system's own words for an error: strerror(3). (Those of nix differ here and there.)
pub fn words(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// `EADDRINUSE`.
pub fn name(number: i32) -> String {
    match Errno::from_raw(number) {
        Errno::UnknownErrno => format!("error {number}"),
        errno => format!("{errno:?}"),
    }
}

/// The number of an error's name: `EADDRINUSE`, in any case.
pub fn number(name: &str) -> Option<i32> {
    // EHWPOISON, 133, is the highest that Linux has (asm-generic/errno.h).
    (1..=133).find(|number| format!("{:?}", Errno::from_raw(*number)).eq_ignore_ascii_case(name))
}

/// The meaning of an error number for a call, the most special one first.
pub fn meaning(call: &str, number: i32) -> Option<&'static Meaning> {
    let errno = Errno::from_raw(number);
    let fits = |special: bool| {
        MEANINGS.iter().find(move |meaning| {
            meaning.errno == errno
                && if special { meaning.calls.contains(&call) } else { meaning.calls.is_empty() }
        })
    };
    fits(true).or_else(|| fits(false))
}

/// All meanings of an error, by its name.
pub fn meanings(name: &str) -> Vec<&'static Meaning> {
    MEANINGS.iter().filter(|meaning| format!("{:?}", meaning.errno).eq_ignore_ascii_case(name)).collect()
}

const fn row(errno: Errno, calls: &'static [&'static str], why: &'static str, next: &'static str) -> Meaning {
    Meaning { errno, calls, why, next }
}

/// The table. Rows for certain calls stand beside the general one of the same number.
pub static MEANINGS: &[Meaning] = &[
    row(
        Errno::EACCES,
        &["bind"],
        "a port below the limit in /proc/sys/net/ipv4/ip_unprivileged_port_start needs the right to it (CAP_NET_BIND_SERVICE)",
        "take a port from 1024 on",
    ),
    row(
        Errno::EACCES,
        &["connect", "send", "sendto"],
        "the system does not allow this address: a broadcast address without SO_BROADCAST, or a firewall's rule",
        "check the address; for a broadcast set SO_BROADCAST first",
    ),
    row(
        Errno::EADDRINUSE,
        &[],
        "another socket has this address and port",
        "take another port (0 lets the kernel choose), or close the other socket",
    ),
    row(
        Errno::EADDRNOTAVAIL,
        &["bind"],
        "this machine has no network interface with this address",
        "bind to 127.0.0.1, to 0.0.0.0 (all addresses), or to one that `ip address` lists",
    ),
    row(
        Errno::EADDRNOTAVAIL,
        &[],
        "no own address or free port fits this destination",
        "check the destination: port 0 cannot be connected to",
    ),
    row(
        Errno::EAFNOSUPPORT,
        &[],
        "the address is of another family than the socket",
        "use an IPv4 address with a socket of AF_INET, an IPv6 address with one of AF_INET6",
    ),
    row(
        Errno::EAFNOSUPPORT,
        &["socket", "socketpair"],
        "this system does not have this domain: IPv6 can be switched off, for example",
        "take another domain: AF_INET is always there",
    ),
    row(
        Errno::EAGAIN,
        &["recv", "recvfrom"],
        "nothing has come yet, and the call was told not to wait",
        "try again later, or without MSG_DONTWAIT",
    ),
    row(Errno::EAGAIN, &[], "the call would have to wait, and was told not to", "try again later"),
    row(
        Errno::EALREADY,
        &["connect"],
        "an earlier connect of this socket is still on its way",
        "`show` says in which state it is",
    ),
    row(
        Errno::EBADF,
        &[],
        "no open descriptor has this number: it was never opened, or it was closed",
        "`fds` lists the open ones",
    ),
    row(
        Errno::ECONNABORTED,
        &["accept"],
        "the connection was ended by the other side before it was accepted",
        "accept the next one: a server goes on here",
    ),
    row(
        Errno::ECONNREFUSED,
        &["connect"],
        "the other machine answered with RST: no socket listens at this address and port",
        "start the server first, and compare the port",
    ),
    row(
        Errno::ECONNREFUSED,
        &[],
        "an earlier datagram came back: no socket has the port that it was sent to (ICMP: port unreachable)",
        "check the destination; the socket itself can still be used",
    ),
    row(
        Errno::ECONNRESET,
        &[],
        "the other end broke the connection off with RST: it closed with unread data, was told to (SO_LINGER 0), or its process is gone",
        "this connection is over: close it",
    ),
    row(
        Errno::EDESTADDRREQ,
        &[],
        "the socket has no fixed peer, and the call names no destination",
        "use sendto, or connect the socket first",
    ),
    row(
        Errno::EFAULT,
        &[],
        "the kernel was given a pointer to memory that is not there",
        "this is not your doing: please report it",
    ),
    row(
        Errno::EHOSTUNREACH,
        &[],
        "there is no way to that machine, or it does not answer at the link",
        "check the address; 127.0.0.1 is this machine",
    ),
    row(
        Errno::EINPROGRESS,
        &["connect"],
        "the connection is being made, and the socket is non-blocking",
        "wait until it can be written to, then look at SO_ERROR",
    ),
    row(
        Errno::EINTR,
        &[],
        "a signal interrupted the call before anything had happened",
        "make the call again",
    ),
    row(
        Errno::EINVAL,
        &["bind"],
        "the socket has an address already: it can be bound once",
        "make a new socket for another address",
    ),
    row(
        Errno::EINVAL,
        &["accept"],
        "the socket does not listen, or was shut down while this call waited",
        "`listen` comes before `accept`",
    ),
    row(
        Errno::EINVAL,
        &["listen"],
        "the socket is connected: it is an end of a connection and cannot wait for others",
        "make a new socket, bind it and listen with that one",
    ),
    row(
        Errno::EINVAL,
        &["shutdown"],
        "the direction must be SHUT_RD, SHUT_WR or SHUT_RDWR",
        "for example: shutdown S WR",
    ),
    row(
        Errno::EINVAL,
        &[],
        "an argument does not make sense to the kernel for this socket",
        "compare the call with its man page",
    ),
    row(
        Errno::EISCONN,
        &["connect"],
        "the socket is connected already, and a TCP socket connects once in its life",
        "make a new socket for a new connection",
    ),
    row(
        Errno::EISCONN,
        &["sendto"],
        "the socket is connected: it has a peer, and TCP takes no other destination",
        "use send",
    ),
    row(
        Errno::EMFILE,
        &[],
        "the process has as many descriptors open as it may (RLIMIT_NOFILE)",
        "close those that are not needed; `fds` lists them",
    ),
    row(
        Errno::EMSGSIZE,
        &[],
        "a datagram cannot be that long: over IPv4 UDP carries at most 65,507 bytes",
        "send it in parts, or use TCP",
    ),
    row(
        Errno::ENETUNREACH,
        &[],
        "no network of this machine leads to that address",
        "check the address; 127.0.0.1 is this machine",
    ),
    row(Errno::ENFILE, &[], "the whole system has as many open files as it may", "close what is not needed"),
    row(
        Errno::ENOBUFS,
        &[],
        "the system is out of room for network data",
        "try again when less is in transit",
    ),
    row(Errno::ENOMEM, &[], "the system is out of memory for this", "try again when there is more"),
    row(
        Errno::ENOENT,
        &["connect", "sendto", "unlink"],
        "there is no file with this name",
        "compare the path; a relative one starts in the folder that netlab was started in",
    ),
    row(
        Errno::ENOPROTOOPT,
        &[],
        "this socket does not know this option at this level",
        "compare level and option with socket(7), ip(7), tcp(7)",
    ),
    row(
        Errno::ENOTCONN,
        &["getpeername"],
        "the socket has no other end: it was never connected, or the connection is over",
        "connect it first",
    ),
    row(
        Errno::ENOTCONN,
        &["recv", "recvfrom"],
        "the socket has no connection to receive from. On the server data arrive at the socket that accept returned, not at the listening one",
        "connect first, or receive from the accepted socket",
    ),
    row(
        Errno::ENOTCONN,
        &["shutdown"],
        "there is no connection to shut down",
        "connect first; an unconnected socket is simply closed",
    ),
    row(Errno::ENOTCONN, &[], "the socket is not connected", "connect first"),
    row(
        Errno::ENOTSOCK,
        &[],
        "this descriptor is open, but leads to something else than a socket",
        "`fds` says what each one is",
    ),
    row(
        Errno::EOPNOTSUPP,
        &["listen", "accept"],
        "only sockets that make connections can listen and accept, those of SOCK_STREAM and SOCK_SEQPACKET: UDP has no connections",
        "with SOCK_DGRAM: bind, then recvfrom",
    ),
    row(
        Errno::EOPNOTSUPP,
        &["socketpair"],
        "only sockets of AF_UNIX can be made in pairs",
        "`socketpair a b`; for a pair over TCP: socket, bind, listen, connect, accept",
    ),
    row(Errno::EOPNOTSUPP, &[], "this kind of socket cannot do that", "compare the call with its man page"),
    row(Errno::EPERM, &[], "the system does not allow this to you", "try an address of your own machine"),
    row(
        Errno::EPIPE,
        &[],
        "this side has ended sending, or the connection was broken off. In a program the signal SIGPIPE comes along and ends it, unless it is ignored or MSG_NOSIGNAL is set",
        "nothing can be sent on this connection any more: close it",
    ),
    row(
        Errno::EPROTONOSUPPORT,
        &["socket"],
        "this protocol does not go with this domain and type; and SOCK_RAW has none that the kernel could choose",
        "take 0: the kernel chooses the protocol",
    ),
    row(
        Errno::EPERM,
        &["socket"],
        "SOCK_RAW sees and makes whole packets, and needs the right to it (CAP_NET_RAW)",
        "take SOCK_STREAM or SOCK_DGRAM",
    ),
    row(
        Errno::EPROTOTYPE,
        &["connect", "sendto"],
        "the socket at this address is of another type: SOCK_STREAM and SOCK_DGRAM do not go together",
        "make a socket of the same type as the other one",
    ),
    row(
        Errno::EPROTOTYPE,
        &["socket"],
        "this protocol does not go with this type",
        "take 0: the kernel chooses the protocol",
    ),
    row(
        Errno::ESOCKTNOSUPPORT,
        &["socket"],
        "this type does not exist in this domain",
        "take SOCK_STREAM or SOCK_DGRAM; SOCK_SEQPACKET is there with AF_UNIX",
    ),
    row(
        Errno::ETIMEDOUT,
        &["connect"],
        "nothing answered, though the SYN was sent again and again",
        "check the address, and whether something filters packets on the way",
    ),
    row(
        Errno::ETIMEDOUT,
        &[],
        "the other end has not acknowledged anything for too long",
        "this connection is over: close it",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_special_meaning_comes_first() {
        let why = |call, errno: Errno| meaning(call, errno as i32).map(|meaning| meaning.why);
        assert!(why("connect", Errno::ECONNREFUSED).is_some_and(|why| why.contains("RST")));
        assert!(why("recv", Errno::ECONNREFUSED).is_some_and(|why| why.contains("ICMP")));
        assert_eq!(why("recv", Errno::EXDEV), None);
    }

    #[test]
    fn no_row_is_hidden_by_another() {
        for row in MEANINGS {
            let calls = if row.calls.is_empty() { &["anything else"] } else { row.calls };
            for call in calls {
                let found = meaning(call, row.errno as i32);
                assert!(found.is_some_and(|found| std::ptr::eq(found, row)), "{:?} of {call}", row.errno);
            }
        }
    }

    #[test]
    fn the_systems_words() {
        assert_eq!(said(libc::EADDRINUSE), "EADDRINUSE (Address already in use)");
        assert_eq!(said(libc::EBADF), "EBADF (Bad file descriptor)");
        assert_eq!(said(99999), "error 99999");
    }
}
