//! What sock_diag says of TCP sockets that these tests put into known states.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod kernel_support;

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use kernel_support::until;
use netkit::kernel::queues::identity;
use netkit::kernel::sock_diag::{
    AcceptQueue, Family, Protocol, ShutdownHalves, SockDiag, SocketFact, SocketState, TimerKind,
};
use netkit::kernel::state::TcpState;
use socket2::{Domain, SockRef, Socket, Type};

const OPEN: ShutdownHalves = ShutdownHalves { read: false, write: false };

fn diag() -> SockDiag {
    SockDiag::open().unwrap()
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Both ends of a connection: the one that connected, and the accepted one.
fn connection() -> (TcpStream, TcpStream) {
    let (listener, address) = listener();
    let client = TcpStream::connect(address).unwrap();
    let (server, _) = listener.accept().unwrap();
    (client, server)
}

fn end(stream: &TcpStream) -> (SocketAddr, SocketAddr) {
    (stream.local_addr().unwrap(), stream.peer_addr().unwrap())
}

fn exact(local: SocketAddr, remote: SocketAddr) -> Option<SocketFact> {
    diag().exact(Protocol::Tcp, local, remote).unwrap()
}

fn fact(stream: &TcpStream) -> SocketFact {
    let (local, remote) = end(stream);
    exact(local, remote).unwrap()
}

fn tcp(state: TcpState) -> SocketState {
    SocketState::Tcp(state)
}

/// Asks until the fact is as wanted. The other end's segments arrive within the
/// call that sends them on loopback, but on a loaded machine not always.
fn await_fact(stream: &TcpStream, wanted: impl Fn(&SocketFact) -> bool) -> SocketFact {
    until("a socket as wanted", || Some(fact(stream)).filter(&wanted))
}

/// Asks until the socket's end is in the state.
fn await_state(local: SocketAddr, remote: SocketAddr, state: TcpState) -> SocketFact {
    until(state.name(), || exact(local, remote).filter(|fact| fact.state == tcp(state)))
}

#[test]
fn a_listener_shows_its_accept_queue_and_limit() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(5).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();

    let mut clients = Vec::new();
    for waiting in 0..=6 {
        let fact = until("one more in the queue", || {
            let fact = diag().receiver(Protocol::Tcp, address).unwrap().unwrap();
            (fact.receive_queue == waiting).then_some(fact)
        });
        assert_eq!(fact.state, tcp(TcpState::Listen));
        assert_eq!((&fact.local, &fact.remote), (&address.into(), &None));
        let queue = fact.accept_queue().unwrap();
        assert_eq!(queue, AcceptQueue { waiting, limit: 5 });
        assert_eq!(queue.is_full(), waiting == 6);
        if waiting < 6 {
            clients.push(TcpStream::connect(address).unwrap());
        }
    }
    let own = identity(socket.as_raw_fd()).unwrap();
    let fact = diag().receiver(Protocol::Tcp, address).unwrap().unwrap();
    assert_eq!(fact.inode, Some(own.inode));
    assert_eq!(fact.cookie, own.cookie);
}

#[test]
fn both_ends_are_found_by_their_four_tuple() {
    let (client, server) = connection();
    let (near, far) = (fact(&client), fact(&server));
    for (fact, stream) in [(&near, &client), (&far, &server)] {
        let own = identity(stream.as_raw_fd()).unwrap();
        assert_eq!((fact.inode, fact.cookie), (Some(own.inode), own.cookie));
        assert_eq!((fact.local.inet().unwrap(), fact.remote.as_ref().unwrap().inet().unwrap()), end(stream));
        assert_eq!(fact.state, tcp(TcpState::Established));
        assert_eq!(fact.shutdown, Some(OPEN));
        assert_eq!(fact.accept_queue(), None);
    }
    assert!(near.is_other_end_of(&far) && far.is_other_end_of(&near));
    assert!(!near.is_other_end_of(&near));

    let all = diag().dump(Protocol::Tcp).unwrap();
    for one in [near, far] {
        assert!(all.iter().any(|fact| fact.cookie == one.cookie), "{one:?}");
    }
}

#[test]
fn an_end_that_is_not_accepted_holds_data_but_has_no_inode() {
    let (listener, address) = listener();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"early").unwrap();
    let own = client.local_addr().unwrap();
    let server = until("five bytes", || exact(address, own).filter(|fact| fact.receive_queue == 5));
    assert_eq!(server.state, tcp(TcpState::Established));
    assert_eq!(server.inode, None);

    let (accepted, _) = listener.accept().unwrap();
    let own = identity(accepted.as_raw_fd()).unwrap();
    assert_eq!(fact(&accepted).inode, Some(own.inode));
    assert_eq!(fact(&accepted).cookie, server.cookie);
}

