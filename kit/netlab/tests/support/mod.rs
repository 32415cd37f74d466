//! What several tests use: netlab as a program, and the questions that are put to it.
#![allow(clippy::expect_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(dead_code, reason = "each test file is a program of its own, and uses a part of this")]

pub mod terminal;

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// netlab, and a folder of its own in place of the user's.
pub fn netlab() -> assert_cmd::Command {
    assert_cmd::Command::new(env!("CARGO_BIN_EXE_netlab"))
}

/// What a script of these lines writes to standard output; all of them must succeed.
pub fn transcript(script: &str) -> String {
    let output = netlab().write_stdin(script).assert().success().stderr("").get_output().stdout.clone();
    String::from_utf8(output).expect("a transcript is text")
}

/// netlab in a pipe, asked a line at a time, answering in JSON.
pub struct Talk {
    pub child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Talk {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_netlab"))
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("netlab starts");
        let input = child.stdin.take().expect("is a pipe");
        let output = BufReader::new(child.stdout.take().expect("is a pipe"));
        Self { child, input, output }
    }

    /// Sends a line without waiting for its answer.
    pub fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("netlab reads its lines");
    }

    /// The next answer.
    pub fn hear(&mut self) -> Value {
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("netlab answers");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    }

    /// Sends a line that must succeed, and returns its answer.
    pub fn ask(&mut self, line: &str) -> Value {
        self.say(line);
        let answer = self.hear();
        assert_eq!(answer["ok"], true, "{answer:#}");
        answer
    }
}

/// Waits for something that has no event; fails when it takes too long.
pub fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < deadline, "this never happened: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process is there and not merely waiting to be buried.
pub fn is_alive(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state stands behind the name, which stands in parentheses.
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
