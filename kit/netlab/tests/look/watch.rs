//! `watch`: changes as they come, and what a change of a listener is.

use crate::support::terminal::Terminal;
use crate::support::transcript;
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use tempfile::{TempDir, tempdir};

const CTRL_C: &str = "\x03";

/// A terminal whose socket c is connected, and the other end, which is the test's.
fn connected(home: &TempDir) -> (Terminal, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut terminal = Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters(&format!("connect c {}", listener.local_addr().expect("an address")), "ESTABLISHED");
    let (peer, _) = listener.accept().expect("a connection");
    (terminal, peer)
}

#[test]
fn watch_tells_changes_as_they_come() {
    let home = tempdir().expect("a folder");
    let (mut terminal, mut peer) = connected(&home);
    terminal.types("watch c\r");
    terminal.awaits("0.000 s  c (3)");
    // Each is awaited while watch still runs.
    peer.write_all(b"abc").expect("is sent");
    terminal.awaits("receive queue 0 -> 3 bytes");
    peer.shutdown(Shutdown::Write).expect("is shut");
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
    let (mut terminal, peer) = connected(&home);
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
    let (mut terminal, mut peer) = connected(&home);
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
