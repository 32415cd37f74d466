//! What `show` tells beside its page's own words: the kernel's line, and TCP's account by `ss`.

use crate::support::{Talk, transcript};
use crate::{ACCEPTS, CONNECTS, LISTENS};
use std::process::Command;

#[test]
fn the_raw_line_is_the_kernels() {
    let mut talk = Talk::start(&[]);
    for line in [LISTENS, CONNECTS, "send c \"hello\"\n"].concat().lines() {
        talk.ask(line);
    }
    let worker = talk.ask("fds")["report"]["worker"].as_u64().expect("a process");
    let table = std::fs::read_to_string(format!("/proc/{worker}/net/tcp")).expect("a table");
    let shown = talk.ask("show srv raw")["report"].clone();
    let line = shown["line"].as_str().expect("a line");
    // The number of the line may change, as sockets come and go.
    let rest = |line: &str| line.split_once(':').map(|(_, rest)| rest.trim_end().to_owned());
    assert!(table.lines().any(|other| rest(other) == rest(line)), "{line}\n{table}");
    let field = |name: &str| {
        let fields = shown["fields"].as_array().expect("fields");
        fields.iter().find(|field| field["name"] == name).map(|field| field["meaning"].clone())
    };
    assert_eq!(field("st"), Some("10: LISTEN".into()));
    assert_eq!(field("rx_queue"), Some("1 connection that waits for accept".into()));
    // Every word of the line has its place: none is left over.
    assert!(
        shown["fields"].as_array().is_some_and(|fields| fields.iter().all(|field| field["name"] != "")),
        "{shown:#}"
    );

    talk.ask("s = accept srv");
    talk.ask("shutdown c");
    talk.ask("recv s 9");
    talk.ask("close s");
    talk.ask("close c");
    // It has no inode any more, and is found by its addresses.
    let shown = talk.ask("show c raw")["report"].clone();
    assert_eq!(shown["fields"][3]["meaning"], "6: TIME-WAIT", "{shown:#}");

    for (script, expected) in [
        ("x = socket tcp\nshow x raw\n", "no line in /proc/net/tcp: the table lists"),
        ("x = socket tcp\nbind x 127.0.0.1:0\nshow x raw\n", "only has a port"),
        ("x = socket udp\nshow x raw\n", "no line in /proc/net/udp"),
    ] {
        let text = transcript(script);
        assert!(text.contains(expected), "{text}");
    }
}

/// What `ss` prints of one connection behind a word, such as `mss:`.
fn ss_says(text: &str, word: &str) -> Option<u64> {
    let number = text.split_whitespace().find_map(|part| part.strip_prefix(word))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[test]
fn tcps_account_agrees_with_ss() {
    let mut talk = Talk::start(&[]);
    for line in [LISTENS, CONNECTS, ACCEPTS, "send c \"hello\"\nrecv s 5\nsend s \"abc\"\n"].concat().lines()
    {
        talk.ask(line);
    }
    let shown = talk.ask("show c")["report"].clone();
    let local = shown["socket"]["local"].as_str().expect("an address");
    let Ok(output) = Command::new("ss").args(["-tinH", "src", local]).output() else {
        return println!("skipped: needs ss");
    };
    let text = String::from_utf8(output.stdout).expect("text");
    for (word, key) in [
        ("mss:", "segment"),
        ("cwnd:", "congestion_window"),
        ("bytes_sent:", "bytes_sent"),
        ("bytes_acked:", "bytes_acknowledged"),
        ("bytes_received:", "bytes_received"),
        ("rto:", "retransmit_after_us"),
    ] {
        // An older ss, or kernel, does not have all of them.
        let Some(theirs) = ss_says(&text, word) else { continue };
        let scale = if key.ends_with("_us") { 1000 } else { 1 };
        assert_eq!(shown["tcp_info"][key].as_u64().map(|ours| ours / scale), Some(theirs), "{key}\n{text}");
    }
    assert_eq!(ss_says(&text, "bytes_sent:").unwrap_or(5), 5, "{text}");
    let drops = Command::new("ss").args(["-tmnH", "src", local]).output().expect("there was one");
    let text = String::from_utf8(drops.stdout).expect("text");
    // skmem:(r0,rb131072,t0,tb2626560,...
    let limit = text.split("rb").nth(1).and_then(|rest| rest.split(',').next());
    assert_eq!(shown["memory"]["receive_limit"].to_string(), limit.expect("skmem"), "{text}");
}
