//! A socket's situation in one plain phrase each: its state, its two directions, its timer.

use crate::kernel::sock_diag::{
    Protocol, ShutdownHalves, SocketState, Timer, TimerKind, UdpState, UnixState,
};
use crate::kernel::state::TcpState;

/// What a state means for a program, to stand behind its name.
pub fn state(state: SocketState, has_address: bool) -> &'static str {
    match state {
        SocketState::Tcp(state) => match state {
            TcpState::Closed if has_address => "no connection any more",
            TcpState::Closed => "no connection, and no port yet",
            TcpState::Bound => "it has a port, but neither listens nor connects",
            TcpState::Listen => "it waits for connections, and carries no data itself",
            TcpState::SynSent => "it has asked for a connection (SYN) and waits for the answer",
            TcpState::SynReceived => "it has answered a SYN; the last step of the handshake is missing",
            TcpState::Established => "the connection stands, and both ends may send",
            TcpState::FinWait1 => "this end has said that it is done (FIN), which is not acknowledged yet",
            TcpState::FinWait2 => "this end is done sending; the other one may still send",
            TcpState::CloseWait => "the other end is done sending; this one may still send",
            TcpState::Closing => "both ends said at the same time that they are done (FIN)",
            TcpState::LastAck => "both ends are done; the FIN of this one is not acknowledged yet",
            TcpState::TimeWait => "the connection is over; its addresses are kept for a while",
        },
        SocketState::Udp(UdpState::Connected) => "it has a fixed peer, and takes datagrams from it alone",
        SocketState::Udp(UdpState::Unconnected) if has_address => "it takes datagrams from anyone",
        SocketState::Udp(UdpState::Unconnected) => "it has no port yet, so that nobody can reach it",
        SocketState::Unix(UnixState::Connected) => "it has another end, and sends to it without naming it",
        SocketState::Unix(UnixState::Listening) => "it waits for connections, and carries no data itself",
        SocketState::Unix(UnixState::Unconnected) if has_address => "it has a name, and no other end",
        SocketState::Unix(UnixState::Unconnected) => {
            "it has no other end, and no name by which it could be found"
        }
    }
}

/// The direction away from this end: whether more can be sent. `None` where there is no
/// connection. The state says it all: shutdown changes it at once (`tcp_shutdown` in
/// net/ipv4/tcp.c).
pub fn sending(state: TcpState) -> Option<&'static str> {
    use TcpState::{CloseWait, Closing, Established, FinWait1, FinWait2, LastAck, TimeWait};
    Some(match state {
        Established | CloseWait => "open",
        FinWait1 | Closing | LastAck => "ended by this end; its FIN is not acknowledged yet",
        FinWait2 | TimeWait => "ended by this end; its FIN is acknowledged",
        _ => return None,
    })
}

/// The direction towards this end: whether more can come, and who ended it.
pub fn receiving(state: TcpState, halves: Option<ShutdownHalves>) -> Option<&'static str> {
    use TcpState::{CloseWait, Closing, Established, FinWait1, FinWait2, LastAck, TimeWait};
    Some(match state {
        CloseWait | Closing | LastAck | TimeWait => "ended by the other end: its FIN has come",
        // No FIN has come in these states: the bit can only be this end's own doing.
        Established | FinWait1 | FinWait2 if halves.is_some_and(|halves| halves.read) => {
            "shut by this end: recv returns 0, though bytes may still come"
        }
        Established | FinWait1 | FinWait2 => "open",
        _ => return None,
    })
}

/// The two directions of a connected socket of the UNIX domain. No FIN is on its way there:
/// shutdown(2) at one end shuts the other end's half at once (`unix_shutdown` in
/// net/unix/af_unix.c), and who did it cannot be seen.
pub fn unix_directions(halves: ShutdownHalves) -> [(&'static str, &'static str); 2] {
    let sending = if halves.write { "ended: send fails with EPIPE" } else { "open" };
    let receiving = if halves.read { "ended: nothing more will come" } else { "open" };
    [("sending", sending), ("receiving", receiving)]
}

