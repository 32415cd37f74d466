//! The scripts of the eleven states of TCP: each brings a socket into its state and holds it there.
//! While the session stands at the script's end, the tool says so, and the system's `ss`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a failed expectation is the report")]

mod support;

use netkit::kernel::state::TcpState;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Talk, netlab, transcript};

/// Script, socket, and what `ss` calls its state.
const STATES: [(&str, &str, &str); 12] = [
    ("closed", "srv", "nothing"),
    ("listen", "srv", "LISTEN"),
    ("syn-sent", "c", "SYN-SENT"),
    ("syn-received", "in srv's SYN queue", "SYN-RECV"),
    ("established", "c", "ESTAB"),
    ("established", "conn", "ESTAB"),
    ("fin-wait-1", "c", "FIN-WAIT-1"),
    ("fin-wait-2", "c", "FIN-WAIT-2"),
    ("close-wait", "conn", "CLOSE-WAIT"),
    ("closing", "conn", "CLOSING"),
    ("last-ack", "conn", "LAST-ACK"),
    ("time-wait", "c", "TIME-WAIT"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/states")
}

fn script(name: &str) -> String {
    folder().join(format!("{name}.netlab")).display().to_string()
}

/// A session that has run a script and stands at its end, and the sockets that it sees then.
fn stand(name: &str) -> (Talk, Vec<Value>) {
    let mut talk = Talk::start(&[]);
    talk.say(&format!("source {}", script(name)));
    talk.say("state");
    loop {
        let answer = talk.hear();
        assert_eq!(answer["ok"], true, "{name}: {answer:#}");
        if answer["input"] == "state" {
            let sockets = answer["report"]["sockets"].as_array().expect("a list").clone();
            return (talk, sockets);
        }
    }
}

/// What `ss` calls the state of a socket; `None` without an `ss`.
fn state_by_ss(local: &str, remote: &str) -> Option<String> {
    let output = Command::new("ss").arg("-tanH").output().ok()?;
    let text = String::from_utf8(output.stdout).expect("ss writes text");
    let state = text.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.get(3..5) == Some(&[local, remote]))
            .then(|| words.first().copied().unwrap_or_default().to_owned())
    });
    Some(state.unwrap_or_else(|| "nothing".into()))
}

#[test]
fn each_script_holds_its_state() {
    for (name, label, by_ss) in STATES {
        let (talk, sockets) = stand(name);
        let socket = sockets.iter().find(|socket| socket["label"] == label).expect("the script's socket");
        assert_eq!(socket["state"], name.to_uppercase(), "{name}: {sockets:#?}");
        let local = socket["local"].as_str().expect("has an address");
        match state_by_ss(local, socket["remote"].as_str().unwrap_or("0.0.0.0:*")) {
            None => println!("skipped: needs ss"),
            Some(state) => assert_eq!(state, by_ss, "{name}: {local}"),
        }
        drop(talk);
    }
}

#[test]
fn each_state_has_its_script_and_its_place_in_the_chapter() {
    let chapter = folder().join("../states.md");
    let chapter = std::fs::read_to_string(chapter).expect("the chapter of the states");
    for state in TcpState::ALL {
        let name = state.name().to_lowercase();
        assert!(STATES.iter().any(|(script, ..)| *script == name), "{name}");
        assert!(chapter.contains(&format!("(states/{name}.netlab)")), "the chapter does not link to {name}");
        netlab().arg(script(&name)).assert().success();
    }
}

/// The lines that `explain` gives to see a state, typed as they stand.
#[test]
fn what_explain_tells_to_type_leads_into_the_state() {
    for state in TcpState::ALL {
        let name = state.name();
        let told = transcript(&format!("explain {name}\n"));
        let (_, lines) = told.split_once("To see it, in a new session:\n").expect("there are such lines");
        // They stand further in than what else there is to say of the word.
        let lines: Vec<&str> = lines.lines().map_while(|line| line.strip_prefix("    ")).collect();
        assert!(!lines.is_empty(), "{told}");
        let mut talk = Talk::start(&[]);
        for line in &lines {
            talk.ask(line);
        }
        let sockets = talk.ask("state")["report"]["sockets"].clone();
        let sockets = sockets.as_array().expect("a list");
        assert!(sockets.iter().any(|socket| socket["state"] == name), "{name}, {lines:?}: {sockets:#?}");
    }
}

/// recv returns 0 for several reasons, and only one of them is the other end's FIN.
#[test]
fn a_recv_of_nothing_is_told_by_what_was_seen() {
    let pair = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n";
    for (lines, said) in [
        ("shutdown c WR\nrecv conn 1", "The other end has ended its side"),
        ("shutdown conn RD\nrecv conn 1", "this end has shut its receiving side"),
        ("setsockopt c SO_LINGER 0\nclose c\n! recv conn 1\nrecv conn 1", "this connection is over"),
    ] {
        let text = transcript(&format!("{pair}{lines}\n"));
        let note = text.lines().rfind(|line| line.contains("0 bytes: ")).unwrap_or_default();
        assert!(note.contains(said), "{lines}: {text}");
    }
}

/// What the kernel keeps of a closed socket has an address, which its name still stands for.
#[test]
fn what_is_left_of_a_socket_can_be_named_as_an_address() {
    let lines = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\n\
                 conn = accept srv\nclose conn\nclose c\nclose srv\nagain = socket tcp\n! bind again conn\n";
    let text = transcript(lines);
    assert!(text.contains("bind(3, {AF_INET, 127.0.0.1:<srv>}, 16) = -1 EADDRINUSE"), "{text}");
}

/// The kernel's SIOCOUTQ says 0 there.
#[test]
fn a_syn_that_is_not_acknowledged_is_told() {
    let script = std::fs::read_to_string(script("syn-sent")).expect("a script");
    let text = transcript(&format!("{script}show c\n"));
    assert!(text.contains("the SYN, which is not acknowledged"), "{text}");
    assert!(!text.contains("has acknowledged everything"), "{text}");
}
