//! Which sockets a verb is for, by their kind and state.
//!
//! Completion offers these and no others, and hints take their examples from them. Nothing
//! is refused because of it: a call on a socket that does not fit is made, and what the
//! kernel says to it is a lesson.

use crate::kernel::sock_diag::{SocketState, UdpState, UnixState};
use crate::kernel::state::TcpState::{Bound, CloseWait, Closed, Established, FinWait1, FinWait2};
use crate::session::ends::End;

/// What a socket must be like to be of use to a verb.
#[derive(Debug)]
pub struct Fit {
    /// In words, behind "a socket": `that listens`.
    pub what: &'static str,
    /// Whether a socket is like that now.
    pub fits: fn(&End) -> bool,
}

/// For `bind`.
pub(super) static UNBOUND: Fit = Fit { what: "that has no address yet", fits: |end| !end.has_address() };

/// For `listen`.
pub(super) static CAN_LISTEN: Fit =
    Fit { what: "that is neither connected nor listening", fits: is_fresh_stream };

/// For `accept`.
pub(super) static LISTENS: Fit = Fit { what: "that listens", fits: |end| end.accept_queue.is_some() };

/// For `connect`; a UDP socket may be connected again, to another peer.
pub(super) static CAN_CONNECT: Fit =
    Fit { what: "that is not connected", fits: |end| is_fresh_stream(end) || is_datagram(end) };

/// For `send` and what is made of it.
pub(super) static CAN_SEND: Fit = Fit {
    what: "that is connected and has not ended its sending side",
    fits: |end| {
        is_in(end, &[Established, CloseWait])
            || ((is_unix(end, UnixState::Connected) || is_connected_datagram(end)) && may_send(end))
    },
};

/// For `recv` and what is made of it.
pub(super) static CAN_RECEIVE: Fit = Fit {
    what: "that bytes can come to",
    fits: |end| is_connected(end) || (is_datagram(end) && end.has_address()),
};

/// For `sendto`.
pub(super) static DATAGRAM: Fit = Fit { what: "for datagrams", fits: is_datagram };

/// For `recvfrom`.
pub(super) static BOUND_DATAGRAM: Fit =
    Fit { what: "for datagrams that has an address", fits: |end| is_datagram(end) && end.has_address() };

/// For `shutdown`: a listener can be shut down, too.
pub(super) static CAN_SHUT_DOWN: Fit = Fit {
    what: "that is connected or listens",
    fits: |end| is_connected(end) || end.accept_queue.is_some() || is_connected_datagram(end),
};

/// For `getpeername`.
pub(super) static HAS_PEER: Fit =
    Fit { what: "that has a peer", fits: |end| is_connected(end) || is_connected_datagram(end) };

fn is_in(end: &End, states: &[crate::kernel::state::TcpState]) -> bool {
    end.tcp().is_some_and(|state| states.contains(&state))
}

fn is_fresh_stream(end: &End) -> bool {
    is_in(end, &[Closed, Bound]) || is_unix(end, UnixState::Unconnected)
}

fn is_connected(end: &End) -> bool {
    is_in(end, &[Established, FinWait1, FinWait2, CloseWait]) || is_unix(end, UnixState::Connected)
}

fn is_datagram(end: &End) -> bool {
    end.protocol.is_datagram()
}

fn is_connected_datagram(end: &End) -> bool {
    let connected = [SocketState::Udp(UdpState::Connected), SocketState::Unix(UnixState::Connected)];
    is_datagram(end) && connected.contains(&end.state)
}

/// Whether its sending side is open, where no state tells it as TCP's does.
fn may_send(end: &End) -> bool {
    !end.shutdown.is_some_and(|halves| halves.write)
}

/// Whether it makes connections in the UNIX domain, and is in this state.
fn is_unix(end: &End, state: UnixState) -> bool {
    end.state == SocketState::Unix(state) && !is_datagram(end)
}
