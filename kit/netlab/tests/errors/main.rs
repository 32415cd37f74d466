//! Errors that the kernel really returned, and whether their explanation is the right one.
//!
//! - `table`: a row for each error number, with what is said of it and what to type next.
//! - `addresses`, `connections`, `lines`: more situations of the same errors, by what they are about.
//! - `rights`: what an ordinary user may not do, and a machine that cannot be reached.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod addresses;
mod connections;
mod lines;
mod rights;
#[path = "../support/mod.rs"]
mod support;
mod table;

/// Runs a script whose last line fails, and looks for phrases in what that line showed.
fn check(script: &str, phrases: &[&str]) {
    let mut netlab = support::netlab();
    let output = netlab.args(["--limit", "30"]).write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    assert_eq!(output.status.code(), Some(1), "{text}");
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

const PAIR: &str =
    "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\nconn = accept srv\n";

fn with_pair(script: &str) -> String {
    format!("{PAIR}{script}")
}
