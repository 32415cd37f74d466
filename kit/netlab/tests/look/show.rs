//! `show`: a page for every situation.

use crate::support::{Talk, transcript};
use crate::{ACCEPTS, CONNECTS, LISTENS};

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
    // A port that connect gave is free again when it was refused; one that bind gave is kept.
    let nobody = "b = socket tcp\nbind b 127.0.0.1:0\nc = socket tcp\n!connect c b\n".to_owned();
    check(&[nobody.as_str()], "show c", &["CLOSED: no connection any more", "has taken it back"]);
    let bound = nobody.replace("c = socket tcp\n", "c = socket tcp\nbind c 127.0.0.1:0\n");
    check(&[bound.as_str()], "show c", &["CLOSED: it has a port", "the kernel chose the port\n"]);
    check(&[nobody.as_str(), "listen c\n"], "show c", &["LISTEN: "]);
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
