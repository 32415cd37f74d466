//! What the prompt does for the person who types: each as it is seen at a terminal.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use support::terminal::Terminal;
use tempfile::{TempDir, tempdir};
use vt100::Color;

const UP: &str = "\x1b[A";
const LEFT: &str = "\x1b[D";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const CTRL_R: &str = "\x12";
const CTRL_U: &str = "\x15";
const CTRL_Z: &str = "\x1a";
const CTRL_G: &str = "\x07";

fn home() -> TempDir {
    tempdir().expect("a folder")
}

/// A listening socket `srv`, and the port that the kernel chose for it.
fn listens(terminal: &mut Terminal) -> u16 {
    terminal.enters("srv = socket tcp", "= 3");
    terminal.enters("bind srv 127.0.0.1:0", "bind(3");
    let screen = terminal.enters("listen srv", "LISTEN");
    let (_, port) = screen.rsplit_once("LISTEN  127.0.0.1:").expect("shows the address");
    port.split_whitespace().next().and_then(|port| port.parse().ok()).expect("shows the port")
}

#[test]
fn only_what_fits_is_completed() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    listens(&mut terminal);
    terminal.enters("c = socket tcp", "= 4");
    // One socket listens, one can be connected: a key is enough for each.
    terminal.types("accept \t");
    terminal.awaits_prompt("accept srv");
    terminal.types(CTRL_U);
    terminal.types("connect \t\t");
    terminal.awaits_prompt("connect c srv");
    terminal.types("\r");
    terminal.awaits("= 0");
    terminal.awaits_prompt("");
    terminal.types("shutdown \t\t");
    // Two fit: they are listed with what they are.
    terminal.awaits("srv  TCP LISTEN 127.0.0.1:");
    terminal.awaits("c    TCP ESTABLISHED 127.0.0.1:");
}

#[test]
fn a_hint_says_what_comes_next_and_what_fits() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.types("accept ");
    terminal.awaits_prompt("accept S   a socket that listens; there is none");
    terminal.types(CTRL_U);
    listens(&mut terminal);
    terminal.types("accept ");
    terminal.awaits_prompt("accept S   a socket that listens, such as srv");
}

#[test]
fn files_with_spaces_are_completed_in_quotes() {
    let home = home();
    let file = home.path().join("my lesson.netlab");
    std::fs::write(&file, "c = socket tcp\n").expect("a file");
    let mut terminal = Terminal::start(200, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.types(&format!("source {}/my\t\r", home.path().display()));
    terminal.awaits("SOCK_STREAM, 0) = 3");
}

#[test]
fn what_is_typed_has_colours() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.types("conect ");
    terminal.awaits_prompt("conect");
    assert_eq!(terminal.colour("conect"), Color::Idx(1), "an unknown verb is red");
    terminal.types(CTRL_U);
    terminal.types("close c");
    terminal.awaits_prompt("close c");
    assert_eq!(terminal.colour("close"), Color::Default);
    assert_eq!(terminal.colour("c"), Color::Idx(6), "a socket that is there");
    terminal.types(CTRL_U);
    terminal.types("send c \"x\"");
    terminal.awaits_prompt("send c \"x\" [FLAGS]");
    assert_eq!(terminal.colour("\"x\""), Color::Idx(3), "a string");
    let mut plain = Terminal::start(120, home.path(), &[], &[("NO_COLOR", "1")]);
    plain.awaits_prompt("");
    plain.types("conect ");
    plain.awaits_prompt("conect");
    assert_eq!(plain.colour("conect"), Color::Default);
}

#[test]
fn ctrl_c_leaves_what_was_typed_without_its_hint() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.types("connect c");
    terminal.awaits_prompt("connect c ADDRESS");
    terminal.types(CTRL_C);
    terminal.awaits("> connect c^C\nnetlab ");
    // So it does from within the line, and from a search.
    terminal.types("close x");
    terminal.types(&LEFT.repeat(4));
    terminal.types(CTRL_C);
    terminal.awaits("> close x^C\nnetlab ");
    terminal.enters("fds", "FD  NAME");
    terminal.types(CTRL_R);
    terminal.types("fd");
    terminal.awaits("(reverse-i-search)`fd': fds");
    terminal.types(CTRL_C);
    terminal.awaits("> fds^C\nnetlab ");
    terminal.enters("state", "no sockets");
}

