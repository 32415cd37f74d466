//! Lines that cannot be read, and lines that take too long.

use crate::{check, support, with_pair};

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
