//! Addresses: bind(2), getsockname(2), getpeername(2).

use super::{Meaning, On, row};
use nix::errno::Errno;

pub(super) static MEANINGS: &[Meaning] = &[
    row(
        Errno::EACCES,
        &["bind"],
        On::Any,
        "the first ports are kept for the system's own services: to bind one needs a right (CAP_NET_BIND_SERVICE) that you do not have",
        "take a port from 1024 on: `bind {S} 127.0.0.1:7777`",
    ),
    row(
        Errno::EACCES,
        &["bind"],
        On::Unix,
        "to bind a path is to make a file, and you may not make one in this folder",
        "use a path in a folder of your own: `bind {S} unix:/tmp/my.sock`",
    ),
    row(
        Errno::EPERM,
        &["bind"],
        On::Any,
        "a rule of this system forbids this address to you",
        "try an address of your own machine: `bind {S} 127.0.0.1:0`",
    ),
    row(
        Errno::EADDRINUSE,
        &["bind"],
        On::Any,
        "another socket has this address and port, and an address belongs to one socket at a time",
        "take another port; 0 lets the kernel choose a free one: `bind {S} 127.0.0.1:0`",
    ),
    row(
        Errno::EADDRINUSE,
        &["bind"],
        On::Unix,
        "there is a file with this path already. It may be left over from a socket that was closed: close does not remove it",
        "if no program uses it any more, remove the file, then bind again; or take another path",
    ),
    row(
        Errno::EADDRNOTAVAIL,
        &["bind"],
        On::Any,
        "no network interface of this machine has this address, and a socket can only have an address of its own machine",
        "`bind {S} 127.0.0.1:0` is for this machine alone, `bind {S} 0.0.0.0:0` for all of its addresses",
    ),
    row(
        Errno::EAFNOSUPPORT,
        &["bind"],
        On::Any,
        "the address is of another family than the socket: an IPv4 socket takes no IPv6 address",
        "give it an address of its own family: `bind {S} 127.0.0.1:0` for IPv4, [::1]:0 for IPv6",
    ),
    row(
        Errno::EINVAL,
        &["bind"],
        On::Any,
        "the socket has an address already, for a socket is bound once; or the address is of another family than the socket",
        "make a new socket for another address: `new = socket tcp`",
    ),
    row(
        Errno::EINVAL,
        &["bind"],
        On::Unix,
        "the socket has an address already, for a socket is bound once; or the address is not a UNIX one",
        "make a new socket for another address",
    ),
    row(
        Errno::ENODEV,
        &["bind"],
        On::Any,
        "the address names a network interface that this machine does not have",
        "take an address of this machine: `bind {S} 127.0.0.1:0`",
    ),
    row(
        Errno::ENOENT,
        &["bind"],
        On::Any,
        "a folder in this path does not exist. bind makes the socket's file, but no folder",
        "use a folder that is there: `bind {S} unix:/tmp/my.sock`",
    ),
    row(
        Errno::EROFS,
        &["bind"],
        On::Any,
        "bind would make a file, and the disk with this path can only be read",
        "use another folder: `bind {S} unix:/tmp/my.sock`",
    ),
    row(
        Errno::EINVAL,
        &["getsockname", "getpeername"],
        On::Any,
        "the length that was given for the address makes no sense, or the socket has been shut down by the kernel",
        "`show {S}` says what is known of it",
    ),
    row(
        Errno::ENOTCONN,
        &["getpeername"],
        On::Any,
        "the socket has no other end: it was never connected, or the connection is over",
        "connect it first: `connect {S} 127.0.0.1:7777`; its own address is `getsockname {S}`",
    ),
];
