//! Sockets of every family and type, through the program.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use netkit::kernel::sock_diag::SockDiag;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use support::{Talk, netlab};
use tempfile::TempDir;

/// What a script writes in a folder of its own, in which it may bind to relative paths.
fn transcript_in(folder: &TempDir, script: &str) -> String {
    let mut netlab = netlab();
    let assert = netlab.arg("--keep-going").current_dir(folder.path()).write_stdin(script).assert();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn transcript(script: &str) -> String {
    transcript_in(&tempfile::tempdir().unwrap(), script)
}

fn has_ipv6() -> bool {
    let found = TcpListener::bind("[::1]:0").is_ok();
    if !found {
        println!("skipped: needs IPv6");
    }
    found
}

/// Without it, states and queues in the UNIX domain are not to be seen.
fn has_unix_diag() -> bool {
    let _there_is_one = UnixDatagram::unbound().unwrap();
    let found = !SockDiag::open().unwrap().dump_unix().unwrap().is_empty();
    if !found {
        println!("skipped: needs the kernel's unix_diag");
    }
    found
}

/// What one line of a transcript gave.
fn after<'a>(text: &'a str, line: &str) -> &'a str {
    let rest = text.split_once(&format!("> {line}\n")).map(|(_, rest)| rest).unwrap_or_default();
    rest.split_once("\n>").map_or(rest, |(shown, _)| shown)
}

fn check(text: &str, line: &str, phrases: &[&str]) {
    let shown = after(text, line);
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in what `{line}` gave:\n{shown}\n\n{text}");
    }
}

#[test]
fn tcp_over_ipv6() {
    if has_ipv6() {
        insta::assert_snapshot!(transcript(
            "srv = socket tcp6\nbind srv [::1]:0\nlisten srv\nc = socket AF_INET6 SOCK_STREAM\nconnect c srv\nstate\n\
             conn = accept srv\ngetsockname conn\ngetpeername conn\nsend c \"hello\"\nrecv conn 10\nnetstat\nclose c\n\
             recv conn 10\nclose conn\n"
        ));
    }
}

#[test]
fn an_ipv4_client_of_an_ipv6_listener() {
    if has_ipv6() {
        insta::assert_snapshot!(transcript(
            "srv = socket tcp6\nbind srv :0\nlisten srv\nc = socket tcp\nconnect c srv\nstate\nconn = accept srv\nstate\n\
             send conn \"from IPv6\"\nrecv c 20\nclose conn\nclose c\n"
        ));
    }
}

#[test]
fn two_listeners_of_one_port_have_a_queue_each() {
    if !has_ipv6() {
        return;
    }
    // The IPv6 one takes a single address, so that both may have the port.
    let mut talk = Talk::start(&[]);
    for line in ["six = socket tcp6", "bind six [::1]:0", "listen six", "four = socket tcp"] {
        talk.ask(line);
    }
    let address = talk.ask("getsockname six")["call"]["address"].as_str().unwrap().to_owned();
    let port = address.rsplit(':').next().unwrap().to_owned();
    talk.ask(&format!("bind four :{port}"));
    for line in ["listen four", "a = socket tcp", "b = socket tcp6", "connect a four", "connect b six"] {
        talk.ask(line);
    }
    let sockets = talk.ask("state")["report"]["sockets"].as_array().unwrap().clone();
    let owners: Vec<&str> = sockets.iter().filter_map(|socket| socket["label"].as_str()).collect();
    for owner in ["in four's queue", "in six's queue"] {
        assert_eq!(owners.iter().filter(|label| **label == owner).count(), 1, "{owners:?}");
    }
}

#[test]
fn a_unix_stream() {
    if !has_unix_diag() {
        return;
    }
    insta::assert_snapshot!(transcript(
        "srv = socket unix\nbind srv unix:s.sock\nlisten srv 5\nc = socket AF_UNIX SOCK_STREAM\nconnect c srv\nstate\n\
         conn = accept srv\nstate\ngetsockname conn\ngetpeername conn\ngetpeername c\nsend c \"hello\"\nqueues\n\
         recv conn 10\nnetstat\nfds\nshutdown c WR\nrecv conn 10\nclose c\nsend conn \"x\"\nclose conn\n"
    ));
}

#[test]
fn unix_datagrams() {
    if !has_unix_diag() {
        return;
    }
    insta::assert_snapshot!(transcript(
        "a = socket unix-dgram\nbind a unix:a.sock\nb = socket unix-dgram\nbind b unix:\nsendto b \"one\" a\n\
         recvfrom a 10\nconnect b a\nstate\nsend b \"two\"\nrecvfrom a 10\nconnect b AF_UNSPEC\nclose a\nsendto b \"x\" unix:a.sock\n"
    ));
}

