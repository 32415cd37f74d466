//! What `show`, `netstat` and `watch` tell of sockets, in scripts, against the system's own
//! tools, and at a terminal.

#![allow(clippy::expect_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::process::Command;
use support::terminal::Terminal;
use support::{Talk, netlab, transcript};
use tempfile::tempdir;

const CTRL_C: &str = "\x03";

const LISTENS: &str = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 1\n";
const CONNECTS: &str = "c = socket tcp\nconnect c srv\n";
const ACCEPTS: &str = "s = accept srv\n";

/// The page of the last line, which is a `show`.
fn page(before: &[&str], show: &str) -> String {
    let text = transcript(&format!("{}{show}\n", before.concat()));
    text.rsplit_once("> show").expect("was shown").1.to_owned()
}

/// Fails unless these stand on the page, in this order.
fn check(before: &[&str], show: &str, expected: &[&str]) {
    let page = page(before, show);
    let mut rest = page.as_str();
    for part in expected {
        let at = rest.find(part);
        rest =
            &rest[at.unwrap_or_else(|| panic!("{part:?} is missing, or too early:\n{page}")) + part.len()..];
    }
}

/// What is in the way of a connect that waits; and listen may be called again.
#[test]
fn a_full_accept_queue() {
    let full = &["srv = socket tcp\nlisten srv 0\n", CONNECTS, "d = socket tcp\nconnect d srv &\n"];
    check(full, "show srv", &["1 of 0: full"]);
    check(full, "show d", &["SYN-SENT", "send           the SYN, which is not acknowledged"]);
    let text = transcript(&format!("{LISTENS}listen srv 3\n"));
    assert!(text.contains("accept queue 0 of 1 -> 0 of 3"), "{text}");
}

#[test]
fn a_page_for_every_situation() {
    check(
        &["c = socket tcp\n"],
        "show c",
        &["TCP socket of IPv4", "made by        line 1", "no port yet", "bind c"],
    );
    check(
        &["c = socket tcp\nbind c 127.0.0.1:0\n"],
        "show c",
        &["neither listens nor connects", "<c>; the kernel chose", "listen c"],
    );
    check(
        &[LISTENS],
        "show srv",
        &["LISTEN", "0 of 1: no connection waits", "blocks until someone connects"],
    );
    check(
        &[LISTENS, CONNECTS, "d = socket tcp\nconnect d srv\nsend c \"hello\"\n"],
        "show srv",
        &[
            "2 of 1: full",
            "from 127.0.0.1:<c>, ESTABLISHED, 5 bytes waiting",
            "from 127.0.0.1:<d>, ESTABLISHED\n",
            "accept srv  fetches",
        ],
    );
    let connected = [LISTENS, CONNECTS, ACCEPTS, "send c \"hello\"\n"];
    check(
        &connected,
        "show s",
        &[
            "line 6: s = accept srv",
            "ESTABLISHED",
            "c (4), ESTABLISHED",
            "5 bytes came",
            "sending        open",
            "receiving      open",
            "received       5 bytes\n",
            "takes what has come",
            "by RST",
        ],
    );
    let half = [&connected[..], &["shutdown c\n"]].concat();
    check(
        &half,
        "show s",
        &[
            "CLOSE-WAIT",
            "FIN-WAIT-2",
            "5 bytes came",
            "the other end's FIN",
            "ended by the other end",
            "received       5 bytes and a FIN",
        ],
    );
    check(
        &half,
        "show c",
        &[
            "FIN-WAIT-2",
            "ended by this end; its FIN is acknowledged",
            "receiving      open",
            "sent           5 bytes; 7 acknowledged (SYN and FIN",
        ],
    );
    let over = [&half[..], &["recv s 100\nshutdown s\nclose c\n"]].concat();
    check(
        &over,
        "show c",
        &["none: closed by line 11, `close c`", "TIME-WAIT", "timer          ends\n", "watch c 60s"],
    );
    check(&over, "show s", &["CLOSED: no connection any more", "close s"]);
    let shut = [&connected[..3], &["shutdown s SHUT_RD\n"]].concat();
    check(&shut, "show s", &["receiving      shut by this end"]);
    check(
        &["c = socket tcp\nsetsockopt c SO_REUSEADDR 1\nsetsockopt c SO_RCVTIMEO 2s\n"],
        "show c",
        &["options that were changed", "SO_RCVTIMEO    2 s; new: 0: no limit", "SO_REUSEADDR   on; new: off"],
    );
    assert!(!page(&connected, "show c").contains("options"), "only what was changed is told");
    check(&["u = socket udp\n"], "show u", &["no port yet", "no datagram waits", "bind u"]);
    let datagrams = "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\nsend v \"\"\n";
    check(
        &[datagrams],
        "show u",
        &["a datagram of 0 bytes is the next one", "recvfrom u 2048", "takes the next datagram"],
    );
    check(&[datagrams, "recv u 1\nsend v \"abc\"\n"], "show u", &["a datagram of 3 bytes"]);
    check(&[datagrams], "show v", &["connected: it has a fixed peer", "recv v 2048", "blocks"]);
}

