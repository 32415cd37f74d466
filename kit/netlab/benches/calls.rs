//! How long a line takes, from its text to all that came of it, and what the looks at the
//! kernel cost that it is made of. `cargo bench -p netlab --bench calls`.

#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]

use divan::{Bencher, black_box};
use netkit::kernel::sock_diag::{Protocol, SockDiag};
use netkit::session::Session;
use std::net::{TcpListener, TcpStream};

mod support;

/// The netlab that is measured is its own worker, and here this program is.
fn main() -> std::process::ExitCode {
    if netkit::worker::is_worker() {
        return netkit::worker::serve();
    }
    divan::main();
    std::process::ExitCode::SUCCESS
}

/// A session with a connection between `c` and `s`.
fn connected() -> Session {
    let mut session = support::session();
    for line in [
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "s = accept srv",
    ] {
        let outcome = session.run(line);
        assert!(outcome.ok(), "{line}: {:?}", outcome.failure);
    }
    session
}

/// A call that changes nothing, with the look before it and the looks after it.
#[divan::bench]
fn getsockname_with_all_that_is_looked_at(bencher: Bencher<'_, '_>) {
    let mut session = connected();
    bencher.bench_local(|| black_box(session.run("getsockname c")));
}

/// Two calls: what one sends the other takes out again.
#[divan::bench]
fn send_then_recv_with_all_that_is_looked_at(bencher: Bencher<'_, '_>) {
    let mut session = connected();
    bencher.bench_local(|| (black_box(session.run("send c hello")), black_box(session.run("recv s 5"))));
}

/// One connection among 20,000 sockets, by its four-tuple.
#[divan::bench]
fn one_socket_among_20_000(bencher: Bencher<'_, '_>) {
    let crowd = support::Crowd::of(20_000);
    let mut diag = SockDiag::open().expect("sock_diag");
    let (local, remote) = crowd.someone();
    bencher.bench_local(|| {
        let found = diag.exact(Protocol::Tcp, local, remote).expect("sock_diag answers");
        assert!(found.is_some_and(|fact| fact.local == local));
    });
}

/// A connection made and accepted by the standard library, for comparison.
#[divan::bench]
fn bare_connect_and_accept(bencher: Bencher<'_, '_>) {
    let server = TcpListener::bind("127.0.0.1:0").expect("a server");
    let address = server.local_addr().expect("an address");
    bencher.bench_local(|| {
        (TcpStream::connect(address).expect("a client"), server.accept().expect("a connection"))
    });
}
