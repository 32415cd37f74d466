//! What TCP has measured and counted of one connection: `struct tcp_info` of
//! `include/uapi/linux/tcp.h`, by getsockopt(2) or as sock_diag sends it.
//!
//! The structure grows with the kernel: what an older one does not have is `None`.

use super::queues::option_bytes;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::RawFd;

/// The essentials of `struct tcp_info`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpInfo {
    /// The average time from sending to acknowledgement, in microseconds; 0 before the
    /// first was measured (RFC 6298: SRTT).
    pub round_trip_us: u32,
    /// How much that varies (RTTVAR).
    pub variation_us: u32,
    /// After so long without an acknowledgement it sends again (RTO).
    pub retransmit_after_us: u32,
    /// The most bytes of data in one segment that it sends (MSS).
    pub segment: u32,
    /// So many segments may be on their way, as far as the network's congestion is
    /// concerned (RFC 5681: cwnd).
    pub congestion_window: u32,
    /// Segments that are on their way and not acknowledged.
    pub in_flight: u32,
    /// Segments that were sent again, in all.
    pub retransmitted: u32,
    /// How often the first unacknowledged segment was sent again without an answer.
    pub unanswered: u8,
    /// Probes that a closed window or keepalive has sent without an answer.
    pub probes: u8,
    /// Milliseconds since data was last sent.
    pub since_sent_ms: u32,
    /// Milliseconds since data last came.
    pub since_received_ms: u32,
    /// Bytes that the other end has acknowledged. A SYN or FIN counts as one.
    pub bytes_acknowledged: u64,
    /// Bytes that have come in order. A FIN counts as one.
    pub bytes_received: u64,
    /// Bytes in the send queue that were not sent at all yet (Linux 4.6).
    pub bytes_unsent: Option<u32>,
    /// Bytes of data sent, repetitions included (Linux 4.19).
    pub bytes_sent: Option<u64>,
    /// How many more bytes the other end has said that it takes (Linux 5.4).
    pub send_window: Option<u32>,
    /// How many more bytes this end has said that it takes (Linux 6.2).
    pub receive_window: Option<u32>,
}

impl TcpInfo {
    /// That of a socket which this process has open.
    ///
    /// # Errors
    /// `EBADF`, `ENOTSOCK`, or `ENOPROTOOPT`/`EOPNOTSUPP` for a socket that is not TCP's.
    pub fn of(fd: RawFd) -> io::Result<Self> {
        let bytes = option_bytes::<512>(fd, libc::IPPROTO_TCP, libc::TCP_INFO)?;
        Self::read(&bytes).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the kernel's TCP_INFO is shorter than any")
        })
    }

    /// Reads the structure as the kernel lays it out; `None` if it is shorter than it ever was.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let u32_at = |place: usize| {
            bytes.get(place..)?.first_chunk().map(|bytes: &[u8; 4]| u32::from_ne_bytes(*bytes))
        };
        let u64_at = |place: usize| {
            bytes.get(place..)?.first_chunk().map(|bytes: &[u8; 8]| u64::from_ne_bytes(*bytes))
        };
        // The places of the fields, counted in include/uapi/linux/tcp.h; they never move.
        Some(Self {
            unanswered: *bytes.get(2)?,
            probes: *bytes.get(3)?,
            retransmit_after_us: u32_at(8)?,
            segment: u32_at(16)?,
            in_flight: u32_at(24)?,
            since_sent_ms: u32_at(44)?,
            since_received_ms: u32_at(52)?,
            round_trip_us: u32_at(68)?,
            variation_us: u32_at(72)?,
            congestion_window: u32_at(80)?,
            retransmitted: u32_at(100)?,
            bytes_acknowledged: u64_at(120)?,
            bytes_received: u64_at(128)?,
            bytes_unsent: u32_at(144),
            bytes_sent: u64_at(200),
            send_window: u32_at(228),
            receive_window: u32_at(232),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TcpInfo;

    #[test]
    fn an_older_kernels_structure_is_read_as_far_as_it_goes() {
        let bytes: Vec<u8> = (0..240).map(|place| u8::try_from(place).unwrap()).collect();
        let word = |place: u8| u32::from_ne_bytes([place, place + 1, place + 2, place + 3]);
        let all = TcpInfo::read(&bytes).unwrap();
        assert_eq!((all.unanswered, all.segment, all.round_trip_us), (2, word(16), word(68)));
        assert_eq!((all.send_window, all.receive_window), (Some(word(228)), Some(word(232))));
        assert_eq!(all.bytes_unsent, Some(word(144)));
        let older = TcpInfo::read(&bytes[..200]).unwrap();
        assert_eq!((older.bytes_received, older.bytes_sent), (all.bytes_received, None));
        assert_eq!(TcpInfo::read(&bytes[..100]), None);
    }
}
