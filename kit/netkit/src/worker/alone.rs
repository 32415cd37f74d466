//! What descriptors alone say of their sockets, where the kernel has no sock_diag(7): some
//! sandboxes refuse it, and some kernels are built without it.
//!
//! Only the session's own ends are seen then, and of them neither timers nor the halves that
//! are shut down.

use super::protocol::OwnSocket;
use crate::address::Address;
use crate::kernel::queues;
use crate::kernel::sock_diag::{Protocol, SocketFact, SocketState, UdpState};
use crate::kernel::state::TcpState;

/// All that have an address. The others are in no table anyway.
pub(super) fn look(own: &[OwnSocket]) -> Vec<SocketFact> {
    own.iter().filter_map(fact).collect()
}

fn fact(own: &OwnSocket) -> Option<SocketFact> {
    let local = own.local.clone().filter(|local| local.inet().is_some())?;
    let (protocol, state) = match own.protocol {
        libc::IPPROTO_TCP => (Protocol::Tcp, SocketState::Tcp(tcp_state(own)?)),
        libc::IPPROTO_UDP if own.remote.is_some() => (Protocol::Udp, SocketState::Udp(UdpState::Connected)),
        libc::IPPROTO_UDP => (Protocol::Udp, SocketState::Udp(UdpState::Unconnected)),
        _ => return None,
    };
    let queue = match state {
        SocketState::Tcp(TcpState::Listen) => queues::accept_queue(own.fd).ok(),
        _ => Some((own.unread.unwrap_or(0), queues::unacknowledged(own.fd).unwrap_or(0))),
    };
    let (receive_queue, send_queue) = queue.unwrap_or_default();
    Some(SocketFact {
        protocol,
        local,
        remote: own.remote.clone().filter(|remote: &Address| remote.inet().is_some()),
        state,
        receive_queue,
        send_queue,
        inode: Some(own.inode),
        cookie: own.cookie,
        uid: nix::unistd::geteuid().as_raw(),
        timer: None,
        shutdown: None,
        unix: None,
    })
}

/// With an address, CLOSED is what sock_diag calls bound.
fn tcp_state(own: &OwnSocket) -> Option<TcpState> {
    Some(match queues::tcp_state(own.fd).ok()? {
        TcpState::Closed => TcpState::Bound,
        state => state,
    })
}
