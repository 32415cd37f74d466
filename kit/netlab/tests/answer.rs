//! A server that answers by rule, as the sockets and programs see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

mod support;

/// Runs a script, and looks for phrases in what its last line showed.
fn check(script: &str, phrases: &[&str]) {
    let mut netlab = support::netlab();
    let output = netlab.args(["--keep-going", "--limit", "5"]).write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

const START: &str = "answer s \"2:1\" \"0:7\"\nanswer s \"3:7\" \"0:hello\"\nc = socket udp\n";

#[test]
fn a_request_with_a_rule_is_answered() {
    let asks = format!("{START}sendto c \"2:1\" s\n");
    check(&format!("{asks}recvfrom c 100"), &["\"0:7\"", "127.0.0.1:<s>"]);
    check(&format!("{asks}recvfrom c 100\nsendto c \"3:7\" s\nrecvfrom c 100"), &["\"0:hello\""]);
    // However often it comes.
    check(&format!("{asks}recvfrom c 100\nsendto c \"2:1\" s\nrecvfrom c 100"), &["\"0:7\""]);
    // The answer has arrived when the line is told.
    check(&asks, &["next datagram 0 -> 3 bytes"]);
    // Not almost the same.
    check(&format!("{START}sendto c \"2:1\\n\" s\nasked s\n! recvfrom c 100 MSG_DONTWAIT"), &["EAGAIN"]);
}

#[test]
fn several_answers_come_in_their_order_and_from_whom_the_rule_says() {
    let rules = "answer other\nanswer s \"a\" \"first\" other\nanswer s \"a\" \"second\"\nc = socket udp\n\
                 sendto c \"a\" s\n";
    check(&format!("{rules}recvfrom c 100"), &["\"first\"", "127.0.0.1:<other>"]);
    check(&format!("{rules}recvfrom c 100\nrecvfrom c 100"), &["\"second\"", "127.0.0.1:<s>"]);
}

#[test]
fn what_it_was_asked_is_told() {
    let all = "sendto c \"2:1\" s\nsendto c \"2:1\" s\nsendto c \"3:7\" s\n";
    check(&format!("{START}{all}asked s"), &["  \"2:1\"\n  \"3:7\"\n"]);
    check(
        &format!("{START}sendto c \"2:1\" s\n! asked s"),
        &["  \"2:1\"\n  error: s was not asked \"3:7\", and no program runs that could ask"],
    );
    let other = "sendto c \"2:1\" s\nsendto c \"3:8\" s\n! asked s";
    check(
        &format!("{START}{other}"),
        &["  \"2:1\"\n  error: s was asked \"3:8\", which it has no answer to"],
    );
    let running = "sendto c \"2:1\" s\np = start sleep 60\n! asked s";
    check(&format!("{START}{running}"), &["s was not asked \"3:7\": the time is up"]);
    // A program is waited for.
    let program = "p = start python3 -c \"import socket,sys;a=sys.argv[1].split(':');\
                   socket.socket(2,2).sendto(b'x',(a[0],int(a[1])))\" \"\\(s)\"\n";
    if std::process::Command::new("python3").arg("--version").output().is_ok() {
        check(&format!("answer s \"x\" \"y\"\n{program}asked s"), &["\"x\""]);
    }
}

#[test]
fn a_relay_leads_to_it() {
    let relay = "link = relay s\nrelay link drop 1 from s\nsendto c \"2:1\" link\nsendto c \"3:7\" link\n";
    check(&format!("{START}{relay}recvfrom c 100"), &["\"0:hello\"", "127.0.0.1:<link>"]);
    let held =
        "link = relay s\nrelay link hold 1 until 2 from s\nsendto c \"2:1\" link\nsendto c \"3:7\" link\n";
    check(&format!("{START}{held}relay link"), &["datagram 1 from s held back, and delivered before 2"]);
    check(&format!("{START}{held}recvfrom c 100"), &["\"0:7\""]);
}

#[test]
fn mistakes_are_told() {
    for (line, phrases) in [
        ("! asked nobody", &["no server that answers by rule is called `nobody`", "`answer nobody"][..]),
        ("! answer s \"x\"", &["behind the request stands the reply"]),
        ("! answer s \"x\" \"y\" nobody", &["is called `nobody`"]),
        ("stop s", &["s ended"]),
        ("stop s\n! sendto c \"2:1\" s", &["s"]),
    ] {
        check(&format!("{START}{line}"), phrases);
    }
}
