//! Script mode: lines from a file or a pipe.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use support::{Talk, eventually, is_alive, netlab, transcript};
use tempfile::tempdir;

#[test]
fn a_file_and_a_pipe_give_the_same() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("a.netlab");
    let script = "# a comment\n\nc = socket tcp\r\nclose c";
    std::fs::write(&path, script).expect("a file");
    let piped = transcript(script);
    netlab().arg(&path).assert().success().stdout(piped.clone()).stderr("");
    let echoes: Vec<&str> = piped.lines().filter(|line| line.starts_with('>')).collect();
    assert_eq!(echoes, ["> # a comment", ">", "> c = socket tcp", "> close c"]);
    assert!(piped.lines().all(|line| line.starts_with('>') || line.starts_with("  ")), "{piped}");
}

#[test]
fn the_first_line_that_fails_ends_a_script() {
    let script = "c = socket tcp\nclose 77\nfds\n";
    netlab()
        .write_stdin(script)
        .assert()
        .code(1)
        .stdout(contains("close(77) = -1 EBADF").and(contains("> fds").not()))
        .stderr("netlab: line 2 failed: close 77\n");
    netlab()
        .arg("--keep-going")
        .write_stdin(script)
        .assert()
        .code(1)
        .stdout(contains("> fds"))
        .stderr("netlab: line 2 failed: close 77\n");
}

#[test]
fn quit_ends_a_script() {
    netlab().write_stdin("quit\nxyzzy\n").assert().success().stdout("> quit\n").stderr("");
}

#[test]
fn json_is_an_object_a_line() {
    let script = "c = socket tcp\n# a comment\n\nsend c \"\n\u{e9}\nfds\n";
    let assert = netlab().args(["--json", "--keep-going"]).write_stdin(script).assert().code(1);
    let output = String::from_utf8(assert.get_output().stdout.clone()).expect("text");
    let objects: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let lines: Vec<u64> = objects.iter().filter_map(|object| object["line"].as_u64()).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
    let inputs: Vec<&str> = objects.iter().filter_map(|object| object["input"].as_str()).collect();
    assert_eq!(inputs, script.lines().collect::<Vec<_>>());
    let ok: Vec<bool> = objects.iter().filter_map(|object| object["ok"].as_bool()).collect();
    assert_eq!(ok, [true, true, true, false, false, true]);
    assert_eq!(objects[0]["call"]["returned"], 3);
}

#[test]
fn lines_of_sourced_files_are_echoed_too() {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("inner"), "c = socket tcp\n").expect("a file");
    std::fs::write(path("outer"), format!("source {}\nclose c\n", path("inner"))).expect("a file");
    let script = format!("source {}\nfds\n", path("outer"));
    let text = transcript(&script);
    let echoes: Vec<&str> =
        text.lines().filter(|line| line.starts_with('>')).map(|line| &line[..line.len().min(9)]).collect();
    assert_eq!(echoes, ["> source ", ">> source", ">>> c = s", ">> close ", "> fds"]);

    std::fs::write(path("wrong"), "c = socket tcp\nxyzzy\nclose c\n").expect("a file");
    netlab()
        .write_stdin(format!("source {}\n", path("wrong")))
        .assert()
        .code(1)
        .stdout(contains(">> close").not())
        .stderr(format!("netlab: line 1 failed, at {}:2: xyzzy\n", path("wrong")));

    std::fs::write(path("endless"), format!("source {}\n", path("endless"))).expect("a file");
    netlab()
        .write_stdin(format!("source {}\n", path("endless")))
        .assert()
        .code(1)
        .stdout(contains("must not source itself"));
}

#[test]
fn a_line_may_not_take_longer_than_the_limit() {
    netlab()
        .args(["--limit", "1"])
        .write_stdin("srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\naccept srv\n")
        .assert()
        .code(1)
        .stdout(contains("EINTR").and(contains("no connection waits in the accept queue of srv")))
        .stderr("netlab: line 4 failed: accept srv\n");
    netlab().args(["--limit", "0"]).assert().code(2);
}

