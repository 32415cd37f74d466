//! A person at a terminal: a real one, as far as netlab can tell.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use nix::sys::signal::Signal;
use std::net::TcpStream;
use support::terminal::Terminal;
use tempfile::{TempDir, tempdir};

const UP: &str = "\x1b[A";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

fn home() -> TempDir {
    tempdir().expect("a folder")
}

/// A listening socket `srv`, and the port that the kernel chose for it.
fn listens(terminal: &mut Terminal) -> u16 {
    terminal.enters("srv = socket tcp", "= 3");
    let screen = terminal.enters("bind srv 127.0.0.1:0", "bind(3");
    terminal.enters("listen srv", "LISTEN");
    let (_, port) = screen.rsplit_once("CLOSED  127.0.0.1:").expect("shows the address");
    port.split_whitespace().next().and_then(|port| port.parse().ok()).expect("shows the port")
}

#[test]
fn a_session() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    listens(&mut terminal);

    // A blocked call says so; Ctrl-C ends it, and the session goes on.
    terminal.types("accept srv\r");
    terminal.awaits("accept(3, ..., [128]) is blocked");
    terminal.awaits("Ctrl-C interrupts it");
    terminal.types(CTRL_C);
    terminal.awaits("-1 EINTR (Interrupted system call)");
    terminal.enters("fds", "FD  NAME");

    // At the prompt it clears the line.
    terminal.types("close srv");
    terminal.awaits_prompt("close srv");
    terminal.types(CTRL_C);
    terminal.enters("state", "srv (3)  LISTEN");

    // Ctrl-D in a line that is not empty does not end the session; in an empty one it does.
    terminal.types("x");
    terminal.awaits_prompt("x");
    terminal.types(CTRL_D);
    terminal.types("\x7f");
    terminal.awaits_prompt("");
    terminal.types(CTRL_D);
    let (status, screen) = terminal.ends();
    assert!(status.success(), "{status}");
    assert!(screen.contains("closed srv (3)"), "says what it closed:\n{screen}");
}

#[test]
fn completion_and_hints() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    // `socketpair` starts alike.
    terminal.types("srv = soc\t ");
    terminal.awaits_prompt("srv = socket DOMAIN [TYPE] [PROTOCOL]   such as tcp");
    terminal.types("tcp ");
    terminal.awaits_prompt("srv = socket tcp [TYPE] [PROTOCOL]");
    terminal.types("\r");
    terminal.awaits("socket(AF_INET, SOCK_STREAM, 0) = 3");
    terminal.awaits_prompt("");
    // A socket that is there can be completed; one that is not, cannot.
    terminal.types("list\ts\t5");
    terminal.awaits_prompt("listen srv 5");
    terminal.types("\x15close srv\r");
    terminal.awaits("close(3) = 0");
    terminal.awaits_prompt("");
    terminal.types("listen s\tx");
    terminal.awaits_prompt("listen sx [BACKLOG]");
}

#[test]
fn news_of_a_job_stand_above_the_line_that_is_being_typed() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    let port = listens(&mut terminal);
    terminal.enters("s = accept srv &", "[1] accept(3, ..., [128]) is blocked");
    terminal.types("state s");
    terminal.awaits_prompt("state s");
    let client = TcpStream::connect(("127.0.0.1", port)).expect("srv listens");
    terminal.awaits("[16]) = 4");
    terminal.awaits_prompt("state s");
    terminal.types("\r");
    terminal.awaits("s (4)  ESTABLISHED");
    terminal.awaits_prompt("");
    assert_eq!(terminal.text().matches("[16]) = 4").count(), 1, "told once:\n{}", terminal.text());

    // So do news of a job that was cancelled by the end of a connection, much later.
    terminal.enters("recv s 5 &", "[2] recv(4, ..., 5, 0) is blocked");
    drop(client);
    terminal.awaits("[2] recv(4, \"\", 5, 0) = 0");
    terminal.awaits_prompt("");
}

#[test]
fn much_news_at_once_harms_nothing() {
    const JOBS: usize = 8;
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &["--no-color"], &[]);
    let port = listens(&mut terminal);
    for job in 1..=JOBS {
        terminal.enters("accept srv &", &format!("[{job}] accept(3, ..., [128]) is blocked"));
    }
    let clients: Vec<TcpStream> =
        (0..JOBS).map(|_| TcpStream::connect(("127.0.0.1", port)).expect("srv listens")).collect();
    // Typed while the news come; what is entered before them tells them itself.
    terminal.types("fds\rstate");
    terminal.awaits_prompt("state [S]");
    let told = |terminal: &Terminal| {
        let written = String::from_utf8_lossy(&terminal.written).into_owned();
        let returned = |job| written.matches(&format!("[{job}] accept(3, {{AF_INET")).count();
        (1..=JOBS).map(returned).collect::<Vec<_>>()
    };
    terminal.until("the end of every job", |terminal| told(terminal).iter().all(|count| *count > 0));
    terminal.awaits_prompt("state [S]");
    terminal.types("\r");
    terminal.awaits("srv (3)  LISTEN");
    terminal.awaits_prompt("");
    assert_eq!(told(&terminal), [1; JOBS], "each once:\n{}", terminal.text());
    drop(clients);
}

