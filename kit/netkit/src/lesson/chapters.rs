//! The chapters that are lessons, in the book's order: the book's own files, embedded, so
//! that a lesson and its chapter cannot differ, and netlab needs no book beside it.

use crate::kernel::sock_diag::SockDiag;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::unix::net::UnixDatagram;

/// The chapters: what each is called, and its text. The name is that of its file.
pub static CHAPTERS: &[(&str, &str)] = &[
    ("descriptor", include_str!("../../../../book/src/descriptor.md")),
    ("families", include_str!("../../../../book/src/families.md")),
    ("binding", include_str!("../../../../book/src/binding.md")),
    ("connection", include_str!("../../../../book/src/connection.md")),
    ("backlog", include_str!("../../../../book/src/backlog.md")),
    ("data", include_str!("../../../../book/src/data.md")),
    ("blocking", include_str!("../../../../book/src/blocking.md")),
    ("closing", include_str!("../../../../book/src/closing.md")),
    ("states", include_str!("../../../../book/src/states.md")),
    ("resets", include_str!("../../../../book/src/resets.md")),
    ("options", include_str!("../../../../book/src/options.md")),
    ("udp", include_str!("../../../../book/src/udp.md")),
    ("unix", include_str!("../../../../book/src/unix.md")),
    ("readiness", include_str!("../../../../book/src/readiness.md")),
    ("naming", include_str!("../../../../book/src/naming.md")),
    ("errors", include_str!("../../../../book/src/errors.md")),
];

/// What a transcript begins with, by the mark of its code block; it is not printed there. A
/// lesson's step begins with the same lines.
pub static SETUPS: &[(&str, &[&str])] = &[
    (
        "pair",
        &[
            "srv = socket tcp",
            "bind srv 127.0.0.1:0",
            "listen srv",
            "c = socket tcp",
            "connect c srv",
            "conn = accept srv",
        ],
    ),
    (
        "small",
        &[
            "srv = socket tcp",
            "setsockopt srv SO_RCVBUF 16384",
            "bind srv 127.0.0.1:0",
            "listen srv",
            "c = socket tcp",
            "setsockopt c SO_SNDBUF 16384",
            "connect c srv",
            "conn = accept srv",
        ],
    ),
    ("listener", &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv"]),
];

/// What a transcript may need that a machine may lack.
struct Need {
    mark: &'static str,
    what: &'static str,
    is_there: fn() -> bool,
}

static NEEDS: &[Need] = &[
    Need { mark: "ipv6", what: "IPv6", is_there: has_ipv6 },
    Need { mark: "multicast", what: "multicast on the loopback interface", is_there: has_multicast },
    Need { mark: "unix-diag", what: "the kernel's unix_diag", is_there: has_unix_diag },
];

/// What this machine lacks of what a transcript with these marks needs.
pub fn missing(marks: &str) -> Option<&'static str> {
    let marked = |name: &str| marks.split(',').any(|mark| mark == name);
    NEEDS.iter().find(|need| marked(need.mark) && !(need.is_there)()).map(|need| need.what)
}

fn has_ipv6() -> bool {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

fn has_multicast() -> bool {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    socket
        .and_then(|socket| socket.join_multicast_v4(&Ipv4Addr::new(239, 1, 2, 3), &Ipv4Addr::LOCALHOST))
        .is_ok()
}

/// Whether states and queues in the UNIX domain are to be seen.
fn has_unix_diag() -> bool {
    let Ok(_there_is_one) = UnixDatagram::unbound() else { return false };
    SockDiag::open().and_then(|mut diag| diag.dump_unix()).is_ok_and(|sockets| !sockets.is_empty())
}

/// The lines that a transcript with these marks begins with.
pub fn setup(marks: &str) -> Vec<&'static str> {
    let marked = |name: &str| marks.split(',').any(|mark| mark == name);
    SETUPS.iter().filter(|(name, _)| marked(name)).flat_map(|(_, lines)| lines.iter().copied()).collect()
}