/// What a timer will do; without `numbers` only where that is the same on every run.
pub fn timer(timer: &Timer, protocol: Protocol, state: SocketState, numbers: bool) -> Option<String> {
    let steady = matches!(timer.kind, TimerKind::TimeWait | TimerKind::Keepalive);
    if protocol != Protocol::Tcp || !(numbers || steady) {
        return None;
    }
    let when = if numbers { format!(" in {}", span(timer.expires_ms)) } else { String::new() };
    let times = match timer.retransmits {
        0 => String::new(),
        1 => " (once so far, without an answer)".into(),
        count => format!(" ({count} times so far, without an answer)"),
    };
    Some(match (timer.kind, state.tcp()) {
        (TimerKind::TimeWait, Some(TcpState::FinWait2)) => {
            format!("gives up waiting for the other end's FIN{when}")
        }
        (TimerKind::TimeWait, _) => format!("ends{when}"),
        (TimerKind::Retransmit, Some(TcpState::SynReceived)) => {
            format!("sends the SYN,ACK again{when}{times}")
        }
        (TimerKind::Retransmit, Some(TcpState::SynSent)) => format!("sends the SYN again{when}{times}"),
        (TimerKind::Retransmit, _) => format!("sends again{when} what is not acknowledged by then{times}"),
        (TimerKind::Keepalive, _) => format!("asks{when} whether the other end is still there{times}"),
        (TimerKind::ZeroWindowProbe, _) => {
            format!("asks{when} whether the other end has room again{times}")
        }
        (TimerKind::Unknown(number), _) => format!("timer {number} fires{when}"),
    })
}

/// A time span: `0.25 s`, `58 s`.
fn span(milliseconds: u32) -> String {
    if milliseconds < 10_000 {
        format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
    } else {
        format!("{} s", milliseconds.div_ceil(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ended_a_direction_is_told() {
        let halves = |read, write| Some(ShutdownHalves { read, write });
        for (state, bits, out, into) in [
            (TcpState::Established, halves(false, false), Some("open"), Some("open")),
            (TcpState::Established, halves(true, false), Some("open"), Some("shut by this end")),
            (TcpState::CloseWait, halves(true, false), Some("open"), Some("ended by the other")),
            (TcpState::FinWait2, halves(false, true), Some("ended by this end"), Some("open")),
            (TcpState::TimeWait, None, Some("ended by this end"), Some("ended by the other")),
            (TcpState::Listen, halves(false, false), None, None),
        ] {
            for (told, expected) in [(sending(state), out), (receiving(state, bits), into)] {
                let fits = match (told, expected) {
                    (Some(told), Some(expected)) => told.starts_with(expected),
                    (told, expected) => told == expected,
                };
                assert!(fits, "{state} {bits:?}: {told:?}, not {expected:?}");
            }
        }
    }

    #[test]
    fn timers_say_what_they_will_do() {
        let time = |kind, expires_ms, retransmits| Timer { kind, expires_ms, retransmits };
        let tcp = |timer: Timer, state, numbers| {
            super::timer(&timer, Protocol::Tcp, SocketState::Tcp(state), numbers)
        };
        let wait = time(TimerKind::TimeWait, 57_500, 0);
        assert_eq!(tcp(wait, TcpState::TimeWait, true).as_deref(), Some("ends in 58 s"));
        assert_eq!(tcp(wait, TcpState::TimeWait, false).as_deref(), Some("ends"));
        let again = time(TimerKind::Retransmit, 1_230, 2);
        let words = "sends the SYN again in 1.23 s (2 times so far, without an answer)";
        assert_eq!(tcp(again, TcpState::SynSent, true).as_deref(), Some(words));
        assert_eq!(tcp(again, TcpState::SynSent, false), None);
    }
}
