//! The options of TCP, tcp(7).

use super::Shape::{Bool, Bytes, Int, TcpInfo, Text};
use super::kind::Fits;
use super::{Level, SocketOption, Unit, both, get, set};

const L: Level = Level::Tcp;
const TCP: Fits = Fits::TCP;

/// The rows.
pub(super) static OPTIONS: &[SocketOption] = &[
    both(L, "TCP_CONGESTION", libc::TCP_CONGESTION, Text, TCP, "reno", "The rule by which TCP decides how much it may have under way, by its name."),
    get(L, "TCP_CC_INFO", libc::TCP_CC_INFO, Bytes, TCP, "What the rule of TCP_CONGESTION knows of this connection, in a form of its own.").moves(),
    both(L, "TCP_CORK", libc::TCP_CORK, Bool, TCP, "1", "Whether TCP holds back what does not fill a segment, until it is switched off again or 200 ms have passed.").fresh("off"),
    both(L, "TCP_DEFER_ACCEPT", libc::TCP_DEFER_ACCEPT, Int(Unit::Seconds), TCP, "5s", "How long a listener leaves a new connection in SYN-RECEIVED while no data has come on it; accept sees it only when data are there.").fresh("0 s"),
    both(L, "TCP_FASTOPEN", libc::TCP_FASTOPEN, Int(Unit::Connections), TCP, "5", "How many connections a listener takes whose first data come with the SYN.").range(0, i32::MAX).fresh("0 connections"),
    both(L, "TCP_FASTOPEN_CONNECT", libc::TCP_FASTOPEN_CONNECT, Bool, TCP, "1", "Whether connect returns at once, and the SYN goes out with the first data.").fresh("off"),
    both(L, "TCP_FASTOPEN_NO_COOKIE", libc::TCP_FASTOPEN_NO_COOKIE, Bool, TCP, "1", "Whether data with the SYN are taken without the proof (cookie) of an earlier visit.").fresh("off"),
    get(L, "TCP_INFO", libc::TCP_INFO, TcpInfo, TCP, "What TCP knows of the connection: state, round-trip time, segment size, window, what was lost.").moves(),
    both(L, "TCP_INQ", libc::TCP_INQ, Bool, TCP, "1", "Whether each recvmsg comes with the number of bytes that wait behind it.").fresh("off"),
    both(L, "TCP_KEEPCNT", libc::TCP_KEEPCNT, Int(Unit::Times), TCP, "3", "After how many probes without an answer a connection with SO_KEEPALIVE is given up.").range(1, 127),
    both(L, "TCP_KEEPIDLE", libc::TCP_KEEPIDLE, Int(Unit::Seconds), TCP, "60s", "How long nothing must move on a connection with SO_KEEPALIVE before the first probe is sent.").range(1, 32767),
    both(L, "TCP_KEEPINTVL", libc::TCP_KEEPINTVL, Int(Unit::Seconds), TCP, "10s", "How long after a probe without an answer the next one is sent.").range(1, 32767),
    both(L, "TCP_LINGER2", libc::TCP_LINGER2, Int(Unit::Seconds), TCP, "30s", "How long a closed socket stays in FIN-WAIT-2 and waits for the other end's FIN."),
    both(L, "TCP_MAXSEG", libc::TCP_MAXSEG, Int(Unit::Bytes), TCP, "1000", "The most data in one segment; set before the connection stands, it is announced to the other end.").range(88, 32767).also(0).moves(),
    both(L, "TCP_NODELAY", libc::TCP_NODELAY, Bool, TCP, "1", "Whether small segments leave at once; off, one that does not fill a segment waits while an earlier one is not acknowledged (Nagle's algorithm).").fresh("off"),
    both(L, "TCP_NOTSENT_LOWAT", libc::TCP_NOTSENT_LOWAT, Int(Unit::Bytes), TCP, "16384", "How many bytes that have not left yet the send queue may hold before poll stops saying POLLOUT; 0: as many as the system allows."),
    both(L, "TCP_QUICKACK", libc::TCP_QUICKACK, Bool, TCP, "1", "Whether acknowledgements leave at once; off, they wait up to 40 ms for data to go with. The kernel changes it by itself.").moves(),
    both(L, "TCP_SAVE_SYN", libc::TCP_SAVE_SYN, Int(Unit::Plain), TCP, "1", "Whether a listener keeps the header of each connection's SYN, for TCP_SAVED_SYN.").range(0, 2).fresh("0"),
    get(L, "TCP_SAVED_SYN", libc::TCP_SAVED_SYN, Bytes, TCP, "The header of the SYN that began this connection, if its listener had TCP_SAVE_SYN.").consumed(),
    both(L, "TCP_SYNCNT", libc::TCP_SYNCNT, Int(Unit::Times), TCP, "2", "How often connect sends its SYN again when no answer comes.").range(1, 127),
    both(L, "TCP_THIN_DUPACK", libc::TCP_THIN_DUPACK, Bool, TCP, "0", "Without effect since Linux 4.11, and always off.").fresh("off"),
    both(L, "TCP_THIN_LINEAR_TIMEOUTS", libc::TCP_THIN_LINEAR_TIMEOUTS, Bool, TCP, "1", "Whether a connection with little under way repeats lost segments at even intervals, in place of ever longer ones.").fresh("off"),
    both(L, "TCP_TIMESTAMP", libc::TCP_TIMESTAMP, Int(Unit::Plain), TCP, "1", "The clock that TCP writes into its segments; only a socket under repair lets it be set.").needs("CAP_NET_ADMIN").moves(),
    both(L, "TCP_TX_DELAY", 37, Int(Unit::Microseconds), TCP, "1000", "By how much every segment of this socket is delayed: a slow network for trying things out.").fresh("0 us"),
    both(L, "TCP_ULP", libc::TCP_ULP, Text, TCP, "tls", "The protocol that the kernel puts on top of TCP for this connection, by its name: tls.").fresh("none"),
    both(L, "TCP_USER_TIMEOUT", libc::TCP_USER_TIMEOUT, Int(Unit::Milliseconds), TCP, "5s", "How long data may stay without acknowledgement before the connection is given up with ETIMEDOUT; 0: as long as the system allows.").range(0, i32::MAX).fresh("0 ms"),
    both(L, "TCP_WINDOW_CLAMP", libc::TCP_WINDOW_CLAMP, Int(Unit::Bytes), TCP, "65536", "The largest window that is offered to the other end.").moves(),
    set(L, "TCP_REPAIR", libc::TCP_REPAIR, Bool, TCP, "1", "Puts the socket under repair: its sequence numbers and queues can be set, to move a connection to another machine.").needs("CAP_NET_ADMIN"),
];
