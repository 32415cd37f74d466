//! `save`, `rewind`, `lines`: a session that is kept, and gone back in.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::path::Path;
use support::{Talk, netlab, transcript};
use tempfile::tempdir;

const PAIR: [&str; 6] = [
    "srv = socket tcp",
    "bind srv 127.0.0.1:0",
    "listen srv",
    "conn = accept srv &",
    "c = socket tcp",
    "connect c srv",
];

/// Label, state and queue of every socket that has a descriptor.
fn sockets(answer: &Value) -> Vec<String> {
    let sockets = answer["report"]["sockets"].as_array().expect("sockets");
    let with = sockets.iter().filter(|socket| !socket["fd"].is_null());
    let mut rows: Vec<String> = with
        .map(|socket| {
            format!("{} {} {} {}", socket["label"], socket["fd"], socket["state"], socket["unread"])
        })
        .collect();
    rows.sort();
    rows
}

/// Runs lines, saves them to a file, and compares the sockets at the end with those that
/// the file leaves behind.
fn saved(folder: &Path, lines: &[&str]) -> String {
    let path = folder.join("saved.netlab").display().to_string();
    let mut talk = Talk::start(&["--keep-going", "--limit", "1"]);
    for line in lines {
        talk.say(line);
        talk.hear();
    }
    let then = sockets(&talk.ask("state"));
    talk.ask(&format!("save {path}"));
    // A file that runs: as a script, and sourced.
    netlab().arg(&path).assert().success().stderr("");
    let mut again = Talk::start(&[]);
    again.say(&format!("source {path}"));
    again.say("state");
    let state = loop {
        let answer = again.hear();
        assert_eq!(answer["ok"], true, "{answer:#}");
        if answer["input"] == "state" && answer["depth"].is_null() {
            break answer;
        }
    };
    assert_eq!(sockets(&state), then);
    assert!(!then.is_empty());
    std::fs::read_to_string(&path).expect("was written")
}

#[test]
fn what_is_saved_ends_in_the_same_states() {
    let sessions: [&[&str]; 4] = [
        &[],
        &["send c \"hello\"", "shutdown c WR", "recv conn 3"],
        &["close conn", "send c \"x\"", "send c \"y\""],
        &["u = socket udp", "bind u 127.0.0.1:0", "v = socket udp", "sendto v \"12345\" u"],
    ];
    for tail in sessions {
        let folder = tempdir().expect("a folder");
        saved(folder.path(), &[&PAIR[..], tail].concat());
    }
}

#[test]
fn what_failed_is_kept_so_that_the_script_goes_on() {
    let folder = tempdir().expect("a folder");
    let lines = [
        "xyzzy",
        "close 77",
        "recv conn 5 &",
        "send-all c \"\\(random:16M)\"",
        "recv conn 5 &",
        "wait 2",
        "wait 99",
        "help",
    ];
    let text = saved(folder.path(), &[&PAIR[..], &lines].concat());
    let tail: Vec<&str> = text.lines().skip(7).collect();
    let expected = [
        "# failed: xyzzy",
        "! close 77",
        "recv conn 5 &",
        "# interrupted; here a job that is cancelled",
        "send-all c \"\\(random:16M)\" &",
        "cancel 3",
        "recv conn 5 &",
        "wait 2",
        "# failed: wait 99",
        "state",
    ];
    assert_eq!(tail, expected, "{text}");
}

#[test]
fn a_port_that_the_kernel_chose_is_saved_as_its_socket() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("a").display().to_string();
    let mut talk = Talk::start(&["--keep-going"]);
    for line in &PAIR[..5] {
        talk.ask(line);
    }
    let address = talk.ask("getsockname srv")["call"]["address"].as_str().expect("an address").to_owned();
    talk.ask(&format!("connect c {address} # typed"));
    talk.ask(&format!("p = start echo {address}"));
    for line in ["close srv", "close conn"] {
        talk.ask(line);
    }
    talk.ask("d = socket tcp");
    talk.say(&format!("connect d {address}"));
    talk.hear();
    talk.ask(&format!("save {path}"));
    let text = std::fs::read_to_string(&path).expect("was written");
    assert!(text.contains("\nconnect c srv # typed\n"), "{text}");
    assert!(text.contains("\np = start echo \"\\(srv)\"\n"), "{text}");
    let note = format!("\n# the kernel chose port {}", &address["127.0.0.1:".len()..]);
    assert!(text.contains(&note) && text.contains(&format!("\n! connect d {address}\n")), "{text}");
}

#[test]
fn what_cannot_be_saved_is_said_and_loses_nothing() {
    let folder = tempdir().expect("a folder");
    let there = folder.path().join("there");
    std::fs::write(&there, "mine").expect("a file");
    let script = format!(
        "c = socket tcp\n! save {}\n! save /dev/full\n! save /no/such/folder\n! save {}\nclose c\n",
        there.display(),
        folder.path().display(),
    );
    let text = transcript(&script);
    for why in ["is there already", "No space left on device", "its folder is not there", "that is a folder"]
    {
        assert!(text.contains(why), "{why}: {text}");
    }
    assert_eq!(std::fs::read_to_string(&there).expect("is there"), "mine");
}

