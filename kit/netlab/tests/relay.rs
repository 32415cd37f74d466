//! A relay between a client and a server: what it does to datagrams, as the sockets see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

mod support;

/// A server's socket, a client's, and a relay between them; four datagrams are on their way.
const START: &str = "server = socket udp\nbind server 127.0.0.1:0\nlink = relay server\nc = socket udp\n";

fn run(script: &str) -> String {
    let mut netlab = support::netlab();
    let output = netlab.args(["--keep-going", "--limit", "20"]).write_stdin(script).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// Runs a script, and looks for phrases in what its last line showed.
fn check(script: &str, phrases: &[&str]) {
    let text = run(&format!("{START}{script}"));
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

/// What the server receives when a client has sent one, two, three, four under these rules.
fn arrives(rules: &str, expected: &[&str]) {
    let sends: String =
        ["one", "two", "three", "four"].iter().map(|text| format!("sendto c \"{text}\" link\n")).collect();
    let receives = "recvfrom server 100 MSG_DONTWAIT\n".repeat(expected.len() + 1);
    let text = run(&format!("{START}{rules}\n{sends}{receives}"));
    let came: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("recvfrom(3, \""))
        .filter_map(|line| line.split('"').next())
        .collect();
    assert_eq!(came, expected, "{rules}\n{text}");
    assert!(text.contains("EAGAIN"), "nothing more comes:\n{text}");
}

#[test]
fn rules_decide_what_arrives() {
    arrives("", &["one", "two", "three", "four"]);
    arrives("relay link drop 2 to server", &["one", "three", "four"]);
    arrives("relay link drop 1 3 to server", &["two", "four"]);
    arrives("relay link duplicate 2 to server", &["one", "two", "two", "three", "four"]);
    arrives("relay link swap 1 2 to server", &["two", "one", "three", "four"]);
    arrives("relay link hold 1 to server", &["two", "three", "four"]);
    // A rule for the other direction is not theirs.
    arrives("relay link drop 1 from server", &["one", "two", "three", "four"]);
}

#[test]
fn what_is_held_back_is_delivered_when_it_is_asked_for() {
    let held =
        "relay link hold 1 to server\nsendto c \"one\" link\nsendto c \"two\" link\nrecvfrom server 100\n";
    check(&format!("{held}relay link deliver 1 to server\nrecvfrom server 100"), &["\"one\""]);
    check(
        &format!("{held}relay link deliver 1 to server\n! relay link deliver 1 to server"),
        &["delivered before"],
    );
    check("! relay link deliver 1 to server", &["is not held back"]);
    // It is waited for, as long as a line may take.
    let late =
        "relay link hold 1 from server\nsleep 0\np = start sleep 60\n! relay link deliver 1 from server";
    let mut netlab = support::netlab();
    let script = format!("{START}{late}");
    let output =
        netlab.args(["--limit", "1"]).write_stdin(script).assert().success().get_output().stdout.clone();
    assert!(String::from_utf8(output).unwrap().contains("has not come: the time is up"));
}

#[test]
fn answers_find_their_way_back() {
    let asked = "d = socket udp\nsendto c \"from c\" link\nwho = recvfrom server 100\nsendto d \"from d\" link\n\
                 other = recvfrom server 100\nsendto server \"to d\" other\nsendto server \"to c\" who\n";
    check(&format!("{asked}recvfrom c 100"), &["\"to c\"", "127.0.0.1:<link>"]);
    check(&format!("{asked}recvfrom d 100"), &["\"to d\"", "127.0.0.1:<link>"]);
    check(
        &format!(
            "relay link drop 1 from server\nrelay link duplicate 2 from server\n{asked}recvfrom c 100\nrecvfrom c 100"
        ),
        &["\"to c\""],
    );
    // Nobody but the server is heard.
    let stranger = "stranger = socket udp\nsendto stranger \"me too\" who\n! recvfrom c 100 MSG_DONTWAIT";
    check(&format!("sendto c \"1\" link\nwho = recvfrom server 100\n{stranger}"), &["EAGAIN"]);
}

#[test]
fn a_server_may_come_and_go() {
    let gone = "sendto c \"1\" link\nclose server\nsendto c \"2\" link\nserver = socket udp\n";
    // Its port is the name of a socket that is gone: a line can still bind to it.
    check(
        &format!(
            "{gone}bind server 127.0.0.1:0\nlink = relay server\nsendto c \"3\" link\nrecvfrom server 100"
        ),
        &["\"3\""],
    );
}

#[test]
fn what_it_did_is_told() {
    let text = support::transcript(&format!(
        "{START}relay link drop 1 to server\nrelay link swap 2 3 to server\nrelay link\nsendto c \"one\" link\n\
         sendto c \"two\" link\nsendto c \"three\" link\nrecvfrom server 100\nrelay link\nfds\nstop link\n"
    ));
    insta::assert_snapshot!(text);
}

#[test]
fn mistakes_are_told() {
    for (line, phrases) in [
        ("relay link lose 1 to server", &["`lose` is not what a relay does"][..]),
        ("relay link drop to server", &["needs the number of a datagram"]),
        ("relay link drop 0 to server", &["counted from 1"]),
        ("relay link drop 1", &["`to server` or `from server`", "`relay link drop 2 to server`"]),
        ("relay link drop 1 to c", &["`to server` or `from server`"]),
        ("relay link swap 1 3 to server", &["that follow each other"]),
        ("relay", &["`relay` needs WHAT"]),
        ("relay nobody", &["nobody"]),
        ("relay nobody drop 1 to server", &["no relay is called `nobody`"]),
        ("link = relay server drop 1 to server", &["made first"]),
        ("x = relay c", &["has no address yet"]),
        (
            "sendto c \"1\" link &\nrelay link drop 1 to server",
            &["has passed already", "the next one is number 2"],
        ),
        ("relay link drop 1 to server\nrelay link hold 1 to server", &["will be dropped already"]),
    ] {
        check(line, phrases);
    }
    // One in the background is no call.
    check("relay link drop 1 to server &", &["not a system call"]);
}

#[test]
fn it_is_no_descriptor_of_the_student_s() {
    check("sendto c \"1\" link\nfds", &["3", "4"]);
    let text = run(&format!("{START}sendto c \"1\" link\nd = socket udp"));
    assert!(text.contains("socket(AF_INET, SOCK_DGRAM, 0) = 5"), "{text}");
    // A fresh worker begins without it.
    check("rewind 0\nsendto 3 \"x\" link", &["error"]);
}

#[test]
fn a_session_with_a_relay_is_done_again() {
    let text = run(&format!(
        "{START}relay link drop 1 to server\nsendto c \"one\" link\nrewind 6\nsendto c \"two\" link"
    ));
    assert!(text.contains("two"), "{text}");
    assert!(!text.contains("error"), "{text}");
}