#[test]
fn a_half_close_is_seen_at_both_ends() {
    let (client, _server) = connection();
    client.shutdown(Shutdown::Write).unwrap();
    let (local, remote) = end(&client);
    let near = await_state(local, remote, TcpState::FinWait2);
    assert_eq!(near.shutdown, Some(ShutdownHalves { write: true, ..OPEN }));
    let far = await_state(remote, local, TcpState::CloseWait);
    assert_eq!(far.shutdown, Some(ShutdownHalves { read: true, ..OPEN }));
}

#[test]
fn the_active_closer_is_in_time_wait_with_time_left() {
    let (client, server) = connection();
    let (local, remote) = end(&client);
    drop(client);
    drop(server);
    let fact = await_state(local, remote, TcpState::TimeWait);
    let timer = fact.timer.unwrap();
    assert_eq!(timer.kind, TimerKind::TimeWait);
    // TCP_TIMEWAIT_LEN of include/net/tcp.h is one minute.
    assert!((1..=60_000).contains(&timer.expires_ms), "{timer:?}");
    assert_eq!((fact.inode, fact.shutdown), (None, None));
    assert_eq!(exact(remote, local), None, "the other end is gone");
}

#[test]
fn an_orphan_in_fin_wait_2_is_told_from_time_wait() {
    let (client, server) = connection();
    let (local, remote) = end(&client);
    drop(client);
    let fact = await_state(local, remote, TcpState::FinWait2);
    assert_eq!(fact.inode, None);
    drop(server);
}

#[test]
fn a_socket_that_is_only_bound_is_seen() {
    for (domain, family, any) in
        [(Domain::IPV4, Family::V4, "127.0.0.1:0"), (Domain::IPV6, Family::V6, "[::1]:0")]
    {
        let socket = Socket::new(domain, Type::STREAM, None).unwrap();
        let any: SocketAddr = any.parse().unwrap();
        if let Err(error) = socket.bind(&any.into()) {
            println!("skipped: needs {family}: {error}");
            continue;
        }
        let own = identity(socket.as_raw_fd()).unwrap();
        let all = diag().dump_family(Protocol::Tcp, family).unwrap();
        let fact = all.iter().find(|fact| fact.cookie == own.cookie).unwrap();
        assert_eq!(fact.state, tcp(TcpState::Bound));
        assert_eq!(fact.state.name(), "CLOSED");
        assert_eq!(fact.remote, None);
        assert_eq!(fact.inode, Some(own.inode));
        assert_eq!(fact.local, socket.local_addr().unwrap().as_socket().unwrap());
        assert_eq!(diag().receiver(Protocol::Tcp, fact.local.inet().unwrap()).unwrap(), None);
    }
}

#[test]
fn a_four_tuple_that_is_gone_is_not_taken_for_its_listener() {
    let (_listener, address) = listener();
    let client = TcpStream::connect(address).unwrap();
    let own = client.local_addr().unwrap();
    SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(client); // with a reset: no TIME-WAIT
    until("a connection gone", || exact(address, own).is_none().then_some(()));
    assert_eq!(exact(own, address), None);
    assert!(diag().receiver(Protocol::Tcp, address).unwrap().is_some());
}

#[test]
fn queues_fill_on_both_sides() {
    let (mut client, _server) = connection();
    client.write_all(&[7; 1000]).unwrap();
    await_fact(&_server, |fact| fact.receive_queue == 1000);
    await_fact(&client, |fact| fact.send_queue == 0);
}

#[test]
fn an_ipv4_client_of_an_ipv6_listener_is_found_by_plain_addresses() {
    let Ok(listener) = TcpListener::bind("[::]:0") else {
        println!("skipped: needs IPv6");
        return;
    };
    let bound = listener.local_addr().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], bound.port()));
    let ready = diag().receiver(Protocol::Tcp, address).unwrap().unwrap();
    assert_eq!(ready.local, bound);

    let client = TcpStream::connect(address).unwrap();
    let (server, _) = listener.accept().unwrap();
    let (near, far) = (fact(&client), fact(&server));
    assert_eq!(Family::of(near.local.inet().unwrap()), Family::V4);
    assert_eq!(Family::of(far.local.inet().unwrap()), Family::V6);
    assert!(far.is_other_end_of(&near));
    assert_eq!(exact(address, client.local_addr().unwrap()), Some(far));
}