#[test]
fn a_line_that_is_not_text_is_shown_whole() {
    netlab()
        .write_stdin(&b"send c \"\xff\xfe\"\n"[..])
        .assert()
        .code(1)
        .stdout(contains("> send c \"\\xff\\xfe\"").and(contains("not UTF-8")))
        .stderr("netlab: line 1 failed: send c \"\\xff\\xfe\"\n");
}

#[test]
fn a_script_that_cannot_be_read() {
    netlab().arg("/no/such/file").assert().code(2).stderr(contains("/no/such/file: No such file"));
    netlab().arg("/").assert().code(2).stderr(contains("cannot read /"));
}

#[test]
fn a_program_inherits_only_the_standard_streams() {
    // Descriptor 9 stands for what a terminal program or an editor leaves open.
    let script = "p = start ls /proc/self/fd\noutput p all\n";
    let netlab = format!("exec 9</dev/null; exec {}", env!("CARGO_BIN_EXE_netlab"));
    let mut shell = assert_cmd::Command::new("sh");
    let assert = shell.args(["-c", &netlab]).write_stdin(script).assert().success();
    // 3 is the folder that ls reads.
    assert.stdout(predicates::str::ends_with("  \"0\\n1\\n2\\n3\\n\"\n"));
}

#[test]
fn colours_are_never_in_a_transcript() {
    netlab()
        .env("CLICOLOR_FORCE", "1")
        .arg("--keep-going")
        .write_stdin("c = socket tcp\nclose 77\n")
        .assert()
        .stdout(contains("\u{1b}").not());
}

#[test]
fn a_reader_that_leaves_ends_the_script_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_netlab"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("netlab starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    writeln!(input, "c = socket tcp").expect("netlab reads");
    let mut line = String::new();
    output.read_line(&mut line).expect("netlab answers");
    assert_eq!(line, "> c = socket tcp\n", "each line is answered as it comes");
    drop(output);
    writeln!(input, "close c").expect("netlab reads");
    let ended = child.wait_with_output().expect("netlab ends, though its input does not");
    assert!(ended.status.success(), "{}", ended.status);
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    drop(input);
}

#[test]
fn ctrl_c_ends_a_script_and_leaves_nothing_behind() {
    // While a call is blocked, and while nothing happens.
    for line in ["accept srv", "fds"] {
        let mut talk = Talk::start(&["--limit", "60"]);
        for line in ["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv"] {
            talk.ask(line);
        }
        let program = talk.ask("p = start sleep 1000")["report"]["pid"].as_u64().expect("a process");
        let worker = talk.ask("fds")["report"]["worker"].as_u64().expect("a process");
        talk.say(line);
        if line == "accept srv" {
            let blocked = || has_thread_in(worker, "inet_csk_accept") || has_thread_in_accept(worker);
            eventually("accept is blocked", blocked);
        } else {
            talk.hear();
        }
        let pid = Pid::from_raw(i32::try_from(talk.child.id()).expect("a process"));
        kill(pid, Signal::SIGINT).expect("it runs");
        if line == "accept srv" {
            let message = talk.hear()["failure"]["message"].clone();
            assert_eq!(message, "accept was interrupted", "not because its time was up");
        }
        let status = talk.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(130), "{line}");
        for (what, pid) in [("worker", worker), ("program", program)] {
            eventually(&format!("the {what} is gone"), || !is_alive(pid));
        }
    }
}

fn threads(worker: u64) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(format!("/proc/{worker}/task")).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn has_thread_in(worker: u64, function: &str) -> bool {
    threads(worker)
        .iter()
        .any(|thread| std::fs::read_to_string(thread.join("wchan")).is_ok_and(|text| text == function))
}

/// The first word of `syscall` is the number of the system call that the thread sleeps in.
fn has_thread_in_accept(worker: u64) -> bool {
    let number = format!("{} ", nix::libc::SYS_accept);
    threads(worker).iter().any(|thread| {
        std::fs::read_to_string(thread.join("syscall")).is_ok_and(|text| text.starts_with(&number))
    })
}
