//! Errors that the kernel really returned, and whether their explanation is the right one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

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
    // The server's end ended first, and srv is gone: only TIME-WAIT holds the address.
    let rest = "shutdown conn WR\nshutdown c WR\nwait conn TIME-WAIT\nclose srv\nagain = socket tcp\n";
    let script = with_pair(&format!("{rest}bind again conn"));
    check(&script, &["is held by this session's conn (TIME-WAIT)", "On Linux both must have it"]);
    let late = with_pair(&format!("{rest}setsockopt again SO_REUSEADDR 1\nbind again conn"));
    check(&late, &["SO_REUSEADDR is set on again, but that is not enough"]);
    let early = "other = socket tcp\nsetsockopt other SO_REUSEADDR 1\n";
    check(&format!("{early}{script}"), &["`setsockopt again SO_REUSEADDR 1`, then bind again"]);
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
    check("c = socket tcp\nrecv 77 10", &["EBADF (Bad file descriptor)", "the only open socket is 3 (c)"]);
    check("recv 0 10", &["ENOTSOCK", "`fds` says what each one is"]);
    check(
        "c = socket tcp\nclose c\nsend c \"x\"",
        &["`c` was closed at line 2 (`close c`)", "`c = socket tcp`"],
    );
    check("send c \"x\"", &["no socket is called `c`", "`c = socket tcp` makes a new one"]);
}

#[test]
fn calls_on_the_wrong_socket() {
    check(&with_pair("recv srv 10"), &["ENOTCONN", "srv listens", "`conn = accept srv`"]);
    check(&with_pair("connect c srv"), &["EISCONN", "connects once in its life"]);
    check(
        &with_pair("accept c"),
        &["EINVAL", "c is one end of a connection (ESTABLISHED)", "`conn = accept srv`"],
    );
    check("c = socket tcp\nsend c \"x\"", &["EPIPE"]);
    check("c = socket tcp\nrecv c 10", &["ENOTCONN", "connect first"]);
    check("c = socket tcp\naccept c", &["EINVAL", "c is in CLOSED", "then `listen c`"]);
    check("u = socket udp\nlisten u", &["EOPNOTSUPP", "UDP has no connections"]);
    check("u = socket udp\nsend u \"x\"", &["EDESTADDRREQ", "`sendto u "]);
    check(
        "c = socket tcp\nbind c 127.0.0.1:0\nbind c 127.0.0.1:0",
        &["EINVAL", "is bound to 127.0.0.1:<c> already"],
    );
    check("c = socket tcp\nbind c 192.0.2.1:0", &["EADDRNOTAVAIL", "no network interface"]);
    check("c = socket tcp\ngetpeername c", &["ENOTCONN", "no other end"]);
}

#[test]
fn connections_that_are_over() {
    let signal = "SIGPIPE";
    check(
        &with_pair("shutdown c WR\nsend c \"x\""),
        &["EPIPE (Broken pipe)", "c has ended sending itself, at line 7 (`shutdown c WR`)", signal],
    );
    check(
        &with_pair("setsockopt c SO_LINGER 0\nclose c\nrecv conn 10"),
        &[
            "ECONNRESET",
            "RST",
            "the other end (c) was closed at line 8 (`close c`)",
            "SO_LINGER 0 was set on it at line 7",
            "`close conn`",
        ],
    );
    check(
        &with_pair("send c \"abc\"\nclose conn\nrecv c 10"),
        &["ECONNRESET", "at line 8 (`close conn`)", "3 bytes were unread in it", "(inferred)"],
    );
    check(
        &with_pair("send c \"abc\"\nclose conn\nrecv c 10 &\nwait 1\nsend c \"x\""),
        &["EPIPE", "the connection of c was broken off", "at line 8 (`close conn`)", signal],
    );
    check(
        &with_pair("close conn\nsend c \"abc\"\nsend c \"x\""),
        &["EPIPE", "bytes were sent to it at line 8", "(inferred)"],
    );
    check(
        "c = socket tcp\nsend c \"x\"",
        &["EPIPE", "c was never connected", "`connect c 127.0.0.1:7777`", signal],
    );
    check(&with_pair("send srv \"x\""), &["EPIPE", "srv listens", "`conn = accept srv`"]);
}

#[test]
fn calls_that_may_not_wait_or_do_not_fit() {
    check(&with_pair("recv c 10 MSG_DONTWAIT"), &["EAGAIN", "nothing has come yet", "its other end is conn"]);
    check(&with_pair("recv c 1 MSG_OOB"), &["EINVAL", "no urgent byte", "`recv c 100`"]);
    let long = "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nsendto v \"\\(random:64K)\" u";
    check(long, &["EMSGSIZE", "65,507", "this one was to have 64K bytes"]);
    check("u = socket udp\nsendto u \"x\" 127.0.0.1:9 MSG_OOB", &["EOPNOTSUPP", "MSG_OOB is TCP's alone"]);
}

