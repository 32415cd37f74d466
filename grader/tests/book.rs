//! The report that the book explains is a real one.
//!
//! `NETLAB_BLESS=1 cargo test -p grader --test book` writes it anew.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

#[path = "support/folders.rs"]
mod folders;

use assert_cmd::Command;
use folders::copy;
use std::fs;
use std::path::Path;

const SPECIMEN: &str = "grader/specimens/02-echo/wrong/client-adds-a-newline-to-the-message/src/client.rs";

#[test]
fn the_book_names_every_format_and_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("book/src/courses.md")).unwrap();
    let formats = grader::report::FORMATS.iter().map(|format| format!("`{}`", format.name));
    let commands = ["batch", "merge", "check", "handout", "package", "export-similarity"];
    let commands = commands.map(|command| format!("cargo grade {command}"));
    for named in formats.chain(commands) {
        assert!(page.contains(&named), "{named}");
    }
}

#[test]
fn the_report_in_the_book_is_what_grade_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // A copy of the kit, with a student's files in the lab's own folder.
    let kit = tempfile::tempdir().unwrap();
    for entry in [
        "Cargo.toml",
        "Cargo.lock",
        "kit/labkit",
        "kit/schedules",
        "labs/02-echo",
        "grader/scenarios/02-echo",
    ] {
        copy(&root.join(entry), &kit.path().join(entry));
    }
    let own = kit.path().join("labs/02-echo/src");
    fs::copy(root.join("solutions/02-echo/src/server.rs"), own.join("server.rs")).unwrap();
    fs::copy(root.join(SPECIMEN), own.join("client.rs")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_grade"))
        .args(["2", "--scenario", "client-sends", "--seed", "1"])
        .current_dir(kit.path())
        .env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    // The book shows what a machine says that has all.
    let (head, rest) = report.split_once("\nisolation ").unwrap();
    let (_, rest) = rest.split_once("\n\n").unwrap();
    let report = format!("{head}\nisolation namespaces, seed 1\n\n{rest}");

    let page = root.join("book/src/labs.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once("```report\n").unwrap();
    let (printed, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("NETLAB_BLESS").is_some() {
        fs::write(&page, format!("{before}```report\n{report}```\n{after}")).unwrap();
    } else {
        assert_eq!(printed, report);
    }
}

/// The schedule that the book lets its readers step through is what the grader finds.
#[test]
fn the_schedule_in_the_book_is_what_grade_finds() {
    const WRONG: &str = "grader/specimens/13-producer-consumer/wrong/if-for-while-in-take/src/buffer.rs";
    const BEGIN: &str = "cargo test -p grader --test book -->\n";
    const END: &str = "<!-- end -->\n";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    fs::copy(root.join(WRONG), place.path().join("src/buffer.rs")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_grade"))
        .args(["13", "--scenario", "buffer-race", "--seed", "1", "--report", "html=-"])
        .arg(place.path())
        .current_dir(root)
        .env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let (_, rest) = report.split_once("<table class=\"schedule\">").unwrap();
    let (table, _) = rest.split_once("</table>").unwrap();
    // A row a line, for whoever reads the source.
    let table = format!("<table>{table}</table>\n")
        .replace(" class=\"\"", "")
        .replace("<tr", "\n<tr")
        .replace("</tbody>", "\n</tbody>");

    let page = root.join("book/src/schedule.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (printed, after) = rest.split_once(END).unwrap();
    if std::env::var_os("NETLAB_BLESS").is_some() {
        fs::write(&page, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(printed, table);
    }
}
