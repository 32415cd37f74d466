//! Sockets that do not wait, waiting for several, and options whose effect is to be seen.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

mod support;

use serde_json::Value;

const PAIR: &str =
    "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n";

fn run(script: &str, options: &[&str]) -> String {
    let mut netlab = support::netlab();
    let output = netlab.args(["--keep-going", "--limit", "30"]).args(options).write_stdin(script).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// Runs a script, and looks for phrases in what its last line showed.
fn check(script: &str, phrases: &[&str]) {
    let text = run(script, &[]);
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

fn check_pair(script: &str, phrases: &[&str]) {
    check(&format!("{PAIR}{script}"), phrases);
}

#[test]
fn a_socket_is_made_non_blocking_and_blocking_again() {
    check(
        "c = socket tcp\nnonblock c on",
        &["fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0", "fails with EAGAIN"],
    );
    check("c = socket tcp\nnonblock c", &["fcntl(3, F_GETFL) = 2\n", "2 is O_RDWR: c is blocking"]);
    check("c = socket tcp nonblock\nnonblock c", &["= 2050", "O_RDWR|O_NONBLOCK: c is non-blocking"]);
    check(
        "c = socket tcp\nnonblock c on\nnonblock c off",
        &["fcntl(3, F_SETFL, O_RDWR) = 0", "calls on it wait"],
    );
    check("nonblock 77 on", &["fcntl(77, F_GETFL) = -1 EBADF"]);
    // What dup made shares the flags.
    check("c = socket tcp\nd = dup c\nnonblock c on\nnonblock d", &["d is non-blocking"]);
}

#[test]
fn why_a_call_did_not_wait_is_told() {
    check_pair("nonblock srv on\n! accept srv", &["EAGAIN", "srv is non-blocking", "`poll srv 5s`"]);
    check_pair("! recv conn 5 MSG_DONTWAIT", &["EAGAIN", "MSG_DONTWAIT says that this call must not wait"]);
    // The kernel rounds the time up to its clock's ticks: 100 ms are whole ones in every kernel.
    check_pair(
        "setsockopt conn SO_RCVTIMEO 100ms\n! recv conn 5",
        &["EAGAIN", "SO_RCVTIMEO lets a call on conn wait 100 ms and no longer"],
    );
    check_pair(
        "setsockopt c SO_SNDTIMEO 100ms\nnonblock conn on\n! recv conn 5",
        &["conn is non-blocking (O_NONBLOCK)"],
    );
}

#[test]
fn a_connect_that_does_not_wait_goes_on() {
    let listens = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nnonblock c on\n";
    let connect = format!("{listens}! connect c srv");
    check(&connect, &["EINPROGRESS", "`poll c:out 5s`", "`getsockopt c SO_ERROR`"]);
    check(&format!("{connect}\npoll c:out 5s"), &["= 1\n", "c: POLLOUT"]);
    check(&format!("{connect}\npoll c:out 5s\ngetsockopt c SO_ERROR"), &["SO_ERROR: 0: no error"]);
    // Nobody listens: the error waits until it is asked for.
    let refused = "srv = socket tcp\nbind srv 127.0.0.1:0\nc = socket tcp\nnonblock c on\n! connect c srv\npoll c:out 5s";
    check(refused, &["POLLERR", "an error waits"]);
    check(&format!("{refused}\ngetsockopt c SO_ERROR"), &["ECONNREFUSED"]);
    check(&format!("{refused}\ngetsockopt c SO_ERROR\ngetsockopt c SO_ERROR"), &["0: no error"]);
    // Between SYN and answer: the accept queue is full.
    let full = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 0\nd = socket tcp\nconnect d srv\nc = socket tcp\n\
                nonblock c on\n! connect c srv\npoll c:out 100ms";
    check(full, &["= 0\n", "the time is up"]);
}

#[test]
fn poll_tells_of_each_socket() {
    check_pair(
        "send c \"x\"\npoll srv:in conn:in|out 77 2s",
        &[
            "poll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN|POLLOUT}, {fd=77, events=POLLIN}], 3, 2000) = 2",
            "srv: not ready",
            "conn: POLLIN|POLLOUT: recv will not block",
            "77: POLLNVAL",
        ],
    );
    check_pair("d = socket tcp\nconnect d srv\npoll srv", &["a connection waits, and accept will not block"]);
    check_pair("shutdown c SHUT_WR\npoll conn:rdhup", &["POLLRDHUP: the other end has ended its side"]);
    check_pair("send c \"!\" MSG_OOB\npoll conn:pri", &["POLLPRI: an urgent byte is there"]);
    check("c = socket tcp\npoll c 0", &["POLLHUP: it is not connected"]);
    check_pair("poll conn 0", &["poll([{fd=5, events=POLLIN}], 1, 0) = 0", "none of them is ready"]);
}

#[test]
fn words_that_poll_does_not_know_are_pointed_at() {
    check_pair("poll conn:xyz", &["     ^^^^^^^^\n", "`xyz` is not an event", "`c:in|out`"]);
    check_pair("poll nobody 2s", &["     ^^^^^^\n", "no socket is called `nobody`"]);
    check_pair("poll", &["`poll` needs S[:EVENTS]... [LIMIT]"]);
}

#[test]
fn a_poll_that_blocks_is_proved_and_can_go_to_the_background() {
    let script = format!("{PAIR}poll srv conn &\njobs\nsend c \"x\"\nwait 1\n");
    let text = run(&script, &[]);
    for phrase in [
        "is blocked: its thread sleeps in the system call ",
        "none of them is ready: srv (POLLIN), conn (POLLIN)",
        "a connect to srv would end the wait",
        "[1] poll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN}], 2, -1) = 1",
        "conn: POLLIN: recv will not block",
    ] {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
    check_pair("poll conn &\ncancel 1", &["EINTR", "cancelled"]);
}

#[test]
fn programs_are_told_what_poll_found() {
    let text = run(&format!("{PAIR}send c \"x\"\npoll srv conn:in|out\n"), &["--json"]);
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let polled = &last["call"]["polled"];
    assert_eq!(
        (&polled[0]["socket"], &polled[0]["revents"]),
        (&Value::from("srv"), &Value::from("")),
        "{text}"
    );
    assert_eq!((&polled[1]["fd"], &polled[1]["revents"]), (&Value::from(5), &Value::from("POLLIN|POLLOUT")));
}

#[test]
fn flags_of_a_recv_are_told() {
    check_pair("send c \"hello\"\nrecv conn 3 MSG_PEEK", &["\"hel\"", "is still in the queue"]);
    check_pair("send c \"hello\"\nrecv conn 3 MSG_PEEK\nrecv conn 9", &["\"hello\""]);
    check_pair("send c \"hello\"\nrecv conn 3 MSG_TRUNC", &["thrown away unread"]);
    check_pair("send c \"hello\"\nrecv conn 3 MSG_TRUNC\nrecv conn 9", &["\"lo\""]);
    let datagram = "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nsendto v \"hello\" u\n";
    check(
        &format!("{datagram}recv u 2 MSG_TRUNC"),
        &["recv(3, \"he\", 2, MSG_TRUNC) = 5", "has 5 bytes, and only 2"],
    );
    // Each call knows its own flags.
    check_pair("send c \"x\" MSG_PEEK", &["FLAGS: one of", "MSG_MORE"]);
    check_pair("recv c 1 MSG_MORE", &["FLAGS: one of", "MSG_PEEK"]);
}

#[test]
fn an_urgent_byte_beside_the_stream_and_in_it() {
    check_pair("send c \"ab!\" MSG_OOB\nrecv conn 9", &["\"ab\""]);
    check_pair("send c \"ab!\" MSG_OOB\nrecv conn 9\nrecv conn 1 MSG_OOB", &["\"!\""]);
    let inline = "setsockopt conn SO_OOBINLINE 1\nsend c \"ab!\" MSG_OOB\n";
    check_pair(&format!("{inline}recv conn 9"), &["\"ab\""]);
    check_pair(&format!("{inline}recv conn 9\nrecv conn 9"), &["\"!\""]);
    check_pair(&format!("{inline}! recv conn 1 MSG_OOB"), &["EINVAL"]);
}

#[test]
fn options_have_effects() {
    let broadcast = "u = socket udp\n! sendto u \"x\" 127.255.255.255:9";
    check(broadcast, &["EACCES", "SO_BROADCAST"]);
    check(
        "u = socket udp\nsetsockopt u SO_BROADCAST 1\nsendto u \"x\" 127.255.255.255:9",
        &["127.255.255.255:9}, 16) = 1"],
    );
    check_pair(
        "setsockopt c SO_KEEPALIVE 1\nshow c",
        &["timer          asks whether the other end is still there"],
    );
    check(
        "u = socket udp\n! setsockopt u IP_DROP_MEMBERSHIP 239.1.2.3 127.0.0.1",
        &["EADDRNOTAVAIL", "it has not joined this group"],
    );
    // What is corked goes out as one datagram.
    let corked = "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\nsetsockopt v UDP_CORK 1\nsend v \"ab\"\n\
                  send v \"cd\"\n! recv u 9 MSG_DONTWAIT\nsetsockopt v UDP_CORK 0\nrecv u 9";
    check(corked, &["\"abcd\", 9, 0) = 4"]);
    assert!(run(corked, &[]).contains("recv u: EAGAIN"));
}

/// Two sockets at one port join a group on the loopback interface, and one leaves it. That
/// IP_MULTICAST_LOOP is without effect there is so in every kernel: what is sent to the
/// interface comes back from it, and the copy that the option is about is not made
/// (__mkroute_output in net/ipv4/route.c).
#[test]
fn a_group_is_joined_and_left() {
    insta::assert_snapshot!(run(
        "a = socket udp\nsetsockopt a SO_REUSEADDR 1\nbind a 239.1.2.3:0\n\
         setsockopt a IP_ADD_MEMBERSHIP 239.1.2.3 127.0.0.1\n\
         b = socket udp\nsetsockopt b SO_REUSEADDR 1\nbind b a\n\
         setsockopt b IP_ADD_MEMBERSHIP 239.1.2.3 127.0.0.1\n\
         u = socket udp\nsetsockopt u IP_MULTICAST_IF 127.0.0.1\ngetsockopt u IP_MULTICAST_TTL\n\
         setsockopt u IP_MULTICAST_TTL 2\nsendto u \"to all\" a\npoll a b 5s\nrecv a 20\nrecv b 20\n\
         setsockopt b IP_MULTICAST_ALL 0\nsetsockopt b IP_DROP_MEMBERSHIP 239.1.2.3 127.0.0.1\n\
         sendto u \"who is left\" a\nrecv a 20\npoll b 0\n\
         setsockopt u IP_MULTICAST_LOOP 0\nsendto u \"on loopback\" a\nrecv a 20\n",
        &[]
    ));
}