#[test]
fn a_page_is_the_same_on_every_run() {
    let script =
        [LISTENS, CONNECTS, ACCEPTS, "send-all c \"\\(random:5K)\"\nshutdown c\nrecv s 10\n"].concat();
    let script =
        format!("{script}show c\nshow s\nshow c raw\nshow s raw\nshow srv raw\nshow\nnetstat\nstate\n");
    let first = transcript(&script);
    for _ in 0..3 {
        let again = transcript(&script);
        let differs = first.lines().zip(again.lines()).find(|(one, other)| one != other);
        assert_eq!(differs, None);
        assert_eq!(again.len(), first.len());
    }
    assert!(first.contains("over 4K bytes came"), "{first}");
}

/// Every line that a page offers runs in that situation, and blocks where it says so.
#[test]
fn what_may_come_next_can_come_next() {
    let connected = [LISTENS, CONNECTS, ACCEPTS].concat();
    let half = format!("{connected}send c \"x\"\nshutdown c\n");
    let over = format!("{half}shutdown s\n");
    let mut run = 0;
    for (script, name) in [
        ("x = socket tcp\n", "x"),
        ("x = socket tcp\nbind x 127.0.0.1:0\n", "x"),
        (LISTENS, "srv"),
        (&[LISTENS, CONNECTS].concat(), "srv"),
        (&connected, "c"),
        (&half, "s"),
        (&half, "c"),
        (&format!("{half}recv s 9\n"), "s"),
        (&over, "s"),
        (&over, "c"),
        (&format!("{over}close c\n"), "c"),
        ("u = socket udp\n", "u"),
        ("u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\nsend v \"x\"\n", "u"),
        ("u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\n", "v"),
    ] {
        let mut talk = Talk::start(&[]);
        script.lines().for_each(|line| {
            talk.ask(line);
        });
        let offered = talk.ask(&format!("show {name}"))["report"]["next"].clone();
        let offered = offered.as_array().expect("a list");
        assert!(!offered.is_empty(), "{script}");
        for next in offered {
            let text = |key: &str| next[key].as_str().expect("text");
            let (line, why) = (text("line"), text("why"));
            if why.contains("if someone listens there") {
                continue;
            }
            run += 1;
            let mut talk = Talk::start(&[]);
            script.lines().for_each(|line| {
                talk.ask(line);
            });
            let blocks = why.starts_with("blocks");
            let line = line.replace("60s", "20ms");
            let answer = talk.ask(&if blocks { format!("{line} &") } else { line.clone() });
            let state = &answer["jobs"][0]["state"];
            assert_eq!(state == "blocked", blocks, "{line}: {why}\n{answer:#}");
        }
    }
    assert!(run > 30, "{run} lines were offered");
}

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
    assert_eq!(field("rx_queue"), Some("1 connections that wait for accept".into()));
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

