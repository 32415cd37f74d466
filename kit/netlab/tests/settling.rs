//! A line's outcome is taken when nothing moves by itself any more, also with much unread.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use std::process::{Child, Stdio};

/// Much unread, acknowledgements that are owed, a window that closes in small steps and by
/// its timer, and what was sent before a FIN. The long `recv-exact` takes all: whether the
/// last 35,000 bytes would fit into the buffers, so that the sender returns, depends on the
/// moment at which the window was advertised last, and that differs (in 2 of 20 runs).
const SCRIPT: &str = r#"
srv = socket tcp
setsockopt srv SO_RCVBUF 16384
bind srv 127.0.0.1:0
listen srv
c = socket tcp
setsockopt c SO_SNDBUF 16384
connect c srv
conn = accept srv
send conn "\(random:20K)"
shutdown conn WR
state
send c "\(random:9000)" MSG_DONTWAIT
send c "\(random:9000)" MSG_DONTWAIT
queues
send c "\(random:9000)" MSG_DONTWAIT
send c "\(random:9000)" MSG_DONTWAIT
queues
send c "\(random:1M)" &
queues
recv conn 1000
queues
recv-exact conn 1083576
recv-all c
close c
state
"#;

/// Runs the script so often at the same time: on any machine that is load enough for
/// threads to be late.
fn at_the_same_time(runs: usize) -> Vec<String> {
    let run = |_| {
        let mut netlab = std::process::Command::new(env!("CARGO_BIN_EXE_netlab"));
        netlab.arg("--keep-going").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        netlab.spawn().expect("netlab starts")
    };
    let mut runs: Vec<Child> = (0..runs).map(run).collect();
    for run in &mut runs {
        let mut input = run.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, SCRIPT.as_bytes()).expect("it reads");
    }
    let text = |run: Child| {
        let output = run.wait_with_output().expect("it ends");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    runs.into_iter().map(text).collect()
}

#[test]
fn the_same_text_every_time_under_load() {
    let texts = at_the_same_time(20);
    for text in &texts {
        let mut lines = text.lines().zip(texts[0].lines()).skip_while(|(one, other)| one == other);
        assert_eq!(lines.next(), None, "in\n{text}");
        assert_eq!(text.len(), texts[0].len());
    }
}

#[test]
fn a_fin_behind_much_that_is_unread_is_acknowledged_before_the_next_line() {
    let script = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\n\
                  send-all c \"\\(random:20K)\"\nshutdown c WR\n";
    let text = support::transcript(script);
    assert!(text.contains("ESTABLISHED -> FIN-WAIT-2"), "{text}");
    assert!(!text.contains("unacknowledged"), "{text}");
}
