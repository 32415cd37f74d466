//! Queues and identity of own descriptors; limits; how facts travel.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod kernel_support;

use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;

use kernel_support::until;
use netkit::kernel::limits::{ephemeral_ports, somaxconn};
use netkit::kernel::queues::{identity, unacknowledged, unread, unsent};
use netkit::kernel::sock_diag::{Protocol, SockDiag, SocketFact};

fn connection() -> (TcpListener, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    (listener, client, server)
}

#[test]
fn bytes_that_arrived_are_unread() {
    let (_listener, mut client, server) = connection();
    client.write_all(b"hello").unwrap();
    until("five bytes", || (unread(server.as_raw_fd()).unwrap() == 5).then_some(()));
    until("their acknowledgement", || (unacknowledged(client.as_raw_fd()).unwrap() == 0).then_some(()));
    assert_eq!(unsent(client.as_raw_fd()).unwrap(), 0);
}

#[test]
fn what_the_reader_has_no_room_for_stays_unsent() {
    let (_listener, mut client, server) = connection();
    client.set_nonblocking(true).unwrap();
    let block = [0; 65536];
    let mut sent = 0;
    let unsent = until("a full queue", || match client.write(&block) {
        Ok(count) => {
            sent += count as u64;
            None
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            // Full for now; done once nothing moves on to the reader.
            let arrived = unread(server.as_raw_fd()).unwrap();
            let queued = unacknowledged(client.as_raw_fd()).unwrap();
            let unsent = unsent(client.as_raw_fd()).unwrap();
            let settled = u64::from(arrived) + u64::from(queued) == sent;
            (settled && unsent > 0).then_some((unsent, queued))
        }
    });
    assert!(unsent.0 <= unsent.1, "{unsent:?}");
}

#[test]
fn the_next_datagram_counts_and_no_other() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    socket.send_to(b"123", address).unwrap();
    socket.send_to(b"4567", address).unwrap();
    assert_eq!(unread(socket.as_raw_fd()).unwrap(), 3);
    assert_eq!(unacknowledged(socket.as_raw_fd()).unwrap(), 0);
    // There is no such question for UDP.
    let error = unsent(socket.as_raw_fd()).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ENOTTY));
}

#[test]
fn the_systems_own_error_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let file = std::fs::File::open("/dev/null").unwrap();
    for (result, errno) in [
        (unread(listener.as_raw_fd()), libc::EINVAL),
        (unacknowledged(listener.as_raw_fd()), libc::EINVAL),
        (unsent(listener.as_raw_fd()), libc::EINVAL),
        (unread(file.as_raw_fd()), libc::ENOTTY),
        (unread(-1), libc::EBADF),
        (identity(-1).map(|_| 0), libc::EBADF),
        (identity(file.as_raw_fd()).map(|_| 0), libc::ENOTSOCK),
    ] {
        assert_eq!(result.unwrap_err().raw_os_error(), Some(errno));
    }
}

#[test]
fn two_descriptors_of_a_socket_have_one_identity() {
    let (_listener, client, server) = connection();
    let copy = client.try_clone().unwrap();
    let own = identity(client.as_raw_fd()).unwrap();
    assert_eq!(identity(copy.as_raw_fd()).unwrap(), own);
    assert_ne!(identity(server.as_raw_fd()).unwrap(), own);
}

#[test]
fn limits_are_read() {
    assert!(somaxconn().unwrap() > 0);
    let ports = ephemeral_ports().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    assert!(ports.contains(&port), "{port} is not in {ports:?}");
}

#[test]
fn a_fact_survives_the_way_to_another_process() {
    let (_listener, client, _server) = connection();
    let (local, remote) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut diag = SockDiag::open().unwrap();
    let fact = diag.exact(Protocol::Tcp, local, remote).unwrap().unwrap();
    let bytes = postcard::to_stdvec(&fact).unwrap();
    assert_eq!(postcard::from_bytes::<SocketFact>(&bytes).unwrap(), fact);
}
