//! Errors that the kernel really returned, and whether their explanation is the right one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

mod support;

use std::net::{TcpListener, UdpSocket};

/// Runs a script whose last line fails, and looks for phrases in what that line showed.
fn check(script: &str, phrases: &[&str]) {
    let mut netlab = support::netlab();
    let output = netlab.args(["--limit", "30"]).write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    assert_eq!(output.status.code(), Some(1), "{text}");
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

const PAIR: &str =
    "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n";

fn with_pair(script: &str) -> String {
    format!("{PAIR}{script}")
}

#[test]
fn an_address_in_use_names_its_holder() {
    check(
        "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nother = socket tcp\nbind other srv",
        &["EADDRINUSE (Address already in use)", "is held by this session's srv (LISTEN)"],
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let this = format!("is held by process {} (", std::process::id());
    check(&format!("c = socket tcp\nbind c {address}"), &["EADDRINUSE", &this, "(LISTEN)"]);
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap();
    check(&format!("c = socket udp\nbind c {address}"), &["EADDRINUSE", &this, "(unconnected)"]);
}

#[test]
fn time_wait_is_in_the_way() {
    // The server's end closed first, and srv is gone: only TIME-WAIT holds the address. The
    // name of the end that is left still stands for that address.
    let script = "close conn\nclose c\nagain = socket tcp\nbind again srv";
    check(&with_pair(script), &["what is left of conn (TIME-WAIT)", "setsockopt S SO_REUSEADDR 1"]);
}

#[test]
fn refused_says_what_is_missing() {
    check(
        "c = socket tcp\nsrv = socket tcp\nbind srv 127.0.0.1:0\nconnect c srv",
        &["ECONNREFUSED (Connection refused)", "srv is bound to it, but does not listen", "`listen srv`"],
    );
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(&format!("c = socket tcp\nconnect c {free}"), &["nothing listens at", "answered the SYN with RST"]);
}

#[test]
fn udp_hears_of_it_late() {
    let script =
        "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\nclose u\nsend v \"x\"\nrecv v 9";
    check(script, &["ECONNREFUSED", "ICMP: port unreachable"]);
}

#[test]
fn descriptors_that_lead_nowhere() {
    check("c = socket tcp\nrecv 77 10", &["EBADF (Bad file descriptor)", "open sockets are 3 (c)"]);
    check("recv 0 10", &["ENOTSOCK", "`fds` says what each one is"]);
    check("c = socket tcp\nclose c\nsend c \"x\"", &["`c` was closed", "`c = socket tcp`"]);
    check("send c \"x\"", &["no socket is called `c`", "`c = socket tcp` makes a new one"]);
}

#[test]
fn calls_on_the_wrong_socket() {
    check(&with_pair("recv srv 10"), &["ENOTCONN", "srv listens", "`conn = accept srv`"]);
    check(&with_pair("connect c srv"), &["EISCONN", "connects once in its life"]);
    check(&with_pair("accept c"), &["EINVAL", "c is in ESTABLISHED: it does not listen"]);
    check("c = socket tcp\nsend c \"x\"", &["EPIPE"]);
    check("c = socket tcp\nrecv c 10", &["ENOTCONN", "connect first"]);
    check("c = socket tcp\naccept c", &["EINVAL", "c is in CLOSED", "then `listen c`"]);
    check("u = socket udp\nlisten u", &["EOPNOTSUPP", "UDP has no connections"]);
    check("u = socket udp\nsend u \"x\"", &["EDESTADDRREQ", "use sendto"]);
    check(
        "c = socket tcp\nbind c 127.0.0.1:0\nbind c 127.0.0.1:0",
        &["EINVAL", "is bound to 127.0.0.1:<c> already"],
    );
    check("c = socket tcp\nbind c 192.0.2.1:0", &["EADDRNOTAVAIL", "no network interface"]);
    check("c = socket tcp\ngetpeername c", &["ENOTCONN", "no other end"]);
}

#[test]
fn connections_that_are_over() {
    check(&with_pair("shutdown c WR\nsend c \"x\""), &["EPIPE (Broken pipe)", "SIGPIPE"]);
    check(&with_pair("setsockopt c SO_LINGER 0\nclose c\nrecv conn 10"), &["ECONNRESET", "RST"]);
}

#[test]
fn calls_that_may_not_wait_or_do_not_fit() {
    check(&with_pair("recv c 10 MSG_DONTWAIT"), &["EAGAIN", "nothing has come yet"]);
    let long = "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nsendto v \"\\(random:64K)\" u";
    check(long, &["EMSGSIZE", "65,507"]);
}

#[test]
fn loops_that_fall_short() {
    check(
        &with_pair("send c \"hel\"\nclose c\nrecv-exact conn 5"),
        &["the stream ended too early", "3 of 5 bytes came: \"hel\""],
    );
    check(&with_pair("send c \"abcdef\"\nrecv-until conn \"\\n\" 4"), &["the limit was reached", "\"abcd\""]);
}

/// Runs a script whose last line blocks until the limit, and looks for phrases.
fn check_blocked(script: &str, phrases: &[&str]) {
    let mut netlab = support::netlab();
    let output = netlab.args(["--limit", "1"]).write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for phrase in ["EINTR", "had not returned after 1s"].iter().chain(phrases) {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_line_that_takes_too_long_says_what_it_waited_for() {
    check_blocked(&with_pair("recv c 10"), &["the receive queue of c is empty", "(conn, ESTABLISHED)"]);
    // A backlog of 0 holds one connection; the SYN of the next one is dropped.
    check_blocked(
        "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 0\nc = socket tcp\nconnect c srv\nd = socket tcp\nconnect d srv",
        &["d is in SYN-SENT: its SYN has not been answered"],
    );
}

#[test]
fn lines_that_cannot_be_read_point_at_the_place() {
    check("conect c", &["^^^^^^", "perhaps `connect` was meant"]);
    check("c = socket tcp\nbind c 127.0.0.1", &["       ^^^^^^^^^", "it needs a port"]);
    check("c = socket tcp\nbind c 127.0.0.1:99999", &["`99999` is not a port"]);
    check("c = socket tcp\nsend c \"abc", &["no closing quote"]);
    check("socket AF_INET", &["needs a type behind it"]);
    check("help &", &["only those can go to the background"]);
    check("wait 1", &["there is no job 1"]);
}
