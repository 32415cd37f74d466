//! What sock_diag says of UDP sockets.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use netkit::kernel::queues::identity;
use netkit::kernel::sock_diag::{Protocol, SockDiag, SocketState, UdpState};

fn bound() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

#[test]
fn a_socket_without_a_peer_is_unconnected() {
    let (socket, address) = bound();
    let mut diag = SockDiag::open().unwrap();
    let fact = diag.receiver(Protocol::Udp, address).unwrap().unwrap();
    let own = identity(socket.as_raw_fd()).unwrap();
    assert_eq!((fact.inode, fact.cookie), (Some(own.inode), own.cookie));
    assert_eq!((fact.local.clone(), fact.remote.clone()), (address.into(), None));
    assert_eq!(fact.state, SocketState::Udp(UdpState::Unconnected));
    assert_eq!(fact.accept_queue(), None);
    let all = diag.dump(Protocol::Udp).unwrap();
    assert!(all.contains(&fact), "{all:?}");
}

#[test]
fn a_socket_with_a_peer_is_connected_and_found_by_its_four_tuple() {
    let (near, local) = bound();
    let (far, remote) = bound();
    near.connect(remote).unwrap();
    let mut diag = SockDiag::open().unwrap();
    let fact = diag.exact(Protocol::Udp, local, remote).unwrap().unwrap();
    assert_eq!(fact.cookie, identity(near.as_raw_fd()).unwrap().cookie);
    assert_eq!((fact.local.clone(), fact.remote.clone()), (local.into(), Some(remote.into())));
    assert_eq!(fact.state, SocketState::Udp(UdpState::Connected));

    // The other way round there is only a socket that talks to anyone.
    assert_eq!(diag.exact(Protocol::Udp, remote, local).unwrap(), None);
    assert_eq!(diag.receiver(Protocol::Udp, local).unwrap(), None);
    drop(far);
}

#[test]
fn a_waiting_datagram_takes_memory_in_the_queue() {
    let (socket, address) = bound();
    socket.send_to(b"12345", address).unwrap();
    let mut diag = SockDiag::open().unwrap();
    let fact = diag.receiver(Protocol::Udp, address).unwrap().unwrap();
    assert!(fact.receive_queue > 5, "{fact:?}");
}