#[test]
fn a_disk_that_is_full_in_the_middle_leaves_no_half_of_a_file() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("a");
    let filler = "fds # ".to_owned() + &"x".repeat(4096);
    let script = format!("{filler}\n! save {}\nc = socket tcp\n", path.display());
    // The shell's limit on the size of files stands for the disk's; 512 bytes a block.
    let netlab = format!("ulimit -f 4; exec {}", env!("CARGO_BIN_EXE_netlab"));
    let assert = assert_cmd::Command::new("sh").args(["-c", &netlab]).write_stdin(script).assert().success();
    assert.stdout(contains("File too large").and(contains("nothing was written")));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn going_back_leaves_the_sockets_as_they_were() {
    let mut talk = Talk::start(&[]);
    let mut states = vec![Vec::new()];
    let lines = ["send c \"hello\"", "fds", "shutdown c WR", "recv-all conn", "close conn", "close c"];
    let mut number = 0;
    let connected = [&PAIR[..3], &PAIR[4..], &["conn = accept srv"]].concat();
    for line in [&connected[..], &lines].concat() {
        talk.ask(line);
        number += 1;
        states.push(sockets(&talk.ask("state")));
    }
    // Every line was followed by a look, which counts.
    for line in (1..=number).rev() {
        let back = talk.ask(&format!("rewind {}", 2 * line));
        assert_eq!(back["report"]["line"], 2 * line);
        assert_eq!(back["report"]["differences"].as_array().expect("a list").len(), 0, "{back:#}");
        assert_eq!(sockets(&talk.ask("state")), states[line], "after line {line}");
    }
    talk.ask("rewind 0");
    assert_eq!(talk.ask("lines")["report"]["lines"].as_array().expect("a list").len(), 0);
    assert_eq!(talk.ask("c = socket tcp")["call"]["returned"], 3, "descriptors begin anew");
}

#[test]
fn without_a_number_the_last_line_that_did_something_is_taken_back() {
    let text = transcript("c = socket tcp\nbind c 127.0.0.1:0\nlisten c\nstate\nrewind\nlines\n");
    assert!(
        text.contains("> rewind\n  after line 2: lines 1 to 2 were run again in a new worker\n"),
        "{text}"
    );
    assert!(text.contains("c has another one\n  c (3)  CLOSED\n") || text.contains("c (3)  BOUND"), "{text}");
    netlab().write_stdin("rewind\n").assert().code(1).stdout(contains("nothing to take back"));
    netlab().write_stdin("fds\nrewind 2\n").assert().code(1).stdout(contains("there is no line 2"));
}

#[test]
fn it_is_said_what_could_not_be_brought_back() {
    let folder = tempdir().expect("a folder");
    let flag = folder.path().join("flag").display().to_string();
    // The program's first life leaves a file behind, which its second one finds.
    let lines = [
        "srv = socket tcp".to_owned(),
        "bind srv 127.0.0.1:0".into(),
        "listen srv".into(),
        format!("p = start mkdir {flag}"),
        "wait p".into(),
        "sleep 1ms".into(),
        "fds".into(),
        "rewind 7".into(),
    ];
    let assert = netlab().arg("--keep-going").write_stdin(lines.join("\n") + "\n").assert();
    let text = String::from_utf8(assert.get_output().stdout.clone()).expect("text");
    for part in [
        "line 5, `wait p`: p ended with exit code 1 now, p ended with exit code 0 then",
        "time: line 6, `sleep 1ms`, was left out",
        "what the program of line 4 did and knew: it was started anew",
        "srv has another one",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn an_interrupted_call_is_interrupted_again() {
    let mut talk = Talk::start(&["--keep-going", "--limit", "1"]);
    for line in PAIR {
        talk.ask(line);
    }
    talk.say("recv conn 5");
    assert_eq!(talk.hear()["failure"]["errno"], 4);
    let listed = talk.ask("lines")["report"]["lines"][6]["result"].clone();
    assert!(listed.as_str().is_some_and(|result| result.starts_with("recv")), "{listed}");
    talk.ask("recv c 5 &");
    let back = talk.ask("rewind 7");
    assert!(back["report"]["lost"].to_string().contains("was interrupted then"), "{back:#}");
    // The next job has the number that it would have had.
    assert_eq!(talk.ask("recv c 5 &")["jobs"][0]["job"], 2);
}

#[test]
fn lines_lists_what_was_done() {
    let text = transcript("c = socket tcp\n! close 77\n# no line\nfds\nlines\n");
    let listed: Vec<&str> =
        text.lines().skip_while(|line| *line != "> lines").skip(1).map(str::trim).collect();
    assert_eq!(listed, ["1  c = socket tcp  ok", "2  ! close 77      EBADF (Bad file descriptor)", "3  fds"]);
}

#[test]
fn a_line_that_is_meant_to_fail() {
    let text = transcript("! close 77\n! xyzzy\nc = socket tcp\n");
    assert!(
        text.contains("EBADF") && text.ends_with("socket(AF_INET, SOCK_STREAM, 0) = 3\n  +  3  c  CLOSED\n"),
        "{text}"
    );
    netlab()
        .write_stdin("! c = socket tcp\nfds\n")
        .assert()
        .code(1)
        .stdout(contains("it has not").and(contains("> fds").not()));
}
