//! The options of UDP, udp(7).

use super::Shape::{Bool, Int, Named};
use super::kind::Fits;
use super::{Level, SocketOption, Unit, both, names};

const L: Level = Level::Udp;
const UDP: Fits = Fits::UDP;

/// The rows.
pub(super) static OPTIONS: &[SocketOption] = &[
    both(
        L,
        "UDP_CORK",
        libc::UDP_CORK,
        Bool,
        UDP,
        "1",
        "Whether what is sent is gathered, to leave as one datagram when it is switched off again.",
    )
    .fresh("off"),
    both(
        L,
        "UDP_ENCAP",
        libc::UDP_ENCAP,
        Named(names::ENCAPSULATIONS),
        UDP,
        "0",
        "Which other protocol the kernel finds inside the datagrams of this socket.",
    )
    .fresh("0"),
    both(
        L,
        "UDP_GRO",
        libc::UDP_GRO,
        Bool,
        UDP,
        "1",
        "Whether several datagrams of one sender may be received as one piece.",
    )
    .fresh("off"),
    both(
        L,
        "UDP_NO_CHECK6_RX",
        libc::UDP_NO_CHECK6_RX,
        Bool,
        UDP,
        "1",
        "Whether datagrams over IPv6 are taken that have no checksum.",
    )
    .fresh("off"),
    both(
        L,
        "UDP_NO_CHECK6_TX",
        libc::UDP_NO_CHECK6_TX,
        Bool,
        UDP,
        "1",
        "Whether datagrams over IPv6 are sent without a checksum.",
    )
    .fresh("off"),
    both(
        L,
        "UDP_SEGMENT",
        libc::UDP_SEGMENT,
        Int(Unit::Bytes),
        UDP,
        "1000",
        "Into datagrams of how many bytes one large send is cut; 0: into none.",
    )
    .fresh("0 bytes"),
];