/// The rows of a table, of what stands on loopback: protocol, queues, addresses, state.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = text
        .lines()
        .map(|line| line.split_whitespace().take(6).map(|word| word.replace(":::*", "[::]:*")).collect())
        .filter(|row: &Vec<String>| row.len() > 4 && (row[0].starts_with("tcp") || row[0].starts_with("udp")))
        .map(|mut row: Vec<String>| {
            // The limit of an accept queue, where the system's netstat has 0.
            if row.get(5).is_some_and(|state| state == "LISTEN") {
                row[2] = "0".into();
            }
            // Of UDP there may be no state: then the sixth word is something else.
            if row[0].starts_with("udp") {
                row.truncate(5);
            }
            row
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn netstat_agrees_with_the_systems_own() {
    let Ok(version) = Command::new("netstat").arg("--version").output() else {
        return println!("skipped: needs netstat");
    };
    assert!(!version.stdout.is_empty());
    let home = tempdir().expect("a folder");
    let mut terminal = Terminal::start(160, home.path(), &["--no-color"], &[]);
    terminal.enters("srv = socket tcp", "= 3");
    for (line, result) in [
        ("bind srv 127.0.0.1:0", "bind(3"),
        ("listen srv", "LISTEN"),
        ("a = socket tcp", "= 4"),
        ("connect a srv", "not accepted yet"),
        ("sa = accept srv", "accepted"),
        ("b = socket tcp", "= 6"),
        ("connect b srv", "not accepted yet"),
        ("send b \"hello\"", "5 bytes"),
        ("shutdown a", "FIN-WAIT-2"),
        ("close sa", "TIME-WAIT"),
        ("close a", "no descriptor"),
        ("u = socket udp", "UDP"),
        ("bind u 127.0.0.1:0", "bind(4"),
    ] {
        terminal.enters(line, result);
    }
    let screen = terminal.enters("netstat", "Foreign Address");
    let table = screen.rsplit_once("> netstat\n").map(|(_, table)| table);
    let ours = rows(table.unwrap_or_else(|| panic!("no line of netstat:\n{screen}")));
    assert_eq!(ours.len(), 5, "listener, queued and its client, TIME-WAIT, UDP:\n{screen}");
    let output = Command::new("netstat").args(["-tuan"]).output().expect("it is there");
    let theirs = rows(&String::from_utf8(output.stdout).expect("text"));
    for row in &ours {
        assert!(theirs.contains(row), "{row:?} is not among\n{theirs:#?}");
    }
    // TIME-WAIT has its seconds, and the words behind the command choose.
    assert!(screen.contains("ends in 60 s") || screen.contains("ends in 59 s"), "{screen}");
    terminal.types("netstat -a LISTEN\r");
    terminal.until("the second table", |terminal| terminal.text().matches("Foreign Address").count() == 2);
    terminal.awaits_prompt("");
    let screen = terminal.text();
    let table = screen.rsplit_once("> netstat -a LISTEN\n").expect("the table").1;
    assert!(rows(table).iter().all(|row| row[5] == "LISTEN") && !rows(table).is_empty(), "{screen}");
}

#[test]
fn netstat_chooses() {
    let script = [LISTENS, CONNECTS, "u = socket udp\nbind u 127.0.0.1:0\n"].concat();
    for (which, expected) in [("", 4), ("udp", 1), ("LISTEN", 1), ("tcp ESTABLISHED", 2), ("TIME-WAIT", 0)] {
        let text = transcript(&format!("{script}netstat {which}\n"));
        let table = text.rsplit_once("> netstat").expect("was run").1;
        assert_eq!(rows(table).len(), expected, "{which}:\n{table}");
    }
    netlab().write_stdin("netstat xyzzy\n").assert().code(1);
}

#[test]
fn watch_tells_changes_as_they_come() {
    let home = tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut terminal = Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters(&format!("connect c {}", listener.local_addr().expect("an address")), "ESTABLISHED");
    let (mut peer, _) = listener.accept().expect("a connection");
    terminal.types("watch c\r");
    terminal.awaits("0.000 s  c (3)");
    // Each is awaited while watch still runs.
    peer.write_all(b"abc").expect("is sent");
    terminal.awaits("receive queue 0 -> 3 bytes");
    peer.shutdown(std::net::Shutdown::Write).expect("is shut");
    terminal.awaits("ESTABLISHED -> CLOSE-WAIT");
    terminal.types(CTRL_C);
    terminal.awaits("what came and went between two looks was not seen");
    terminal.awaits_prompt("");
    let screen = terminal.enters("fds", "FD  NAME");
    assert_eq!(screen.matches("ESTABLISHED -> CLOSE-WAIT").count(), 1, "told once:\n{screen}");
    assert!(!screen.contains("error"), "Ctrl-C ends watch as it should:\n{screen}");
}

#[test]
fn watch_ends_when_nothing_is_left_to_watch() {
    let home = tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut terminal = Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters(&format!("connect c {}", listener.local_addr().expect("an address")), "ESTABLISHED");
    let (peer, _) = listener.accept().expect("a connection");
    terminal.enters("send c \"hello\"", "= 5");
    terminal.enters("close c", "no descriptor any more");
    // What was closed can be watched and shown by the name that it had.
    terminal.enters("show c", "gives up waiting for the other end's FIN in");
    terminal.types("watch c\r");
    terminal.awaits("0.000 s  c, closed");
    // With bytes that were not received, the end of the peer is an RST.
    drop(peer);
    terminal.awaits("gone: the kernel keeps nothing of it any more");
    terminal.awaits_prompt("");
    let screen = terminal.enters("show c", "error: `c` was closed");
    assert!(screen.contains("FIN-WAIT-2 -> gone"), "{screen}");
}

#[test]
fn watch_in_the_background_tells_above_the_line_that_is_being_typed() {
    let home = tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut terminal = Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters(&format!("connect c {}", listener.local_addr().expect("an address")), "ESTABLISHED");
    let (mut peer, _) = listener.accept().expect("a connection");
    terminal.enters("watch c &", "`watch` alone ends that");
    terminal.types("state c");
    terminal.awaits_prompt("state c");
    peer.write_all(b"abc").expect("is sent");
    terminal.awaits("receive queue 0 -> 3 bytes");
    terminal.awaits_prompt("state c");
    terminal.types("\r");
    terminal.awaits("<->");
    terminal.enters("watch", "nothing is watched any more");
    // Now the next line tells it, as ever.
    peer.write_all(b"d").expect("is sent");
    let screen = terminal.enters("fds", "receive queue 3 -> 4 bytes");
    assert_eq!(screen.matches("receive queue 0 -> 3 bytes").count(), 1, "told once:\n{screen}");
    assert!(screen.contains("meanwhile:"), "{screen}");
}

#[test]
fn a_listener_that_a_blocked_accept_holds_is_not_gone_when_it_is_closed() {
    let text =
        transcript("srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\naccept srv &\nclose srv\ncancel 1\n");
    assert!(text.contains("LISTEN  127.0.0.1:<srv>  no descriptor any more"), "{text}");
    let (before, after) = text.split_once("> cancel 1").expect("the line is echoed");
    assert!(!before.contains("gone") && after.contains("LISTEN -> gone"), "{text}");
}
