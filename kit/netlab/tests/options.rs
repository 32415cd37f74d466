//! Options of sockets: typed, set, read back, and what the kernel made of them.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod support;

use serde_json::Value;

/// Runs a script line by line, and looks for phrases in what it shows.
fn check(script: &str, phrases: &[&str]) {
    let output = support::netlab().arg("--keep-going").write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for phrase in phrases {
        assert!(text.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

/// A number of the kernel's settings.
fn setting(name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/sys/net/core/{name}")).unwrap();
    text.trim().parse().unwrap()
}

#[test]
fn what_the_kernel_makes_of_a_value_is_told() {
    check(
        "c = socket tcp\nsetsockopt c SO_RCVBUF 4096",
        &["SO_RCVBUF, [4096], 4) = 0", "asked 4096 bytes, the kernel made 8192 bytes of it: it doubles it"],
    );
    let limit = setting("rmem_max");
    check(
        &format!("c = socket tcp\nsetsockopt c SO_RCVBUF {}", limit + 1),
        &[&format!("the kernel made {} bytes of it: net.core.rmem_max allows {limit}", limit * 2)],
    );
    check("c = socket tcp\nsetsockopt c SO_RCVBUF 1", &["that is the least that it allows"]);
    check("c = socket tcp\nsetsockopt c TCP_DEFER_ACCEPT 5s", &["the kernel made 7 s of it"]);
    // What comes back as it was set is not told.
    let quiet = "c = socket tcp\nsetsockopt c SO_REUSEADDR 1\nsetsockopt c SO_RCVTIMEO 2s\nsetsockopt c TCP_CONGESTION reno";
    assert!(!support::transcript(quiet).contains("the kernel made"));
}

#[test]
fn values_are_read_with_their_unit() {
    let script = "c = socket tcp\nsetsockopt c SO_RCVTIMEO 2s\ngetsockopt c SO_RCVTIMEO\nsetsockopt c SO_LINGER 0\n\
                  getsockopt c SO_LINGER\nsetsockopt c TCP_USER_TIMEOUT 5s\ngetsockopt c TCP_USER_TIMEOUT\ngetsockopt c SO_TYPE";
    check(
        script,
        &[
            "setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {2, 0}, 16) = 0",
            "getsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {2, 0}, [16]) = 0\n    SO_RCVTIMEO: 2 s",
            "SO_LINGER: on, 0 s",
            "IPPROTO_TCP, TCP_USER_TIMEOUT, [5000], [4]) = 0\n    TCP_USER_TIMEOUT: 5000 ms",
            "SO_TYPE, [SOCK_STREAM], [4]) = 0",
        ],
    );
}

#[test]
fn wrong_values_and_options_are_pointed_at() {
    for (line, phrases) in [
        ("setsockopt c SO_KEEPALIVE 7", ["   ^\n", "SO_KEEPALIVE is on or off"]),
        ("setsockopt c SO_KEEPALIVE", ["needs a value", "`setsockopt S SO_KEEPALIVE 1`"]),
        ("setsockopt c SO_KEEPALIV 1", ["^^^^^^^^^^^", "perhaps `SO_KEEPALIVE` was meant"]),
        ("setsockopt c SO_TYPE 1", ["can be read, and not set", "`getsockopt S SO_TYPE`"]),
        ("getsockopt c IP_ADD_MEMBERSHIP", ["can be set, and not read", "`explain IP_ADD_MEMBERSHIP`"]),
        ("setsockopt c UDP_CORK 1", ["ENOPROTOOPT", "UDP_CORK is for UDP sockets, and c is not one of them"]),
        ("getsockopt c IP_MTU", ["ENOTCONN", "connect first"]),
        ("setsockopt c TCP_CONGESTION xyzzy", ["ENOENT", "tcp_available_congestion_control"]),
    ] {
        check(&format!("c = socket tcp\n{line}"), &phrases);
    }
}

#[test]
fn all_options_of_a_socket_are_listed_and_those_that_were_set_are_marked() {
    let script = "c = socket tcp\nsetsockopt c TCP_NODELAY 1\nsetsockopt c SO_RCVBUF 4096\ngetsockopt c\nd = socket tcp\ngetsockopt d\nfds";
    let output = support::netlab().arg("--json").write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let differing = |line: usize| -> Vec<&str> {
        let options = objects[line]["report"]["options"].as_array().unwrap();
        assert!(options.len() > 60, "only {} options", options.len());
        let set = options.iter().filter(|option| option["differs"] == true);
        set.map(|option| option["option"].as_str().unwrap()).collect()
    };
    assert_eq!(differing(3), ["SO_RCVBUF", "TCP_NODELAY"]);
    assert_eq!(differing(5), [""; 0]);
    // The socket that they were compared with has taken no descriptor.
    assert_eq!(objects[4]["call"]["returned"], 4);
}

#[test]
fn tcp_info_is_a_table_of_the_essentials() {
    let script = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 5\nc = socket tcp\nconnect c srv\nsend c \"hello\"\n\
                  getsockopt c TCP_INFO\ngetsockopt srv TCP_INFO";
    check(
        script,
        &[
            "TCP_INFO: ESTABLISHED",
            // The SYN counts as one.
            "bytes acknowledged  6",
            "connections that wait for accept  1",
            "most that may wait                5",
        ],
    );
}