#[test]
fn a_blocked_call_goes_to_the_background_and_comes_back() {
    let home = home();
    let mut terminal = Terminal::start(120, home.path(), &[], &[]);
    let port = listens(&mut terminal);
    terminal.types("s = accept srv\r");
    terminal.awaits("Ctrl-Z lets it go on in the background");
    terminal.types(CTRL_Z);
    terminal.awaits("[1] accept(3, ..., [128]) goes on in the background");
    terminal.enters("jobs", "[1] s = accept srv  blocked");
    // Back, away again, and back to be interrupted.
    terminal.types("fg\r");
    terminal.until("blocked again", |terminal| terminal.text().matches("Ctrl-C interrupts it").count() == 2);
    terminal.types(CTRL_Z);
    terminal.awaits("it goes on in the background");
    terminal.enters("jobs", "[1] s = accept srv  blocked");
    terminal.types("fg 1\r");
    terminal.until("blocked again", |terminal| terminal.text().matches("Ctrl-C interrupts it").count() == 3);
    let _client = TcpStream::connect(("127.0.0.1", port)).expect("srv listens");
    terminal.awaits(") = 4  [");
    terminal.awaits_prompt("");
    terminal.types("recv s 5\r");
    terminal.until("blocked", |terminal| terminal.text().matches("Ctrl-C interrupts it").count() == 4);
    terminal.types(CTRL_Z);
    terminal.awaits("[2] recv(4, ..., 5, 0) goes on in the background");
    terminal.types("fg\r");
    terminal.until("blocked again", |terminal| terminal.text().matches("Ctrl-C interrupts it").count() == 5);
    terminal.types(CTRL_C);
    terminal.awaits("[2] recv(4, ..., 5, 0) = -1 EINTR");
    terminal.enters("jobs", "no jobs");
    terminal.enters("fg", "there is no job to bring back");
    // What is saved comes to the same, without anyone who presses keys.
    let script = home.path().join("script");
    terminal.types(&format!("save {}\r", script.display()));
    terminal.until("the file", |_| script.exists());
    let saved = std::fs::read_to_string(&script).expect("it was saved");
    let lines: Vec<&str> = saved.lines().skip_while(|line| !line.starts_with("s =")).collect();
    assert_eq!(lines[..2], ["s = accept srv &", "jobs"], "{saved}");
    for expected in ["wait 1\n", "recv s 5 &\n", "cancel 2\n"] {
        assert!(saved.contains(expected), "{expected}{saved}");
    }
    assert!(!saved.contains("\nfg"), "{saved}");
}

#[test]
fn ctrl_z_at_the_prompt_gives_the_shell_back() {
    let home = home();
    let mut terminal = Terminal::shell(100, home.path());
    terminal.awaits("$ ");
    terminal.types("netlab\r");
    listens(&mut terminal);
    // What is typed is there again, and so is the place of the cursor.
    terminal.types("close srx");
    terminal.types(LEFT);
    terminal.types(CTRL_Z);
    terminal.awaits("Stopped");
    terminal.until("the shell's prompt", |terminal| terminal.row() == "$");
    terminal.types("stty -a | grep -o ' -icanon'; echo \"shell $((40+2))\"\r");
    terminal.awaits("shell 42");
    terminal.types("fg\r");
    terminal.awaits_prompt("close srx");
    terminal.types("v\x1b[3~\r");
    terminal.awaits("close(3) = 0");
    terminal.awaits_prompt("");
    // While a call blocks, the key is for the call.
    listens(&mut terminal);
    terminal.types("accept srv\r");
    terminal.awaits("Ctrl-Z lets it go on");
    terminal.types(CTRL_Z);
    terminal.awaits("[1] accept(3, ..., [128]) goes on in the background");
    terminal.awaits_prompt("");
    assert_eq!(terminal.text().matches("Stopped").count(), 1, "{}", terminal.text());
    // Once more at the prompt; the job lives on meanwhile.
    terminal.types(CTRL_Z);
    terminal.until("stopped", |terminal| terminal.text().matches("Stopped").count() == 2);
    terminal.types("fg\r");
    terminal.enters("jobs", "[1] accept srv  blocked");
}

