//! What the kernel has measured and counted: buffers, and TCP's account of a connection.

use super::subject::Subject;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::kernel::tcp_info::TcpInfo;
use crate::render::{amount, counted};
use crate::session::Session;

type Rows = Vec<(&'static str, String)>;

/// How full the socket's buffers are. What a packet takes depends on the kernel: of that
/// only lost datagrams are the same on every run.
pub(super) fn buffers(session: &Session, subject: &Subject) -> Rows {
    let Some(memory) = subject.look.memory else { return Vec::new() };
    let mut rows = Vec::new();
    if session.shows_numbers() && subject.end.accept_queue.is_none() {
        let taken = |used, limit| {
            format!("{used} of {limit} bytes of memory taken (data and the kernel's notes on it)")
        };
        rows.push(("for receiving", taken(memory.receive_used, memory.receive_limit)));
        rows.push(("for sending", taken(memory.send_used, memory.send_limit)));
    }
    let udp = subject.end.protocol == Protocol::Udp;
    // TCP sends again what was thrown away: how often that happens depends on the moment.
    if memory.drops > 0 && (udp || session.shows_numbers()) {
        let what = counted(memory.drops, if udp { "datagram" } else { "segment" });
        rows.push(("thrown away", format!("{what}, mostly for lack of room")));
    }
    rows
}

/// The essentials of TCP_INFO.
pub(super) fn account(session: &Session, subject: &Subject) -> Rows {
    let (Some(info), Some(state)) = (&subject.look.info, subject.end.tcp()) else { return Vec::new() };
    if !subject.is_connection() || state == TcpState::TimeWait {
        return Vec::new();
    }
    let numbers = session.shows_numbers();
    let mut rows = Vec::new();
    // What is sent while a handshake lasts is no data.
    if !matches!(state, TcpState::SynSent | TcpState::SynReceived) {
        rows.extend(counts(info, state, numbers));
    }
    if numbers {
        rows.extend(measures(info));
    }
    rows
}

fn counts(info: &TcpInfo, state: TcpState, numbers: bool) -> Rows {
    let bytes = |count: u64| amount(u32::try_from(count).unwrap_or(u32::MAX), numbers);
    let count = |count: u64| if numbers { count.to_string() } else { bytes(count) };
    let in_bytes = |number: u64| counted(count(number), "byte");
    // How much was sent again of much depends on the moment.
    let told = |sent: u64| numbers || bytes(sent) == sent.to_string();
    let more = info.bytes_sent.is_none_or(|sent| info.bytes_acknowledged > sent && told(sent));
    let counting = if more { " (SYN and FIN count as one each)" } else { "" };
    let acknowledged = format!("{} acknowledged{counting}", count(info.bytes_acknowledged));
    let sent = match info.bytes_sent {
        Some(sent) => format!("{}; {acknowledged}", in_bytes(sent)),
        None => acknowledged,
    };
    // The kernel counts the FIN; in these states it has come.
    let fin = matches!(state, TcpState::CloseWait | TcpState::LastAck | TcpState::Closing);
    let received = match fin {
        true => format!("{} and a FIN", in_bytes(info.bytes_received.saturating_sub(1))),
        false => in_bytes(info.bytes_received),
    };
    vec![("sent", sent), ("received", received)]
}

fn measures(info: &TcpInfo) -> Rows {
    let mut rows = Vec::new();
    if info.round_trip_us > 0 {
        let (time, variation) = (milliseconds(info.round_trip_us), milliseconds(info.variation_us));
        rows.push(("round trip", format!("{time} on average, give or take {variation} (rtt)")));
    }
    let again = match info.retransmitted {
        0 => "nothing so far".into(),
        count => counted(count, "segment"),
    };
    let after = milliseconds(info.retransmit_after_us);
    rows.push(("sent again", format!("{again}; it would be after {after} without an answer (rto)")));
    rows.push(("segment", format!("at most {} of data in one (mss)", counted(info.segment, "byte"))));
    let window = format!(
        "as far as the network is concerned, as many segments may be on their way: {} (cwnd); on their way: {}",
        info.congestion_window, info.in_flight
    );
    rows.push(("congestion", window));
    let room = |window: Option<u32>| window.map(|window| counted(window, "byte"));
    rows.extend(
        room(info.send_window).map(|room| ("window there", format!("{room} is what the other end takes"))),
    );
    rows.extend(
        room(info.receive_window).map(|room| ("window here", format!("{room} is what this end takes"))),
    );
    rows
}

/// Microseconds as milliseconds: `0.04 ms`.
fn milliseconds(microseconds: u32) -> String {
    match microseconds {
        0..10_000 => format!("{}.{:02} ms", microseconds / 1000, microseconds % 1000 / 10),
        _ => format!("{} ms", microseconds / 1000),
    }
}
