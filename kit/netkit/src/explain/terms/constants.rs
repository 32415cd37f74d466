//! Names from C's headers: families, types, flags, and the signals that one meets.
//! Options of sockets that are explained at length stand here as well.

use super::{Term, term};

pub(super) static TERMS: &[Term] = &[
    term(
        "AF_INET",
        &["PF_INET"],
        "The address family of IPv4: addresses such as 127.0.0.1:7777.",
        &["IPv4", "socket"],
    ),
    term(
        "AF_INET6",
        &["PF_INET6"],
        "The address family of IPv6: addresses such as [::1]:7777.",
        &["IPv6", "socket"],
    ),
    term(
        "AF_UNIX",
        &["AF_LOCAL"],
        "The address family of UNIX sockets: paths and abstract names of this machine.",
        &["UNIX socket", "socket"],
    ),
    term(
        "SOCK_STREAM",
        &[],
        "The type of a stream socket: TCP in the families of IP.",
        &["stream", "socket"],
    ),
    term(
        "SOCK_DGRAM",
        &[],
        "The type of a datagram socket: UDP in the families of IP.",
        &["datagram", "socket"],
    ),
    term(
        "SHUT_WR",
        &[],
        "For shutdown: no more sending from here. TCP sends a FIN once all queued bytes are sent; receiving goes on.",
        &["shutdown", "half-close", "FIN"],
    ),
    term(
        "SHUT_RD",
        &[],
        "For shutdown: no more receiving here. Nothing is sent by it; recv returns what is queued, then 0. On Linux, bytes that still come are taken all the same.",
        &["shutdown"],
    ),
    term("SHUT_RDWR", &[], "For shutdown: both directions.", &["SHUT_WR", "SHUT_RD", "close"]),
    term(
        "MSG_PEEK",
        &[],
        "For recv: look at the bytes and leave them in the receive queue, so that the next recv gets them again.",
        &["recv", "receive queue"],
    ),
    term(
        "MSG_DONTWAIT",
        &[],
        "For send and recv: do not wait in this one call. It fails with EAGAIN where it would have to.",
        &["EAGAIN", "non-blocking"],
    ),
    term(
        "MSG_WAITALL",
        &[],
        "For recv: wait until as many bytes are there as were asked for. An end, an error or a signal still makes it fewer.",
        &["recv", "recv-exact"],
    ),
    term(
        "MSG_NOSIGNAL",
        &[],
        "For send: no SIGPIPE when the other end is gone; the call just fails with EPIPE.",
        &["SIGPIPE", "EPIPE"],
    ),
    term(
        "MSG_OOB",
        &[],
        "For send and recv: the one byte of urgent data of a TCP connection.",
        &["urgent data"],
    ),
    term(
        "SIGPIPE",
        &[],
        "The signal that comes along with EPIPE: a program that sends where nobody can receive any more is ended by it, without a word, unless it ignores it or uses MSG_NOSIGNAL. Rust and Python programs ignore it.",
        &["EPIPE", "MSG_NOSIGNAL", "signal"],
    ),
    term(
        "SIGINT",
        &["Ctrl-C"],
        "The signal that Ctrl-C sends. It ends a program, or interrupts a call that waits, which then fails with EINTR.",
        &["EINTR", "signal"],
    ),
    term(
        "SIGTERM",
        &[],
        "The signal that asks a program to end: the one that `kill` sends when it is told no other.",
        &["stop", "signal"],
    ),
    term(
        "SIGKILL",
        &[],
        "The signal that ends a program at once; it can neither be caught nor ignored. The kernel closes its sockets.",
        &["stop", "RST", "signal"],
    ),
];