#[test]
fn without_a_shell_to_come_back_from_ctrl_z_is_harmless() {
    let home = home();
    let mut terminal = Terminal::start(100, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.types("fd");
    terminal.types(CTRL_Z);
    terminal.awaits("> fd^Z");
    terminal.awaits_prompt("fd");
    terminal.types("s\r");
    terminal.awaits("FD  NAME");
}

#[test]
fn leaving_is_warned_of_while_something_goes_on() {
    let home = home();
    let mut terminal = Terminal::start(100, home.path(), &[], &[]);
    listens(&mut terminal);
    terminal.enters("accept srv &", "`cancel 1` interrupts it");
    terminal.enters("p = start cat", "p started");
    terminal.types(CTRL_D);
    terminal.awaits("still going on: job 1 (accept srv &); program p");
    // Another line, and it is asked again.
    terminal.enters("fds", "FD  NAME");
    terminal.types("quit\r");
    terminal.until("asked again", |terminal| terminal.text().matches("still going on").count() == 2);
    terminal.awaits_prompt("");
    terminal.types(CTRL_D);
    let (status, screen) = terminal.ends();
    assert!(status.success());
    assert!(screen.contains("closed srv (3); cut short: job 1 (accept srv &); ended p"), "{screen}");
}

#[test]
fn a_transcript_can_be_pasted_as_it_is() {
    let home = home();
    let mut terminal = Terminal::start(100, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.types(
        "\x1b[200~> c = socket tcp\n  socket(AF_INET, SOCK_STREAM, 0) = 3\n> d = socket udp\n\x1b[201~\r",
    );
    terminal.awaits("1 line without a prompt was taken for output");
    terminal.awaits_prompt("");
    terminal.enters("fds", "d     UDP socket");
    // A terminal that does not tell a paste from typing.
    terminal.types("netlab 7> e = socket tcp\r  socket(AF_INET, SOCK_STREAM, 0) = 5\rnetlab 8> close e\r");
    terminal.awaits("taken for output, and not run");
    terminal.awaits("close(5) = 0");
    assert!(!terminal.text().contains("error"), "{}", terminal.text());
}

#[test]
fn news_above_a_line_of_several_rows_leave_it_as_it_is() {
    let home = home();
    let mut terminal = Terminal::start(40, home.path(), &[], &[]);
    terminal.enters("srv = socket tcp", "= 3");
    let screen = terminal.enters("bind srv 127.0.0.1:0", "bind(3");
    let (_, port) = screen.rsplit_once("CLOSED  127.0.0.1:").expect("shows the address");
    let port: u16 = port.split_whitespace().next().and_then(|port| port.parse().ok()).expect("a port");
    terminal.enters("listen srv", "LISTEN");
    terminal.enters("s = accept srv &", "interrupts it");
    // Two rows, with wide characters, and the cursor in the middle.
    let line = "# é 中文 and so on, until the line has two rows";
    terminal.types(line);
    terminal.types(&LEFT.repeat(30));
    terminal.until("the line", |terminal| terminal.text().contains("two rows"));
    let client = TcpStream::connect(("127.0.0.1", port)).expect("srv listens");
    terminal.awaits(") = 4  [");
    terminal.until("the line again", |terminal| terminal.text().trim_end().ends_with("has two rows"));
    assert_eq!(terminal.text().matches("> # é 中文").count(), 1, "{}", terminal.text());
    terminal.types("X");
    terminal.until("typed in the middle", |terminal| {
        terminal.text().contains("soX on") || terminal.text().contains('X')
    });
    terminal.types(CTRL_C);
    terminal.awaits_prompt("");
    // While one searches, they wait until the search is over.
    terminal.enters("recv s 5 &", "`cancel 2`");
    terminal.types(CTRL_R);
    terminal.types("bind");
    terminal.awaits("(reverse-i-search)`bind': bind srv");
    drop(client);
    terminal.types(CTRL_G);
    terminal.awaits("[2] recv(4, \"\", 5, 0) = 0");
    terminal.awaits_prompt("");
}

#[test]
fn the_history_is_private_shared_and_without_repetition() {
    let home = home();
    let mut first = Terminal::start(100, home.path(), &[], &[]);
    let mut second = Terminal::start(100, home.path(), &[], &[]);
    first.enters("fds", "FD  NAME");
    second.enters("state", "no sockets");
    first.enters("fds", "FD  NAME");
    first.enters(" jobs", "no jobs");
    first.enters("queues", "SOCKET  STATE");
    let file = home.path().join("netlab/history");
    let text = std::fs::read_to_string(&file).expect("a history");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, ["fds", "state", "queues"]);
    let mode = file.metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut third = Terminal::start(100, home.path(), &[], &[]);
    third.awaits_prompt("");
    third.types(UP);
    third.awaits_prompt("queues");
    third.types(UP);
    third.awaits_prompt("state [S]");
}

#[test]
fn a_worker_that_does_not_answer_is_told_of() {
    let home = home();
    let mut terminal = Terminal::start(100, home.path(), &[], &[]);
    terminal.enters("c = socket tcp", "= 3");
    let worker = terminal.children().into_iter().next().expect("a worker");
    kill(Pid::from_raw(worker), Signal::SIGSTOP).expect("the worker is there");
    terminal.types("fds\r");
    support::eventually("the line runs", || terminal.waits_for_an_answer());
    terminal.types(CTRL_C);
    terminal.awaits("does not answer. It was stopped by a signal");
    // One way out is to let it go on.
    kill(Pid::from_raw(worker), Signal::SIGCONT).expect("the worker is there");
    terminal.awaits("FD  NAME");
    terminal.awaits_prompt("");
    // The other is to give it up.
    kill(Pid::from_raw(worker), Signal::SIGSTOP).expect("the worker is there");
    terminal.types("fds\r");
    support::eventually("the line runs", || terminal.waits_for_an_answer());
    terminal.types(CTRL_C);
    terminal.until("told again", |terminal| terminal.text().matches("does not answer").count() == 2);
    terminal.types(CTRL_C);
    terminal.awaits("has ended: killed by signal 9");
    terminal.awaits_prompt("");
}

#[test]
fn a_failure_in_a_file_names_the_place() {
    let home = home();
    let file = home.path().join("lesson.netlab");
    std::fs::write(&file, "c = socket tcp\n\nxyzzy\nfds\nstate\n").expect("a file");
    let mut terminal = Terminal::start(200, home.path(), &[], &[]);
    let screen = terminal.enters(&format!("source {}", file.display()), "lesson.netlab:3");
    assert!(screen.contains("lesson.netlab:3; 2 lines behind it were not run"), "{screen}");
}

#[test]
fn another_width_is_another_layout() {
    let home = home();
    let mut terminal = Terminal::start(100, home.path(), &[], &[]);
    terminal.awaits_prompt("");
    terminal.resize(40);
    let screen = terminal.enters("help connect", "example:");
    for row in screen.lines() {
        assert!(row.chars().count() <= 40, "{row}");
    }
    terminal.types("accept ");
    // The long hint has no room here.
    terminal.awaits_prompt("accept S");
}

/// Where cargo has its things, for a terminal with a home of its own.
fn toolchain() -> [(&'static str, String); 2] {
    let own = |name: &str, usual: &str| {
        std::env::var(name)
            .unwrap_or_else(|_| format!("{}/{usual}", std::env::var("HOME").unwrap_or_default()))
    };
    [("CARGO_HOME", own("CARGO_HOME", ".cargo")), ("RUSTUP_HOME", own("RUSTUP_HOME", ".rustup"))]
}

#[test]
fn a_scenario_is_replayed_up_to_a_step_which_stands_at_the_prompt() {
    let home = home();
    let toolchain = toolchain();
    let variables = toolchain.each_ref().map(|(name, value)| (*name, value.as_str()));
    let replay = ["replay", "echo", "server-bytes", "--step", "2"];
    let mut terminal = Terminal::start(120, home.path(), &replay, &variables);
    terminal.awaits("> server = start echo-server 127.0.0.1:0");
    terminal.awaits("server started, process ");
    terminal.awaits("the next line is the step");
    // With a hint behind it, as if it were typed.
    terminal.awaits("netlab 2> wait server LISTEN");
}

#[test]
fn a_replay_that_cannot_be_says_why() {
    let home = home();
    for (arguments, said) in [
        (["replay", "77", "server-bytes"], "there is no lab `77`; there are: 01-sockets, 02-echo"),
        (
            ["replay", "2", "server-byte"],
            "lab 02-echo has no scenario `server-byte`; it has: server-listens, ",
        ),
        (
            ["replay", "5", "transfers"],
            "transfers has no lines that could be typed: `cargo grade 05-file-server",
        ),
    ] {
        let mut terminal = Terminal::start(120, home.path(), &arguments, &[]);
        terminal.awaits(said);
        assert_eq!(terminal.ends().0.code(), Some(2));
    }
    support::netlab().args(["replay", "2", "server-bytes"]).assert().code(2);
}
