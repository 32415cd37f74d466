//! A dump says the same as `ss`, where that is installed.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod kernel_support;

use std::collections::HashSet;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;

use kernel_support::until;
use netkit::address::Address;
use netkit::kernel::sock_diag::{Protocol, SockDiag, SocketFact, SocketState, UdpState};
use netkit::kernel::state::TcpState;

/// Local and remote end, state and queues.
type Row = (SocketAddr, Option<SocketAddr>, SocketState, u32, u32);

/// The rows of `ss`, or `None` where there is no such program.
fn ss(options: &str, protocol: Protocol) -> Option<HashSet<Row>> {
    let Ok(output) = Command::new("ss").arg(options).output() else {
        println!("skipped: needs ss");
        return None;
    };
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().filter_map(|line| row(line, protocol)).collect())
}

/// `ESTAB 0 0 127.0.0.1:2000 127.0.0.1:3000`; `None` for what is not on loopback.
fn row(line: &str, protocol: Protocol) -> Option<Row> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let state: TcpState = fields[0].parse().unwrap();
    let state = match (protocol, state) {
        (Protocol::Udp, TcpState::Established) => SocketState::Udp(UdpState::Connected),
        (Protocol::Udp, _) => SocketState::Udp(UdpState::Unconnected),
        (_, state) => SocketState::Tcp(state),
    };
    let queue = |field: usize| fields[field].parse().unwrap();
    // A listener of IPv4 and IPv6 at once.
    let local = fields[3].replace("*:", "[::]:").parse().ok()?;
    Some((local, fields[4].parse().ok(), state, queue(1), queue(2)))
}

fn own(fact: &SocketFact) -> Row {
    (
        fact.local.inet().unwrap(),
        fact.remote.as_ref().and_then(Address::inet),
        fact.state,
        fact.receive_queue,
        fact.send_queue,
    )
}

/// Compares the rows whose ends are all ours: others may come and go.
fn compare(options: &str, protocol: Protocol, places: &[SocketAddr]) {
    let ours = |row: &Row| places.contains(&row.0) && row.1.is_none_or(|remote| places.contains(&remote));
    let facts = SockDiag::open().unwrap().dump(protocol).unwrap();
    let facts: HashSet<Row> = facts.iter().map(own).filter(ours).collect();
    assert!(facts.len() >= places.len(), "{facts:?}");
    let Some(mut expected) = ss(options, protocol) else {
        return;
    };
    expected.retain(ours);
    assert_eq!(facts, expected);
}

#[test]
fn tcp_sockets_are_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect(address).unwrap();
    let accept = || listener.accept().unwrap().0;
    let established = (connect(), accept());
    let half_closed = (connect(), accept());
    half_closed.0.shutdown(Shutdown::Write).unwrap();
    let (closed, closed_too) = (connect(), accept());
    let not_accepted = connect();
    let mut places = vec![address];
    for client in [&established.0, &half_closed.0, &closed, &not_accepted] {
        places.push(client.local_addr().unwrap());
    }
    drop(closed);
    drop(closed_too);

    // All that closing sets in motion must be over: two tables are compared that
    // are not read at the same time.
    let mut diag = SockDiag::open().unwrap();
    let passing = |state| {
        let ends = [TcpState::FinWait1, TcpState::LastAck, TcpState::Closing];
        ends.contains(&state)
    };
    until("the end of closing", || {
        let all = diag.dump(Protocol::Tcp).unwrap();
        let moving = all.iter().any(|fact| {
            fact.local.inet().is_some_and(|local| places.contains(&local))
                && fact.state.tcp().is_some_and(passing)
        });
        (!moving).then_some(())
    });
    compare("-tanH", Protocol::Tcp, &places);
    drop((established, half_closed, not_accepted));
}

#[test]
fn sockets_of_ipv6_are_the_same() {
    let Ok(listener) = TcpListener::bind("[::]:0") else {
        println!("skipped: needs IPv6");
        return;
    };
    let address = listener.local_addr().unwrap();
    let over = |host: &str| {
        let client = TcpStream::connect((host, address.port())).unwrap();
        (client, listener.accept().unwrap().0)
    };
    let pairs = [over("127.0.0.1"), over("::1")];
    let mut places = vec![address];
    places.extend(pairs.iter().map(|(_, server)| server.local_addr().unwrap()));
    places.extend(pairs.iter().map(|(_, server)| server.peer_addr().unwrap()));
    let facts = SockDiag::open().unwrap().dump(Protocol::Tcp).unwrap();
    let here = |row: &Row| places.contains(&row.0);
    let facts: HashSet<Row> = facts.iter().map(own).filter(here).collect();
    // The listener, two ends at the server, and the client of IPv6; the other one is of IPv4.
    assert_eq!(facts.len(), 4, "{facts:?}");
    let Some(mut expected) = ss("-tan6H", Protocol::Tcp) else {
        return;
    };
    expected.retain(here);
    assert_eq!(facts, expected);
}

#[test]
fn udp_sockets_are_the_same() {
    let bound = || UdpSocket::bind("127.0.0.1:0").unwrap();
    let (free, tied) = (bound(), bound());
    tied.connect(free.local_addr().unwrap()).unwrap();
    tied.send(b"waiting").unwrap();
    let places = [&free, &tied].map(|socket| socket.local_addr().unwrap());
    compare("-uanH", Protocol::Udp, &places);
}
