//! Predictions: what is expected of a call is compared with what it does.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use serde_json::Value;
use support::terminal::Terminal;
use support::{Talk, netlab, transcript};
use tempfile::tempdir;

/// The prediction that an answer tells of: whether it was right, and what was said.
fn verdict(answer: &Value) -> (bool, String) {
    let prediction = &answer["prediction"];
    let said: Vec<&str> =
        prediction["said"].as_array().expect("a prediction").iter().filter_map(Value::as_str).collect();
    (prediction["right"] == true, said.join("\n"))
}

#[test]
fn what_is_expected_is_compared_with_what_happens() {
    let mut talk = Talk::start(&["--keep-going", "--limit", "1"]);
    let mut check = |expected: &str, line: &str, right: bool, said: &str| {
        talk.ask(&format!("expect {expected}"));
        talk.say(line);
        let (is, words) = verdict(&talk.hear());
        assert!(is == right && words.contains(said), "{expected}: {line}: {words}");
    };
    check("3 CLOSED", "srv = socket tcp", true, "as you said");
    check("4", "x = socket tcp", true, "as you said");
    check("5", "y = socket udp", true, "as you said");
    check("blocks", "z = socket tcp", false, "socket: it never blocks");
    check("ok BOUND", "bind srv 127.0.0.1:0", true, "as you said");
    check("EINVAL", "connect x srv", false, "you said EINVAL; it failed with ECONNREFUSED");
    check("ok LISTEN", "listen srv", true, "as you said");
    // A job that blocks is told to block, not what it may return later.
    check("blocks", "conn = accept srv &", true, "as you said");
    check("ok SYN-SENT", "connect z srv", false, "SYN-SENT was passed on the way (inferred)");
    check("ok ESTABLISHED", "close y", false, "you said ESTABLISHED; y is gone");
    check("ECONNREFUSED", "send z hello", false, "ECONNREFUSED");
    check("3", "recv conn 100", false, "it returned 5\n  recv: it returns how many bytes it has fetched");
    // A call in the foreground that blocks, and is cut short.
    check("ok", "recv conn 100", false, "it blocked\n  recv: it blocks while nothing is there");
    check("blocks", "recv conn 100", true, "as you said");
    check("ok FIN-WAIT-2", "close conn", true, "as you said");
    check("0 CLOSE-WAIT", "recv z 100", true, "as you said");
    check("ok gone", "close z", true, "as you said");
    let tally = talk.ask("predict");
    assert_eq!((&tally["report"]["right"], &tally["report"]["of"]), (&10.into(), &17.into()), "{tally:#}");
    let wrong = &tally["report"]["wrong"][0];
    assert_eq!(wrong["line"], "z = socket tcp");
    assert_eq!(wrong["difference"], "you said blocks; it returned 6");
}

#[test]
fn what_is_expected_of_a_line_that_cannot_be_read_is_not_expected_of_the_next() {
    let mut netlab = netlab();
    let script = "c = socket tcp\nexpect blocks\nclose d\nclose c\npredict\n";
    let output = netlab.arg("--keep-going").write_stdin(script).output().expect("a netlab");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Nothing has been predicted yet."), "{said}");
}

#[test]
fn a_loop_is_expected_to_come_to_so_many_bytes() {
    let text = transcript(
        "srv = socket tcp\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n\
         expect 6\nsend-all c \"a\\nb\\nc\\n\"\nexpect 3\nrecv-until conn \"\\n\"\n",
    );
    assert!(text.contains("prediction: as you said (right 1 of 1)"), "{text}");
    assert!(text.contains("prediction: you said 3; it came to 2 bytes (right 1 of 2)"), "{text}");
}

#[test]
fn an_expectation_waits_for_a_call() {
    // Not for a line that looks.
    let text = transcript("expect 3\nfds\nexpect 4\nc = socket tcp\npredict\n");
    assert!(text.contains("you said 4; it returned 3 (right 0 of 1)"), "the last one counts:\n{text}");
}

#[test]
fn what_is_no_expectation_is_said_with_an_example() {
    for (line, message) in [
        ("expect refused", "`refused` is not what a call can do"),
        ("expect ok open", "`open` is no state of a socket"),
    ] {
        let assert = netlab().write_stdin(format!("{line}\n")).assert().code(1);
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(text.contains(message) && text.contains("for example: `ok ESTABLISHED`"), "{text}");
    }
}

/// Waits for a question, with this behind it.
fn asks(terminal: &mut Terminal, row: &str) {
    terminal.until(row, |terminal| terminal.row() == row.trim_end());
}

#[test]
fn the_prompt_asks_before_a_call() {
    let home = tempdir().expect("a folder");
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.enters("predict on", "you are asked what it will do");

    // Words are completed; the call is made once the answer is understood.
    terminal.types("srv = socket tcp\r");
    let socket = "socket: ok, number, ERROR or blocks; then the state of srv? ";
    asks(&mut terminal, socket);
    terminal.types("o\tCLOSED\r");
    terminal.awaits("prediction: as you said (right 1 of 1)");

    // What is not understood is asked again, with an example.
    terminal.awaits_prompt("");
    terminal.types("bind srv 127.0.0.1:0\r");
    asks(&mut terminal, "bind: ok, number, ERROR or blocks; then the state of srv? ");
    terminal.types("perhaps\r");
    terminal.awaits("for example: `ok ESTABLISHED`");
    asks(&mut terminal, "bind: ok, number, ERROR or blocks; then the state of srv? ");
    terminal.types("eaddrin\t\r");
    terminal.awaits("you said EADDRINUSE; it returned 0");
    terminal.awaits("EADDRINUSE would have meant");

    // Enter skips.
    terminal.awaits_prompt("");
    terminal.types("listen srv\r");
    asks(&mut terminal, "listen: ok, number, ERROR or blocks; then the state of srv? ");
    terminal.types("\r");
    terminal.awaits("CLOSED -> LISTEN");
    terminal.awaits_prompt("");
    assert_eq!(terminal.text().matches("prediction:").count(), 2, "{}", terminal.text());

    // What only looks is not asked about; a call whose state cannot change, not about that.
    terminal.enters("fds", "3   srv");
    terminal.types("recv srv 10\r");
    asks(&mut terminal, "recv: ok, number, ERROR or blocks? ");
    // Ctrl-C at the question: the call is not made.
    terminal.types("\x03");
    terminal.awaits_prompt("");
    assert!(!terminal.text().contains("recv(3"), "{}", terminal.text());

    // A call that blocks, as was said, and is interrupted.
    terminal.types("accept srv\r");
    asks(&mut terminal, "accept: ok, number, ERROR or blocks; then the state of the new socket? ");
    terminal.types("blocks\r");
    terminal.awaits("Ctrl-C interrupts it");
    terminal.types("\x03");
    terminal.awaits("prediction: as you said (right 2 of 3)");

    // What was said by `expect` is not asked for again.
    terminal.enters("expect 4 CLOSED", "> ");
    terminal.enters("c = socket tcp", "prediction: as you said (right 3 of 4)");
    terminal.enters("predict off", "You are not asked any more.");
    terminal.enters("close c", "close(4) = 0");
    let tally = terminal.enters("predict", "you were wrong about:");
    assert!(tally.contains("bind srv 127.0.0.1:0: you said EADDRINUSE; it returned 0"), "{tally}");
}
