//! How many requests a second the solutions' servers answer: those of labs 02 and 11 beside the same
//! server in Python with a thread a connection, that of lab 09 beside a bare loop of recvfrom and
//! sendto. All in turn, again and again, with the same clients, and the medians compared.
//! `cargo bench -p grader --bench requests`.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

mod support;

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use support::{Running, build, median, serve};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);

/// So many clients ask at a time, each for itself.
const CLIENTS: u8 = 8;

/// So many datagrams of a client are on their way at most.
const WINDOW: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--test") => {}
        Some("bare-loop") => bare_loop(),
        _ => {
            over_tcp(
                "02 echo",
                &ours("echo", "echo-server"),
                "grader/benches/python/echo_server_threads.py",
                b"hello",
            );
            let board = "grader/specimens/11-mboard-tcp/python/mboard_tcp_server.py";
            over_tcp("11 mboard-tcp", &ours("mboard-tcp", "mboard-tcp-server"), board, b"4:1");
            over_udp();
        }
    }
}

fn ours(package: &str, program: &str) -> PathBuf {
    build(package).join(program)
}

/// Compares two servers that answer one request a connection.
fn over_tcp(title: &str, ours: &Path, python: &str, request: &[u8]) {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: needs python3");
        return;
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(python);
    let (_server, address) = serve(Command::new(ours).arg("127.0.0.1:0"));
    let (_python, their_address) = serve(Command::new("python3").arg(python).arg("127.0.0.1:0"));
    for address in [address, their_address] {
        // A board has something on it.
        connection(1, address, b"1:hello, world");
    }
    let rate = |address| {
        together(|client, until| {
            let mut count = 0;
            while Instant::now() < until {
                connection(client, address, request);
                count += 1;
            }
            count
        })
    };
    let (ours, theirs) = in_turn(|| rate(address), || rate(their_address));
    println!("{title}: requests a second, a connection each, {CLIENTS} clients, medians of {ROUNDS}");
    println!("  solution             {ours:8.0}");
    println!("  Python with threads  {theirs:8.0}");
    println!("  ratio                {:8.2}   to be at least 5", ours / theirs);
}

/// A request and its reply, both up to their ends.
fn connection(client: u8, server: SocketAddr, request: &[u8]) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    // Each client has an address of its own, and with it all ports: this side ends first, so they stay
    // in TIME-WAIT for a while. The port is chosen by connect, which knows the server.
    setsockopt(&socket, IpBindAddressNoPort, &true).expect("an option");
    let own = SocketAddrV4::new(Ipv4Addr::new(127, 0, 1, client), 0);
    socket.bind(&SocketAddr::from(own).into()).expect("an address");
    socket.connect(&server.into()).expect("a connection");
    let mut stream = TcpStream::from(socket);
    stream.write_all(request).expect("a request");
    stream.shutdown(Shutdown::Write).expect("its end");
    let mut reply = [0; 200];
    let mut length = 0;
    loop {
        match stream.read(&mut reply).expect("a reply") {
            0 => break,
            n => length += n,
        }
    }
    assert!(length > 0, "a reply");
}

fn over_udp() {
    let (_server, address) = serve(Command::new(ours("mboard-udp", "mboard-udp-server")).arg("127.0.0.1:0"));
    let own = std::env::current_exe().expect("this program");
    let (_bare, bare_address): (Running, _) = serve(Command::new(own).arg("bare-loop"));
    let client = connected(address);
    client.send(b"1:hello, world").expect("a request");
    client.recv(&mut [0; 100]).expect("a reply");
    let rate = |address| together(|client, until| if client == 1 { datagrams(address, until) } else { 0 });
    let (ours, bare) = in_turn(|| rate(address), || rate(bare_address));
    println!("09 mboard-udp: datagrams a second, one client, {WINDOW} on their way, medians of {ROUNDS}");
    println!("  solution             {ours:8.0}   to be at least 50000,");
    println!("  bare loop            {bare:8.0}");
    println!("  ratio                {:8.2}   or this at least 0.80", ours / bare);
}

fn connected(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.connect(server).expect("a connected socket");
    // Nothing gets lost here; should it, the bench ends and does not wait for ever.
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    socket
}

/// Asks for a message again and again; how many replies came.
fn datagrams(server: SocketAddr, until: Instant) -> u64 {
    let socket = connected(server);
    let mut reply = [0; 200];
    for _ in 0..WINDOW {
        socket.send(b"3:1").expect("a request");
    }
    let mut count = 0;
    while Instant::now() < until {
        socket.recv(&mut reply).expect("a reply");
        socket.send(b"3:1").expect("a request");
        count += 1;
    }
    for _ in 0..WINDOW {
        socket.recv(&mut reply).expect("a reply");
    }
    count
}

/// A server that does nothing but the two calls.
fn bare_loop() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    println!("listening on {}", socket.local_addr().expect("its address"));
    let mut buffer = [0; 65_536];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).expect("a request");
        // As long as a message of the board.
        let reply = &buffer[..length.max(50)];
        socket.send_to(reply, client).expect("a reply");
    }
}

/// All clients for a round; replies a second.
fn together(client: impl Fn(u8, Instant) -> u64 + Sync) -> f64 {
    let start = Instant::now();
    let until = start + ROUND;
    let client = &client;
    let count: u64 = thread::scope(|scope| {
        let running: Vec<_> =
            (1..=CLIENTS).map(|number| scope.spawn(move || client(number, until))).collect();
        running.into_iter().map(|client| client.join().expect("a client")).sum()
    });
    count as f64 / start.elapsed().as_secs_f64()
}

/// Measures one and the other in turn; the medians.
fn in_turn(one: impl Fn() -> f64, other: impl Fn() -> f64) -> (f64, f64) {
    let pairs: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (one(), other())).collect();
    let (ones, others) = pairs.into_iter().unzip();
    (median(ones), median(others))
}
