//! `netstat`, and the system's own.

use crate::support::terminal::Terminal;
use crate::support::{netlab, transcript};
use crate::{CONNECTS, LISTENS};
use std::process::Command;
use tempfile::tempdir;

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