#[test]
fn a_unix_seqpacket_keeps_messages_apart() {
    if !has_unix_diag() {
        return;
    }
    let text = transcript(
        "socketpair a b unix-seqpacket\nsend a \"one\"\nsend a \"two\"\nqueues\nrecv b 100\nrecv b 100\nclose a\nrecv b 100\n",
    );
    check(&text, "socketpair a b unix-seqpacket", &["socketpair(AF_UNIX, SOCK_SEQPACKET, 0, [3, 4]) = 0"]);
    assert!(text.contains("recv(4, \"one\", 100, 0) = 3"), "{text}");
    assert!(text.contains("recv(4, \"two\", 100, 0) = 3"), "{text}");
    assert!(text.contains("the end of the stream"), "{text}");
}

#[test]
fn one_socket_with_two_descriptors() {
    if !has_unix_diag() {
        return;
    }
    insta::assert_snapshot!(transcript(
        "socketpair a b\na2 = dup a\nstate\nshow a2\nnetstat\nclose a\nsend a2 \"still here\"\nrecv b 20\nclose a2\nrecv b 20\n"
    ));
}

#[test]
fn a_dup_keeps_a_tcp_connection() {
    let text = transcript(
        "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n\
         d = dup c\nclose c\nsend d \"x\"\nshutdown d WR\nclose d\nstate\n",
    );
    check(&text, "d = dup c", &["4,6  c,d  ESTABLISHED", "2 descriptors, one socket"]);
    check(&text, "close c", &["6  d  ESTABLISHED", "one descriptor is left"]);
    assert!(!after(&text, "close c").contains("FIN"), "{text}");
    check(&text, "shutdown d WR", &["ESTABLISHED -> FIN-WAIT-2"]);
}

#[test]
fn a_connected_udp_socket() {
    insta::assert_snapshot!(transcript(
        "a = socket udp\nbind a 127.0.0.1:0\nb = socket udp\nconnect b a\ngetpeername b\nsend b \"one\"\nrecvfrom a 10\n\
         connect a b\nstate\nconnect b AF_UNSPEC\ngetpeername b\nsend b \"two\"\n"
    ));
}

#[test]
fn udp_over_ipv6() {
    if has_ipv6() {
        let text = transcript(
            "a = socket udp6\nbind a [::1]:0\nb = socket udp6\nsendto b \"one\" a\nrecvfrom a 10\n",
        );
        check(&text, "sendto b \"one\" a", &["{AF_INET6, [::1]:<a>}, 28) = 3"]);
        check(&text, "recvfrom a 10", &["\"one\"", "{AF_INET6, [::1]:<b>}, [28]) = 3"]);
    }
}

#[test]
fn a_file_that_a_closed_socket_left() {
    if !has_unix_diag() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "s = socket unix\nbind s unix:s.sock\nt = socket unix\nconnect t unix:s.sock\nbind t unix:./s.sock\n\
         close s\nbind t unix:s.sock\nconnect t unix:s.sock\nunlink s.sock\nconnect t unix:s.sock\nbind t unix:s.sock\n\
         unlink notes\nu = socket unix\nbind u unix:no/s\nbind u unix:notes\n";
    std::fs::write(folder.path().join("notes"), "work of many hours").unwrap();
    let text = transcript_in(&folder, script);
    check(
        &text,
        "connect t unix:s.sock",
        &["ECONNREFUSED", "s is bound to unix:s.sock, but does not listen", "`listen s`"],
    );
    check(
        &text,
        "bind t unix:./s.sock",
        &["EADDRINUSE", "unix:s.sock is held by this session's s (unconnected)"],
    );
    let (_, closed) = text.split_once("> close s\n").unwrap();
    check(
        closed,
        "bind t unix:s.sock",
        &["EADDRINUSE", "left by one that is closed", "`unlink s.sock`, then bind again"],
    );
    check(closed, "connect t unix:s.sock", &["ECONNREFUSED", "the socket that was bound to it is closed"]);
    check(closed, "unlink s.sock", &["unlink(\"s.sock\") = 0"]);
    let (_, unlinked) = text.split_once("> unlink s.sock\n").unwrap();
    check(unlinked, "connect t unix:s.sock", &["ENOENT", "there is no file s.sock"]);
    check(unlinked, "bind t unix:s.sock", &["= 0\n"]);
    check(unlinked, "unlink notes", &["is not the file of a socket"]);
    check(unlinked, "bind u unix:no/s", &["ENOENT", "the folder no does not exist"]);
    check(unlinked, "bind u unix:notes", &["EADDRINUSE", "is there already, and it is no socket"]);
    assert!(folder.path().join("notes").exists());
}

