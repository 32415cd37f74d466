//! The session of the first lecture: the same text on every run, and the same facts as
//! `ss` and `/proc` give.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use serde_json::Value;
use std::process::Command;
use support::{Talk, transcript};

const LECTURE: &str = include_str!("scripts/first_lecture.netlab");

#[test]
fn the_first_lecture() {
    let first = transcript(LECTURE);
    insta::assert_snapshot!(first);
    for _ in 0..5 {
        assert_eq!(transcript(LECTURE), first, "the same on every run");
    }
}

#[test]
fn the_facts_are_those_of_ss_and_proc() {
    let mut talk = Talk::start(&[]);
    for line in LECTURE.lines() {
        talk.ask(line);
        let fds = talk.ask("fds")["report"].clone();
        let worker = fds["worker"].as_u64().expect("the worker's process");
        assert_eq!(student_sockets(&fds), sockets_in_proc(worker), "after {line}");
        let netstat = talk.ask("netstat")["report"].clone();
        let Some(rows) = ss_rows(&netstat, worker) else {
            println!("skipped: needs ss");
            return;
        };
        assert_eq!(netstat_rows(&netstat), rows, "after {line}");
    }
}

/// Descriptor and inode of every socket that `fds` shows.
fn student_sockets(fds: &Value) -> Vec<(u64, u64)> {
    let descriptors = fds["descriptors"].as_array().expect("a list").iter();
    descriptors
        .filter_map(|descriptor| Some((descriptor["fd"].as_u64()?, descriptor["target"]["socket"].as_u64()?)))
        .collect()
}

/// The same from `/proc/WORKER/fd`, without what the worker has for itself, high up.
fn sockets_in_proc(worker: u64) -> Vec<(u64, u64)> {
    let entries = std::fs::read_dir(format!("/proc/{worker}/fd")).expect("the worker runs");
    let mut sockets: Vec<(u64, u64)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let fd = entry.file_name().to_str()?.parse().ok().filter(|fd| *fd < 900)?;
            let target = std::fs::read_link(entry.path()).ok()?;
            let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()?;
            Some((fd, inode))
        })
        .collect();
    sockets.sort_unstable();
    sockets
}

/// What is compared of a socket: state, queues, addresses, descriptor.
type Row = (String, [u64; 2], String, String, Option<u64>);

fn netstat_rows(netstat: &Value) -> Vec<Row> {
    let sockets = netstat["sockets"].as_array().expect("a list").iter();
    // A socket that is bound, but neither listens nor is connected, ss does not list.
    let mut rows: Vec<Row> = sockets
        .filter(|socket| socket["state"] != "CLOSED")
        .map(|socket| {
            let text = |key: &str| socket[key].as_str().unwrap_or("0.0.0.0:*").to_owned();
            let number = |value: &Value| value.as_u64().unwrap_or(0);
            let queues = match &socket["accept_queue"] {
                Value::Null => [number(&socket["unread"]), number(&socket["unacknowledged"])],
                queue => [number(&queue["waiting"]), number(&queue["limit"])],
            };
            // In TIME-WAIT the kernel keeps less of a socket: ss cannot tell whose it is.
            let fd = socket["fd"].as_u64().filter(|_| socket["state"] != "TIME-WAIT");
            (text("state"), queues, text("local"), text("remote"), fd)
        })
        .collect();
    rows.sort();
    rows
}

/// The rows of `ss -tanp` that speak of the same ports; `None` without ss.
fn ss_rows(netstat: &Value, worker: u64) -> Option<Vec<Row>> {
    let sockets = netstat["sockets"].as_array().expect("a list");
    let ours: Vec<&str> = sockets.iter().filter_map(|socket| socket["local"].as_str()).collect();
    let output = Command::new("ss").arg("-tanpH").output().ok()?;
    let text = String::from_utf8(output.stdout).expect("ss writes text");
    let mut rows: Vec<Row> = text
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [state, receive, send, local, remote, rest @ ..] = words.as_slice() else { return None };
            if !ours.contains(local) {
                return None;
            }
            let state = if *state == "ESTAB" { "ESTABLISHED" } else { state };
            let held = rest.join(" ");
            let fd = held
                .split_once(&format!("pid={worker},fd="))
                .and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
            let queues = [receive.parse().ok()?, send.parse().ok()?];
            Some((state.to_owned(), queues, (*local).to_owned(), (*remote).to_owned(), fd))
        })
        .collect();
    rows.sort();
    Some(rows)
}
