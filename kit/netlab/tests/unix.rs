//! How sockets of the UNIX domain are shown, and ports that TCP and UDP have in common.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use netkit::kernel::sock_diag::SockDiag;
use std::os::unix::net::UnixDatagram;
use support::netlab;

/// What a script writes in a folder of its own.
fn transcript(script: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut netlab = netlab();
    let assert = netlab.arg("--keep-going").current_dir(folder.path()).write_stdin(script).assert();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
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

#[test]
fn a_page_of_each_kind() {
    if has_unix_diag() {
        insta::assert_snapshot!(transcript(
            "srv = socket unix\nbind srv unix:s.sock\nlisten srv 5\nshow srv\nc = socket unix\nconnect c srv\n\
             conn = accept srv\nsend c \"hello\"\nshutdown c WR\nshow c\nshow conn\nd = socket unix-dgram\nbind d unix:@netlab-page\n\
             e = socket unix-dgram\nsendto e \"one\" d\nsendto e \"three\" d\nshow d\nshow e\nsocketpair a b\nshow a\n"
        ));
    }
}

#[test]
fn the_line_in_proc_is_told_field_by_field() {
    if has_unix_diag() {
        insta::assert_snapshot!(transcript(
            "srv = socket unix\nbind srv \"unix:a name.sock\"\nlisten srv 5\nshow srv raw\n\
             socketpair a b unix-seqpacket\nshow a raw\nd = socket unix-dgram\nbind d unix:\nshow d raw\ne = socket unix-dgram\n\
             connect e d\nshow d raw\nshow e raw\n"
        ));
    }
}

/// The kernel may choose the same number for a TCP socket and a UDP one: here it must.
#[test]
fn a_port_that_tcp_and_udp_both_have_is_shown_by_each_ones_name() {
    let script = |port: u16| {
        format!(
            "t = socket tcp\nsetsockopt t IP_LOCAL_PORT_RANGE {port}-{port}\nbind t 127.0.0.1:0\n\
             u = socket udp\nsetsockopt u IP_LOCAL_PORT_RANGE {port}-{port}\nbind u 127.0.0.1:0\n\
             listen t\nc = socket tcp\nconnect c t\nv = socket udp\nsendto v \"x\" u\nrecvfrom u 10\nnetstat\nshow u\ngetsockname u\n"
        )
    };
    // A port that both have free; another program may be faster, then it is another one's turn.
    let free = || {
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        std::net::UdpSocket::bind(("127.0.0.1", port)).ok().map(|_| port)
    };
    let port = std::iter::repeat_with(free).flatten().next().unwrap();
    let text = transcript(&script(port));
    if text.contains("ENOPROTOOPT") {
        println!("skipped: needs IP_LOCAL_PORT_RANGE (Linux 6.3)");
        return;
    }
    for expected in [
        "connect(5, {AF_INET, 127.0.0.1:<t>}, 16) = 0",
        "sendto(6, \"x\", 1, 0, {AF_INET, 127.0.0.1:<u>}, 16) = 1",
        "getsockname(4, {AF_INET, 127.0.0.1:<u>}, [16]) = 0",
        "own address    127.0.0.1:<u>",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    let netstat = |name: &str| text.lines().find(|line| line.contains(name) && line.contains("0.0.0.0:*"));
    assert!(netstat("127.0.0.1:<u>").is_some_and(|line| line.trim_start().starts_with("udp")), "{text}");
    assert!(netstat("127.0.0.1:<t>").is_some_and(|line| line.trim_start().starts_with("tcp")), "{text}");
}
