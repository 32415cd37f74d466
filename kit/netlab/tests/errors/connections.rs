//! Calls on the wrong socket, and connections that are over.

use crate::{check, support, with_pair};

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
    check(&with_pair("recv c 1 MSG_OOB"), &["EINVAL", "no urgent byte", "without the flag"]);
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
fn sockets_and_options_that_are_not() {
    check("socket AF_INET SOCK_STREAM IPPROTO_UDP", &["EPROTONOSUPPORT", "leave the protocol out"]);
    check(
        "u = socket udp\nsetsockopt u TCP_MAXSEG 500",
        &["ENOPROTOOPT", "TCP_MAXSEG is for TCP sockets, and u is not one of them"],
    );
    check(
        "c = socket tcp\nsetsockopt c TCP_MAXSEG 1",
        &["EINVAL", "TCP_MAXSEG takes 88 to 32767, or 0, and 1 is out of that range"],
    );
    check("u = socket udp\naccept u", &["EOPNOTSUPP", "`recvfrom u 1000`"]);
    check(&with_pair("listen c"), &["EINVAL", "one end of a connection", "c is connected to"]);
    check(&with_pair("connect c srv"), &["EISCONN", "since line 5 (`connect c srv`)", "`connect d "]);
    check("c = socket tcp\nshutdown c", &["ENOTCONN", "it was never connected", "`close c`"]);
    check("c = socket tcp\nclose 3\nrecv 3 1", &["EBADF", "descriptor 3 was closed at line 2 (`close 3`)"]);
    check("recv 0 1", &["ENOTSOCK", "descriptor 0 leads to /dev/null"]);
}

#[test]
fn loops_that_fall_short() {
    check(
        &with_pair("send c \"hel\"\nclose c\nrecv-exact conn 5"),
        &["the stream ended too early", "3 of 5 bytes came: \"hel\""],
    );
    check(&with_pair("send c \"abcdef\"\nrecv-until conn \"\\n\" 4"), &["the limit was reached", "\"abcd\""]);
}