#[test]
fn a_paste_runs_line_by_line_and_ctrl_c_ends_it() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    listens(&mut terminal);
    terminal.types("\x1b[200~c = socket tcp\nxyzzy\nd = socket udp\n\x1b[201~\r");
    terminal.awaits("> d = socket udp");
    terminal.awaits_prompt("");
    let screen = terminal.text();
    for expected in ["SOCK_STREAM, 0) = 4", "there is no verb `xyzzy`", "SOCK_DGRAM, 0) = 5"] {
        assert!(screen.contains(expected), "{expected}:\n{screen}");
    }
    terminal.types("\x1b[200~accept srv\nclose c\n\x1b[201~\r");
    terminal.awaits("Ctrl-C interrupts it");
    terminal.types(CTRL_C);
    terminal.awaits("not run");
    terminal.enters("fds", "c     TCP socket");
}

#[test]
fn lines_typed_ahead_are_not_lost() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.types("a = socket tcp\rb = socket tcp\rc = socket tcp\rd = socket udp\r");
    terminal.awaits("= 6");
    terminal.awaits_prompt("");
    for fd in 3..=6 {
        assert!(terminal.text().contains(&format!("0) = {fd}")), "{}", terminal.text());
    }
}

#[test]
fn history_outlives_the_session() {
    let home = home();
    let mut first = Terminal::start(120, home.path(), &[], &[]);
    first.enters("c = socket tcp", "= 3");
    first.types("quit\r");
    assert!(first.ends().0.success());
    let mut second = Terminal::start(120, home.path(), &[], &[]);
    second.awaits_prompt("");
    second.types(UP);
    second.awaits_prompt("quit");
    second.types(UP);
    second.awaits_prompt("c = socket tcp [TYPE] [PROTOCOL]");
}

#[test]
fn a_history_that_cannot_be_written_is_no_obstacle() {
    let home = home();
    std::fs::write(home.path().join("netlab"), "in the way").expect("a file");
    let mut terminal = Terminal::start(200, home.path(), &[], &[]);
    terminal.enters("a = socket tcp", "= 3");
    let screen = terminal.enters("b = socket tcp", "= 4");
    assert_eq!(screen.matches("lines are not kept").count(), 1, "said once:\n{screen}");
}

#[test]
fn colours_are_there_unless_they_are_not_wanted() {
    let home = home();
    let green = |terminal: &Terminal| terminal.written.windows(3).any(|bytes| bytes == b"32m");
    for (arguments, variables, coloured) in [
        (&[][..], &[][..], true),
        (&["--no-color"][..], &[][..], false),
        (&[][..], &[("NO_COLOR", "1")][..], false),
    ] {
        let mut terminal = Terminal::start(120, home.path(), arguments, variables);
        terminal.enters("c = socket tcp", "= 3");
        assert_eq!(green(&terminal), coloured, "{arguments:?} {variables:?}");
    }
}

#[test]
fn a_narrow_terminal_breaks_lines_between_words() {
    let home = home();
    let mut terminal = Terminal::start(60, home.path(), &[], &[]);
    listens(&mut terminal);
    let screen = terminal.enters("accept srv &", "`cancel 1` interrupts it");
    for row in screen.lines() {
        // The emulator joins rows that the terminal itself has broken.
        assert!(row.chars().count() <= 60, "{row}");
    }
    assert!(screen.contains("system call accept") || screen.contains("system\n"), "{screen}");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_will_do() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[("TERM", "dumb")]);
    let port = listens(&mut terminal);
    terminal.enters("s = accept srv &", "is blocked");
    let _client = TcpStream::connect(("127.0.0.1", port)).expect("srv listens");
    terminal.awaits("[16]) = 4");
    assert!(!terminal.written.contains(&b'\x1b'), "no codes:\n{}", terminal.text());
    terminal.types(CTRL_D);
    assert!(terminal.ends().0.success());
}

#[test]
fn a_request_to_end_leaves_the_terminal_as_it_was() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.until("the line editor", |terminal| !terminal.collects_lines());
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.ends().0.code(), Some(128 + Signal::SIGTERM as i32));
    assert!(terminal.collects_lines());
}
