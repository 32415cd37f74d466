//! netlab beside what else one would use, in the same run: each is run in turn, again and
//! again, and the medians are compared. `cargo bench -p netlab --bench peers`.

#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use netkit::kernel::sock_diag::{Protocol, SockDiag};
use nix::pty::openpty;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

mod support;

const ROUNDS: usize = 31;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("{:<44} {:>12} {:>12} {:>7}", "medians", "netlab", "peer", "ratio");
    let python = "python3 -c 'import socket'";
    beside("start to prompt; python3 with its socket module", to_prompt, || run(python));
    let crowd = support::Crowd::of(20_000);
    println!("-- with {} sockets more on this machine", crowd.len());
    let mut diag = SockDiag::open().expect("sock_diag");
    beside("all TCP sockets; ss -tan", || all(&mut diag), || run("ss -tan"));
    let (local, remote) = crowd.someone();
    let mut one = SockDiag::open().expect("sock_diag");
    let filter = format!("ss -tan 'sport = {} and dport = {}'", local.port(), remote.port());
    beside(
        "one socket among them; ss with a filter",
        || assert!(one.exact(Protocol::Tcp, local, remote).is_ok()),
        || run(&filter),
    );
    drop(crowd);
    memory();
}

/// Runs both in turn and prints their medians.
fn beside(what: &str, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        our_times.push(time(&mut ours));
        their_times.push(time(&mut theirs));
    }
    let (ours, theirs) = (median(our_times), median(their_times));
    println!(
        "{what:<44} {:>12} {:>12} {:>7.2}",
        shown(ours),
        shown(theirs),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

fn time(what: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    what();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..10_000 => format!("{micros} us"),
        micros => format!("{:.1} ms", micros as f64 / 1000.0),
    }
}

fn run(command: &str) {
    let status = Command::new("sh").args(["-c", &format!("exec {command}")]).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command} runs on this machine");
}

fn all(diag: &mut SockDiag) {
    assert!(diag.dump(Protocol::Tcp).expect("sock_diag answers").len() > 1);
}

/// netlab on a terminal of its own, from its start to its prompt.
fn at_prompt() -> (Child, File) {
    let pty = openpty(None, None).expect("a pseudo-terminal");
    let slave = || Stdio::from(pty.slave.try_clone().expect("a descriptor"));
    let home = std::env::temp_dir();
    let child = Command::new(env!("CARGO_BIN_EXE_netlab"))
        .env("TERM", "xterm")
        .env("XDG_STATE_HOME", home)
        .stdin(slave())
        .stdout(slave())
        .stderr(slave())
        .spawn()
        .expect("netlab starts");
    let mut master = File::from(pty.master);
    let mut seen = Vec::new();
    let mut part = [0; 4096];
    // Behind its prompt the line editor may say where the cursor is to stand.
    while !(seen.ends_with(b"> ") || seen.windows(3).any(|three| three == b"> \x1b")) {
        let length = master.read(&mut part).expect("netlab writes");
        seen.extend(&part[..length]);
    }
    (child, master)
}

fn to_prompt() {
    let (mut child, mut master) = at_prompt();
    master.write_all(b"\x04").expect("the terminal takes a key");
    // Ending is not measured apart; python3's end is in its time, too.
    let _ = child.wait();
}

/// The memory of an idle session: the program and its worker, their shared parts shared out.
fn memory() {
    let (mut child, mut master) = at_prompt();
    let own = child.id();
    let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
    let total: u64 =
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).chain([own]).map(proportional).sum();
    println!("memory of an idle session (PSS of both processes): {:.1} MB", total as f64 / 1000.0);
    master.write_all(b"\x04").expect("the terminal takes a key");
    let _ = child.wait();
}

/// Kilobytes, from /proc/PID/smaps_rollup.
fn proportional(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
}
