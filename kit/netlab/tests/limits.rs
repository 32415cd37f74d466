//! What a session does at the limits that it is given: it says what is in the way, and what
//! there was before is there still.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use std::process::{Command, Output, Stdio};

/// netlab under limits that the shell sets, with a script on its standard input.
fn under(limits: &str, script: &str) -> Output {
    let script_file = tempfile::NamedTempFile::new().expect("there is room for a file");
    std::fs::write(script_file.path(), script).expect("it can be written");
    Command::new("sh")
        .args(["-c", &format!("{limits} && exec \"$0\" --keep-going"), env!("CARGO_BIN_EXE_netlab")])
        .stdin(Stdio::from(script_file.reopen().expect("it can be read")))
        .output()
        .expect("a shell runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn descriptors_run_out_at_the_limit_that_any_program_has() {
    let mut script = String::from("srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\n");
    script.extend((4..40).map(|_| "socket udp\n"));
    script += "c = socket tcp\nfds\nclose 39\nc = socket tcp\nconnect c srv\naccept srv &\n";
    let output = under("ulimit -n 300 && ulimit -Sn 40", &script);
    let shown = text(&output.stdout);
    assert!(shown.contains("  socket(AF_INET, SOCK_DGRAM, 0) = 39\n"), "the last number: {shown}");
    let crowded = "> c = socket tcp\n  socket(AF_INET, SOCK_STREAM, 0) = -1 EMFILE (Too many open files)\n";
    assert_eq!(shown.matches(crowded).count(), 1, "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("  39 ") && line.contains("UDP socket")),
        "one can still look: {shown}"
    );
    assert!(shown.contains("> connect c srv\n  connect(39, "), "and go on: {shown}");
    let last = "] accept(3, ..., [128]) = -1 EMFILE";
    assert!(shown.contains(last), "the number that accept needs is missing, too: {shown}");
}

#[test]
fn a_blocked_call_is_seen_with_all_descriptors_taken() {
    let mut script = String::from("a = socket udp\nbind a 127.0.0.1:0\n");
    script.extend((4..40).map(|_| "socket udp\n"));
    script += "recv a 10 &\n";
    let shown = text(&under("ulimit -n 300 && ulimit -Sn 40", &script).stdout);
    assert!(
        shown.contains("[1] recv(3, ..., 10, 0) is blocked: its thread sleeps in the system call"),
        "{shown}"
    );
}

#[test]
fn a_limit_that_is_too_low_is_said() {
    let output = under("ulimit -n 14", "socket tcp\n");
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("may have 14 files open") && said.contains("ulimit -n 1024"), "{said}");
}

#[test]
fn a_killed_worker_is_said_and_its_session_ends_nothing_else() {
    let mut talk = support::Talk::start(&["--keep-going"]);
    talk.ask("c = socket tcp");
    let facts = talk.ask("state");
    let worker = children(talk.child.id());
    let [worker] = worker.as_slice() else { unreachable!("one worker: {worker:?} {facts}") };
    let killed = Command::new("kill").args(["-KILL", worker]).status().expect("kill runs");
    assert!(killed.success());
    talk.say("send c hello");
    let answer = talk.hear();
    let message = answer["failure"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("killed by signal 9"), "{answer:#}");
    talk.say("help send");
    assert_eq!(talk.hear()["ok"], true, "what needs no sockets still works");
}

fn children(process: u32) -> Vec<String> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = std::fs::read_to_string(path).expect("the kernel lists children");
    text.split_whitespace().map(str::to_owned).collect()
}

/// 1,500 sockets, or as many as `NETLAB_SOCKETS` says: ten thousand take minutes.
#[test]
fn a_crowd_of_sockets_is_in_nobodys_way() {
    let count = std::env::var("NETLAB_SOCKETS").ok().and_then(|count| count.parse().ok()).unwrap_or(1500);
    let mut script = String::from("srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\n");
    script.extend((1..=count).map(|number| format!("s{number} = socket tcp\n")));
    script += "connect s7 srv\nconn = accept srv\nsend s7 \"hello\"\nclose s7\nshow s8\n";
    let output = under(&format!("ulimit -n {}", count + 200), &script);
    let shown = text(&output.stdout);
    let end = shown.find("> connect s7 srv").map(|at| &shown[at..]).unwrap_or(&shown);
    assert!(
        shown.contains(&format!(
            "> s{count} = socket tcp\n  socket(AF_INET, SOCK_STREAM, 0) = {}\n",
            count + 3
        )),
        "{end}"
    );
    assert!(end.contains("connect(10, {AF_INET, 127.0.0.1:<srv>}, 16) = 0"), "{end}");
    assert!(end.contains(&format!("accept(3, {{AF_INET, 127.0.0.1:<s7>}}, [16]) = {}", count + 4)), "{end}");
    assert!(end.contains("send(10, \"hello\", 5, 0) = 5"), "{end}");
    assert!(end.contains("ESTABLISHED -> FIN-WAIT-2"), "{end}");
    assert!(end.contains("s8: TCP socket of IPv4"), "{end}");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