#[test]
fn addresses_of_another_family() {
    if !has_unix_diag() {
        return;
    }
    let text = transcript(
        "c = socket tcp\nconnect c [::1]:9\nu = socket unix\nconnect u 127.0.0.1:9\nd = socket unix-dgram\nbind d unix:d\nconnect u d\n",
    );
    check(
        &text,
        "connect c [::1]:9",
        &["EAFNOSUPPORT", "c is a socket of AF_INET, and [::1]:9 is an address of AF_INET6"],
    );
    check(&text, "connect u 127.0.0.1:9", &["EINVAL", "u is a socket of AF_UNIX"]);
    check(
        &text,
        "connect u d",
        &["EPROTOTYPE", "unix:d is a UNIX datagram socket, and u is a UNIX stream socket"],
    );
    if has_ipv6() {
        let text = transcript("c = socket tcp6\nconnect c 127.0.0.1:9\nbind c [fe80::1]:0\n");
        check(&text, "connect c 127.0.0.1:9", &["write the address for AF_INET6: [::ffff:127.0.0.1]:9"]);
        check(&text, "bind c [fe80::1]:0", &["EINVAL", "is a link-local address"]);
    }
}

#[test]
fn every_kind_of_socket_is_made() {
    for (words, call) in [
        ("tcp", "socket(AF_INET, SOCK_STREAM, 0) = 3"),
        ("udp", "socket(AF_INET, SOCK_DGRAM, 0) = 3"),
        ("AF_INET SOCK_STREAM IPPROTO_TCP", "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"),
        ("PF_LOCAL stream", "socket(AF_UNIX, SOCK_STREAM, 0) = 3"),
        ("unix-seqpacket", "socket(AF_UNIX, SOCK_SEQPACKET, 0) = 3"),
        ("tcp SOCK_NONBLOCK", "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0) = 3"),
        ("udp SOCK_NONBLOCK|SOCK_CLOEXEC 0", "socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = 3"),
        ("AF_INET SOCK_DGRAM|cloexec", "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 3"),
        ("AF_INET SOCK_STREAM IPPROTO_UDP", "EPROTONOSUPPORT"),
        ("AF_INET SOCK_SEQPACKET", "ESOCKTNOSUPPORT"),
        ("AF_INET", "needs a type behind it"),
        ("AF_INET SOCK_NONBLOCK", "are no types"),
        ("tcp SOCK_DGRAM", "says the type already"),
    ] {
        let line = format!("socket {words}");
        check(&transcript(&format!("{line}\n")), &line, &[call]);
    }
}

#[test]
fn a_non_blocking_socket_does_not_wait() {
    let text = transcript(
        "srv = socket tcp SOCK_NONBLOCK\nbind srv 127.0.0.1:0\nlisten srv\naccept srv\nsocketpair a b unix SOCK_NONBLOCK\nrecv a 1\n",
    );
    check(&text, "accept srv", &["EAGAIN"]);
    check(&text, "recv a 1", &["EAGAIN"]);
}

#[test]
fn names_are_looked_up() {
    let mut talk = Talk::start(&[]);
    talk.ask("srv = socket tcp");
    talk.ask("bind srv 127.0.0.1:0");
    talk.ask("listen srv");
    let address = talk.ask("getsockname srv")["call"]["address"].as_str().unwrap().to_owned();
    let port = address.rsplit(':').next().unwrap();
    talk.ask("c = socket tcp");
    let answer = talk.ask(&format!("connect c localhost:{port}"));
    let notes = answer["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{answer:#}");
    assert!(notes[0].as_str().unwrap().starts_with("getaddrinfo: localhost is 127."), "{answer:#}");
    let answers = talk.ask("resolve 127.0.0.1 80")["report"]["answers"].clone();
    assert_eq!(answers[0]["family"], "AF_INET");
    assert_eq!(answers[0]["type"], "SOCK_STREAM");
    assert_eq!(answers[0]["address"], "127.0.0.1:80");

    let text = transcript("resolve localhost no-such-service\n");
    check(&text, "resolve localhost no-such-service", &["EAI_", "no line of /etc/services"]);
    // ".invalid" never resolves (RFC 6761, section 6.4), with a name server or without one.
    let text = transcript("resolve no-such-host.invalid\n");
    check(&text, "resolve no-such-host.invalid", &["EAI_", "name server"]);
}

#[test]
fn datagrams_go_to_multicast_addresses() {
    let text = transcript("m = socket udp\nsendto m \"x\" 224.0.0.251:9\n");
    // Without a route there is no interface to send by.
    if text.contains("ENETUNREACH") {
        println!("skipped: needs a network with multicast");
        return;
    }
    check(&text, "sendto m \"x\" 224.0.0.251:9", &["{AF_INET, 224.0.0.251:9}, 16) = 1"]);
}

#[test]
fn a_unix_connect_waits_for_room_in_the_queue() {
    if !has_unix_diag() {
        return;
    }
    let mut netlab = netlab();
    let folder = tempfile::tempdir().unwrap();
    let script = "srv = socket unix\nbind srv unix:s\nlisten srv 0\na = socket unix\nconnect a srv\nb = socket unix\n\
                  connect b srv &\nx = accept srv\nwait 1\ny = accept srv\nstate\n";
    let assert = netlab.current_dir(folder.path()).write_stdin(script).assert().success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    check(&text, "connect b srv &", &["is blocked", "the accept queue of unix:s is full"]);
    check(
        &text,
        "state",
        &["a (4)    connected  <->  connected  x", "b (5)    connected  <->  connected  y"],
    );
}