#[test]
fn a_send_queue_that_is_full() {
    // How much it holds depends on the kernel: one of these finds it full.
    let script = with_pair(&"send c \"\\(random:16M)\" MSG_DONTWAIT\n".repeat(8));
    let mut netlab = support::netlab();
    let output = netlab.arg("--keep-going").write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for phrase in
        ["EAGAIN", "the send queue is full", "its other end (conn) has unread bytes", "`recv conn 1M`"]
    {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

#[test]
fn destinations_that_cannot_be() {
    check("c = socket tcp\nconnect c 127.0.0.1:0", &["ECONNREFUSED", "port 0 is nobody's"]);
    check("u = socket udp\nsendto u \"x\" 127.0.0.1:0", &["EINVAL", "port 0 is nobody's"]);
    check(
        "u = socket udp\nsendto u \"x\" 255.255.255.255:9",
        &["EACCES", "means every machine", "`setsockopt u SO_BROADCAST 1`"],
    );
    check("c = socket tcp\nconnect c 224.0.0.1:9", &["ENETUNREACH", "lo (127.0.0.1)", "multicast"]);
    check(
        "u = socket udp\nbind u 127.0.0.1:0\nsendto u \"x\" 192.0.2.1:9",
        &["EINVAL", "from which only this machine can be reached"],
    );
    check(
        "c = socket tcp\nconnect c [::1]:9",
        &["EAFNOSUPPORT", "c is a socket of AF_INET, and [::1]:9 is an address of AF_INET6"],
    );
    check("c = socket tcp\nbind c unix:/nosuch/x", &["is an address of AF_UNIX"]);
    check("c = socket tcp\nbind c 192.0.2.1:0", &["EADDRNOTAVAIL", "`ip address` lists the addresses"]);
    // At a terminal they are listed.
    let home = tempfile::tempdir().unwrap();
    let mut terminal = support::terminal::Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.awaits_prompt("");
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters("bind c 192.0.2.1:0", "127.0.0.1 (lo)");
}

#[test]
fn sockets_and_options_that_are_not() {
    check("socket AF_INET SOCK_STREAM IPPROTO_UDP", &["EPROTONOSUPPORT", "leave the protocol out"]);
    check(
        "u = socket udp\nsetsockopt u TCP_MAXSEG 500",
        &["ENOPROTOOPT", "TCP_MAXSEG is for TCP sockets, and u is not one of them"],
    );
    check("c = socket tcp\nsetsockopt c TCP_MAXSEG 1", &["EINVAL", "out of the option's range"]);
    check("u = socket udp\naccept u", &["EOPNOTSUPP", "`recvfrom u 1000`"]);
    check(&with_pair("listen c"), &["EINVAL", "one end of a connection", "c is connected to"]);
    check(&with_pair("connect c srv"), &["EISCONN", "since line 5 (`connect c srv`)", "`connect d "]);
    check("c = socket tcp\nshutdown c", &["ENOTCONN", "it was never connected", "`close c`"]);
    check("c = socket tcp\nclose 3\nrecv 3 1", &["EBADF", "descriptor 3 was closed at line 2 (`close 3`)"]);
    check("recv 0 1", &["ENOTSOCK", "descriptor 0 leads to /dev/null"]);
}

#[test]
fn two_that_would_listen() {
    let reuse = |name: &str| format!("{name} = socket tcp\nsetsockopt {name} SO_REUSEADDR 1\n");
    let script = format!("{}bind a 127.0.0.1:0\n{}bind b a\nlisten a\nlisten b", reuse("a"), reuse("b"));
    check(&script, &["EADDRINUSE", "is held by this session's a (LISTEN)", "only one listen"]);
    check(
        &format!("{}bind a 127.0.0.1:0\nlisten a\n{}bind b a", reuse("a"), reuse("b")),
        &["SO_REUSEADDR would not help", "`close a`"],
    );
}

#[test]
fn a_port_that_is_kept_for_the_system() {
    let first = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    if first.trim().parse::<u16>().unwrap() <= 80 {
        println!("skipped: needs a system that keeps port 80 for the administrator");
        return;
    }
    let program = assert_cmd::cargo::cargo_bin("netlab");
    // The administrator may bind it: then the program is run without that right.
    let mut command = if nix::unistd::geteuid().is_root() {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]);
        command.arg(program);
        command
    } else {
        std::process::Command::new(program)
    };
    let script = std::env::temp_dir().join(format!("netlab-port-80-{}", std::process::id()));
    std::fs::write(&script, "c = socket tcp\nbind c 127.0.0.1:80\n").unwrap();
    let output = command.arg(&script).output();
    std::fs::remove_file(&script).unwrap();
    let Ok(output) = output else {
        println!("skipped: needs setpriv, or an ordinary user");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    for phrase in ["EACCES (Permission denied)", "port 80 is below", "`bind c 127.0.0.1:7777`"] {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

#[test]
fn the_last_failure_is_told_again_at_length() {
    let mut netlab = support::netlab();
    let script = "c = socket tcp\nconnect c 127.0.0.1:0\nexplain\nexplain baklog\nexplain \"accept queue\"\n";
    let output = netlab.arg("--keep-going").write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for phrase in [
        "line 2, `connect c 127.0.0.1:0`: ",
        "ECONNREFUSED is error number 111",
        "From connect on a UNIX socket",
        "calls that can return it: connect, send",
        "perhaps `explain backlog` was meant",
        "backlog: How many connections",
        "see also: listen, accept",
    ] {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
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
        &[
            "d is in SYN-SENT: its SYN has not been answered; the accept queue of srv is full",
            "`accept srv` would make room",
        ],
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

#[test]
fn a_listener_of_ipv6_only_is_told_to_a_client_of_ipv4() {
    if netkit::lesson::chapters::missing("ipv6").is_some() {
        println!("skipped: needs IPv6");
        return;
    }
    check(
        "srv = socket tcp6\nsetsockopt srv IPV6_V6ONLY 1\nbind srv [::]:0\nlisten srv\nc = socket tcp\nconnect c srv",
        &["ECONNREFUSED", "a socket of IPv6", "`getsockopt srv IPV6_V6ONLY` tells"],
    );
}
