//! The states of TCP, under the names that different tools give them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The state of a TCP socket.
///
/// RFC 9293, section 3.3.2, has eleven states; the twelfth, [`Bound`](Self::Bound),
/// is a socket that is CLOSED for TCP but already owns a local port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TcpState {
    /// Both ends may send.
    #[serde(rename = "ESTABLISHED")]
    Established,
    /// A SYN was sent and not answered yet.
    #[serde(rename = "SYN-SENT")]
    SynSent,
    /// A SYN came and was answered; the last step of the handshake is missing.
    #[serde(rename = "SYN-RECEIVED")]
    SynReceived,
    /// This end said that it is done (FIN sent); not acknowledged yet.
    #[serde(rename = "FIN-WAIT-1")]
    FinWait1,
    /// The other end acknowledged our FIN and may still send.
    #[serde(rename = "FIN-WAIT-2")]
    FinWait2,
    /// Over; the four-tuple is kept aside so that late segments do no harm.
    #[serde(rename = "TIME-WAIT")]
    TimeWait,
    /// No connection and no port.
    #[serde(rename = "CLOSED")]
    Closed,
    /// The other end said that it is done; this one has not yet.
    #[serde(rename = "CLOSE-WAIT")]
    CloseWait,
    /// Both ends said that they are done; ours is not acknowledged yet.
    #[serde(rename = "LAST-ACK")]
    LastAck,
    /// Waiting for connections.
    #[serde(rename = "LISTEN")]
    Listen,
    /// Both ends said that they are done at the same time.
    #[serde(rename = "CLOSING")]
    Closing,
    /// Owns a port, but neither listens nor connects: CLOSED in the RFC's words.
    #[serde(rename = "BOUND")]
    Bound,
}

impl TcpState {
    /// Every state, in the order of the kernel's numbers.
    pub const ALL: [Self; 12] = [
        Self::Established,
        Self::SynSent,
        Self::SynReceived,
        Self::FinWait1,
        Self::FinWait2,
        Self::TimeWait,
        Self::Closed,
        Self::CloseWait,
        Self::LastAck,
        Self::Listen,
        Self::Closing,
        Self::Bound,
    ];

    /// The state for a number of `include/net/tcp_states.h`; `None` for one
    /// that the file does not have.
    ///
    /// 12 (`TCP_NEW_SYN_RECV`) is how the kernel keeps a half-open connection
    /// that has no full socket yet: SYN-RECEIVED for everyone else. 13 is
    /// `TCP_BOUND_INACTIVE`, which only sock_diag uses.
    pub fn from_kernel(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Established,
            2 => Self::SynSent,
            3 | 12 => Self::SynReceived,
            4 => Self::FinWait1,
            5 => Self::FinWait2,
            6 => Self::TimeWait,
            7 => Self::Closed,
            8 => Self::CloseWait,
            9 => Self::LastAck,
            10 => Self::Listen,
            11 => Self::Closing,
            13 => Self::Bound,
            _ => return None,
        })
    }

    /// The name in RFC 9293. A bound socket is `CLOSED` there.
    pub fn name(self) -> &'static str {
        match self {
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::TimeWait => "TIME-WAIT",
            Self::Closed | Self::Bound => "CLOSED",
            Self::CloseWait => "CLOSE-WAIT",
            Self::LastAck => "LAST-ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
        }
    }

    /// The name in the output of netstat(8).
    pub fn netstat_name(self) -> &'static str {
        match self {
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN_SENT",
            Self::SynReceived => "SYN_RECV",
            Self::FinWait1 => "FIN_WAIT1",
            Self::FinWait2 => "FIN_WAIT2",
            Self::TimeWait => "TIME_WAIT",
            Self::Closed | Self::Bound => "CLOSE",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
        }
    }
}

/// Writes [`TcpState::name`].
impl fmt::Display for TcpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no TCP state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownState(
    /// The word as it was given.
    pub String,
);

impl fmt::Display for UnknownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a state of TCP; the states are", self.0)?;
        // The last one, Bound, shares its name with Closed.
        for (place, state) in TcpState::ALL.iter().take(11).enumerate() {
            write!(f, "{} {state}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownState {}

/// Reads a state in the spelling of the RFC, ss, netstat or the kernel's source:
/// any case, `-` or `_` or nothing between the words, with or without `TCP_`.
impl FromStr for TcpState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let letters: String =
            text.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_uppercase()).collect();
        Ok(match letters.strip_prefix("TCP").unwrap_or(&letters) {
            "ESTABLISHED" | "ESTAB" => Self::Established,
            "SYNSENT" => Self::SynSent,
            "SYNRECEIVED" | "SYNRECV" | "SYNRCVD" => Self::SynReceived,
            "FINWAIT1" => Self::FinWait1,
            "FINWAIT2" => Self::FinWait2,
            "TIMEWAIT" => Self::TimeWait,
            "CLOSED" | "CLOSE" | "UNCONN" => Self::Closed,
            "CLOSEWAIT" => Self::CloseWait,
            "LASTACK" => Self::LastAck,
            "LISTEN" | "LISTENING" => Self::Listen,
            "CLOSING" => Self::Closing,
            "BOUND" => Self::Bound,
            _ => return Err(UnknownState(text.to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TcpState::{self, *};

    #[test]
    fn every_spelling_of_a_state_is_read() {
        for (text, state) in [
            ("ESTAB", Established),
            ("established", Established),
            ("TCP_ESTABLISHED", Established),
            ("SYN-SENT", SynSent),
            ("SYN_RECV", SynReceived),
            ("SYN-RECV", SynReceived),
            ("syn-received", SynReceived),
            ("FIN-WAIT1", FinWait1),
            ("FIN_WAIT1", FinWait1),
            ("FIN-WAIT-1", FinWait1),
            ("fin_wait_2", FinWait2),
            ("Time-Wait", TimeWait),
            ("UNCONN", Closed),
            ("CLOSE", Closed),
            ("CLOSE_WAIT", CloseWait),
            ("LAST-ACK", LastAck),
            ("LISTEN", Listen),
            ("CLOSING", Closing),
            ("bound", Bound),
        ] {
            assert_eq!(text.parse(), Ok(state), "{text}");
        }
        for text in ["", "FIN-WAIT", "FIN-WAIT-3", "ESTABLISH", "TCP", "-"] {
            assert!(text.parse::<TcpState>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_kernels_numbers_are_known() {
        for (number, state) in (1..).zip(&TcpState::ALL[..11]) {
            assert_eq!(TcpState::from_kernel(number), Some(*state));
        }
        assert_eq!(TcpState::from_kernel(12), Some(SynReceived));
        assert_eq!(TcpState::from_kernel(13), Some(Bound));
        for number in [0, 14, u8::MAX] {
            assert_eq!(TcpState::from_kernel(number), None);
        }
    }

    #[test]
    fn names_lead_back_to_their_state() {
        for state in TcpState::ALL {
            let expected = if state == Bound { Closed } else { state };
            assert_eq!(state.name().parse(), Ok(expected));
            assert_eq!(state.netstat_name().parse(), Ok(expected));
        }
    }
}