#[test]
fn addresses_of_two_families_are_refused() {
    let error =
        diag().exact(Protocol::Tcp, "127.0.0.1:1".parse().unwrap(), "[::1]:1".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn the_descriptor_can_be_moved_away_and_given_on() {
    let moved = SockDiag::open_at_or_above(300).unwrap();
    for diag in [&diag(), &moved] {
        let flags = nix::fcntl::fcntl(diag, nix::fcntl::FcntlArg::F_GETFD).unwrap();
        assert_eq!(flags, libc::FD_CLOEXEC);
    }
    let socket = OwnedFd::from(moved);
    assert!(socket.as_raw_fd() >= 300);
    let (_listener, address) = listener();
    let mut diag = SockDiag::over(socket).unwrap();
    assert!(diag.receiver(Protocol::Tcp, address).unwrap().is_some());
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(SockDiag::over(other.into()).is_err());
}

#[test]
fn one_conversation_answers_many_questions() {
    let mut diag = diag();
    let (_listener, address) = listener();
    for _ in 0..100 {
        let all = diag.dump(Protocol::Tcp).unwrap();
        assert!(all.iter().any(|fact| fact.local == address));
        assert!(diag.receiver(Protocol::Tcp, address).unwrap().is_some());
    }
}

#[test]
fn a_full_accept_queue_leaves_a_client_in_syn_sent() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap();
    let _first = TcpStream::connect(address.as_socket().unwrap()).unwrap();
    until("a full queue", || {
        let found = diag().receiver(Protocol::Tcp, address.as_socket().unwrap());
        let queue = found.unwrap().unwrap().accept_queue().unwrap();
        queue.is_full().then_some(())
    });

    let second = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    second.set_nonblocking(true).unwrap();
    second.connect(&address).unwrap_err();
    let own = second.local_addr().unwrap().as_socket().unwrap();
    let fact = exact(own, address.as_socket().unwrap()).unwrap();
    assert_eq!(fact.state, tcp(TcpState::SynSent));
    assert_eq!(fact.send_queue, 1, "the SYN counts as a byte");
    assert_eq!(fact.timer.unwrap().kind, TimerKind::Retransmit);
    assert_eq!(exact(address.as_socket().unwrap(), own), None);
}

#[test]
fn a_handshake_that_lacks_its_end_is_in_syn_received_without_an_inode() {
    let (listener, address) = listener();
    // The kernel then drops the bare ACK and waits for data (tcp(7)).
    let seconds: libc::c_int = 30;
    // SAFETY: the value is as long as the length says.
    let result = unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const seconds).cast(),
            size_of_val(&seconds) as libc::socklen_t,
        )
    };
    assert_eq!(result, 0);
    let client = TcpStream::connect(address).unwrap();
    let fact = exact(address, client.local_addr().unwrap()).unwrap();
    assert_eq!(fact.state, tcp(TcpState::SynReceived));
    assert_eq!((fact.inode, fact.shutdown), (None, None));
}

#[test]
fn keepalive_runs_a_timer_and_silence_none() {
    let (client, server) = connection();
    SockRef::from(&client).set_keepalive(true).unwrap();
    let near = await_fact(&client, |fact| fact.timer.is_some());
    assert_eq!(near.timer.unwrap().kind, TimerKind::Keepalive);
    assert_eq!(fact(&server).timer, None);
}

#[test]
fn a_dump_has_both_families() {
    let (_listener, v4) = listener();
    let Ok(other) = TcpListener::bind("[::1]:0") else {
        println!("skipped: needs IPv6");
        return;
    };
    let v6 = other.local_addr().unwrap();
    let all = diag().dump(Protocol::Tcp).unwrap();
    for address in [v4, v6] {
        let count = all.iter().filter(|fact| fact.local == address).count();
        assert_eq!(count, 1, "{address}");
    }
}

#[test]
fn one_dump_of_both_families_says_what_two_say() {
    let (four, _) = listener();
    let six = TcpListener::bind("[::1]:0").unwrap();
    let (client, server) = connection();
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    bound.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    let fds = [four.as_raw_fd(), six.as_raw_fd(), client.as_raw_fd(), server.as_raw_fd(), bound.as_raw_fd()];
    let cookies = fds.map(|fd| identity(fd).unwrap().cookie);
    let ours = |mut facts: Vec<SocketFact>| {
        facts.retain(|fact| cookies.contains(&fact.cookie));
        facts.sort_by_key(|fact| fact.cookie);
        facts
    };
    let mut diag = diag();
    let both = ours(diag.dump(Protocol::Tcp).unwrap());
    let mut apart = diag.dump_family(Protocol::Tcp, Family::V4).unwrap();
    apart.extend(diag.dump_family(Protocol::Tcp, Family::V6).unwrap());
    assert_eq!(both, ours(apart));
    assert_eq!(both.len(), fds.len());
}
