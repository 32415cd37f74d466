//! Names of values.

use super::Name;

/// Address families.
pub(super) const DOMAINS: &[Name] =
    &[("AF_UNIX", libc::AF_UNIX), ("AF_INET", libc::AF_INET), ("AF_INET6", libc::AF_INET6)];

/// Types of sockets.
pub(super) const TYPES: &[Name] = &[
    ("SOCK_STREAM", libc::SOCK_STREAM),
    ("SOCK_DGRAM", libc::SOCK_DGRAM),
    ("SOCK_SEQPACKET", libc::SOCK_SEQPACKET),
];

/// Protocols.
pub(super) const PROTOCOLS: &[Name] =
    &[("0", 0), ("IPPROTO_TCP", libc::IPPROTO_TCP), ("IPPROTO_UDP", libc::IPPROTO_UDP)];

/// What a packet asks of routers (RFC 1349; today's networks read it as RFC 2474 says).
pub(super) const TOS: &[Name] = &[
    ("0", 0),
    ("IPTOS_LOWDELAY", 0x10),
    ("IPTOS_THROUGHPUT", 0x08),
    ("IPTOS_RELIABILITY", 0x04),
    ("IPTOS_MINCOST", 0x02),
];

/// What is done about packets that are too long for a link on their way.
pub(super) const PATH_MTU: &[Name] = &[
    ("IP_PMTUDISC_DONT", 0),
    ("IP_PMTUDISC_WANT", 1),
    ("IP_PMTUDISC_DO", 2),
    ("IP_PMTUDISC_PROBE", 3),
    ("IP_PMTUDISC_INTERFACE", 4),
    ("IP_PMTUDISC_OMIT", 5),
];

/// The same of IPv6.
pub(super) const PATH_MTU6: &[Name] = &[
    ("IPV6_PMTUDISC_DONT", 0),
    ("IPV6_PMTUDISC_WANT", 1),
    ("IPV6_PMTUDISC_DO", 2),
    ("IPV6_PMTUDISC_PROBE", 3),
    ("IPV6_PMTUDISC_INTERFACE", 4),
    ("IPV6_PMTUDISC_OMIT", 5),
];

/// Which of several own addresses is taken (RFC 5014).
pub(super) const SOURCES: &[Name] = &[
    ("IPV6_PREFER_SRC_TMP", 0x1),
    ("IPV6_PREFER_SRC_PUBLIC", 0x2),
    ("IPV6_PREFER_SRC_PUBTMP_DEFAULT", 0x100),
    ("IPV6_PREFER_SRC_COA", 0x4),
    ("IPV6_PREFER_SRC_HOME", 0x400),
    ("IPV6_PREFER_SRC_CGA", 0x8),
    ("IPV6_PREFER_SRC_NONCGA", 0x800),
];

/// Which moments are noted of a packet.
pub(super) const TIMESTAMPING: &[Name] = &[
    ("SOF_TIMESTAMPING_TX_HARDWARE", 1),
    ("SOF_TIMESTAMPING_TX_SOFTWARE", 1 << 1),
    ("SOF_TIMESTAMPING_RX_HARDWARE", 1 << 2),
    ("SOF_TIMESTAMPING_RX_SOFTWARE", 1 << 3),
    ("SOF_TIMESTAMPING_SOFTWARE", 1 << 4),
    ("SOF_TIMESTAMPING_RAW_HARDWARE", 1 << 6),
    ("SOF_TIMESTAMPING_OPT_ID", 1 << 7),
    ("SOF_TIMESTAMPING_TX_SCHED", 1 << 8),
    ("SOF_TIMESTAMPING_TX_ACK", 1 << 9),
];

/// Which buffer sizes were set, and are not adapted by the kernel any more.
pub(super) const BUFFER_LOCKS: &[Name] = &[("SOCK_SNDBUF_LOCK", 1), ("SOCK_RCVBUF_LOCK", 2)];

/// Whether the hash that chooses a way is changed when a connection stalls.
pub(super) const REHASH: &[Name] =
    &[("SOCK_TXREHASH_DISABLED", 0), ("SOCK_TXREHASH_ENABLED", 1), ("SOCK_TXREHASH_DEFAULT", 255)];

/// What the payload of UDP wraps.
pub(super) const ENCAPSULATIONS: &[Name] = &[
    ("0", 0),
    ("UDP_ENCAP_ESPINUDP_NON_IKE", 1),
    ("UDP_ENCAP_ESPINUDP", 2),
    ("UDP_ENCAP_L2TPINUDP", 3),
    ("UDP_ENCAP_GTP0", 4),
    ("UDP_ENCAP_GTP1U", 5),
    ("UDP_ENCAP_RXRPC", 6),
];
