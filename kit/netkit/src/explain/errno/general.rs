//! What means the same from every call.

use super::{Meaning, On, row};
use nix::errno::Errno;

const fn any(errno: Errno, why: &'static str, next: &'static str) -> Meaning {
    row(errno, &[], On::Any, why, next)
}

pub(super) static MEANINGS: &[Meaning] = &[
    any(
        Errno::EBADF,
        "no open descriptor has this number: it was never opened, or it was closed",
        "`fds` lists the open ones",
    ),
    any(
        Errno::ENOTSOCK,
        "this descriptor is open, but leads to something else than a socket",
        "`fds` says what each one is",
    ),
    any(
        Errno::EFAULT,
        "the kernel was given a pointer to memory that is not there. In C this is a wrong pointer; netlab makes all pointers itself, so you cannot cause it here",
        "this is not your doing: please report it",
    ),
    any(
        Errno::EINTR,
        "a signal interrupted the call before anything had happened. (netlab sends one to cancel a call, or when its time is up.) It is no failure of the connection",
        "make the call again",
    ),
    any(
        Errno::EMFILE,
        "the process has as many descriptors open as it may (RLIMIT_NOFILE)",
        "close those that are not needed; `fds` lists them",
    ),
    any(
        Errno::ENFILE,
        "the whole system has as many open files as it may: not only this process's count",
        "close what is not needed, here and in other programs; the limit is in /proc/sys/fs/file-max",
    ),
    any(
        Errno::ENOBUFS,
        "the system is out of room for network data",
        "try again when less is in transit, or close sockets that hold unread bytes",
    ),
    any(Errno::ENOMEM, "the system is out of memory for this", "close what is not needed, and try again"),
    any(
        Errno::ENETDOWN,
        "the network interface that leads there is switched off",
        "127.0.0.1 is this machine, and needs no network",
    ),
    any(
        Errno::ENETUNREACH,
        "no network of this machine leads to that address: the kernel has no route, and sent nothing",
        "check the address; 127.0.0.1 is this machine",
    ),
    any(
        Errno::EHOSTUNREACH,
        "there is a way to that network, but the machine does not answer there, or a router said that it cannot be reached",
        "check the address, and whether the machine is on; 127.0.0.1 is this machine",
    ),
    any(
        Errno::EHOSTDOWN,
        "the machine does not answer at the link: it is off, or not there",
        "check the address, and whether the machine is on; 127.0.0.1 is this machine",
    ),
    any(
        Errno::ETIMEDOUT,
        "the other end has not acknowledged anything for too long: its machine is gone, or the way to it",
        "this connection is over: `close {S}`",
    ),
    any(
        Errno::EIO,
        "the disk could not be read or written",
        "this is not a matter of sockets: look at the system's log",
    ),
    any(Errno::ENOENT, "there is no file with this path", "compare the path letter by letter"),
    any(
        Errno::ENOTDIR,
        "a part of the path that should be a folder is something else",
        "compare the path part by part",
    ),
    any(
        Errno::ELOOP,
        "the path goes through symbolic links that lead in a circle",
        "use a path without that link",
    ),
    any(
        Errno::ENAMETOOLONG,
        "the path, or a part of it, is too long: a socket's path has at most 107 bytes, a name in a folder 255",
        "use a shorter path, such as one in /tmp",
    ),
    any(Errno::EROFS, "the disk with this path can only be read", "use another folder, such as /tmp"),
];
