//! `grade --watch` grades again when a file that counts is saved, however an editor does that.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn what_is_saved_is_graded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let place = tempfile::tempdir().unwrap();
    let source = place.path().join("src");
    fs::create_dir(&source).unwrap();
    let solution = root.join("solutions/02-echo/src");
    for file in ["server.rs", "client.rs"] {
        fs::copy(solution.join(file), source.join(file)).unwrap();
    }
    let mut grade = Command::new(env!("CARGO_BIN_EXE_grade"))
        .current_dir(root)
        .args(["2", "--watch", "--scenario", "server-listens", "--isolation", "process-group"])
        .arg(place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(grade.stdout.take().unwrap()).lines();
    let mut score = || {
        let mut score = None;
        loop {
            let line = lines.next().unwrap().unwrap();
            score = line.strip_prefix("Score ").map(str::to_owned).or(score);
            if line.contains("waiting until a file is saved") {
                return score.unwrap();
            }
        }
    };
    assert_eq!(score(), "6 of 6");
    // Beside the files that count: if this were graded, the next score would be the same again.
    fs::write(source.join("notes.txt"), "").unwrap();
    // Written in its place.
    fs::write(source.join("server.rs"), "fn main( {").unwrap();
    assert_eq!(score(), "0 of 6");
    // Written beside it, and renamed.
    fs::copy(solution.join("server.rs"), place.path().join("new")).unwrap();
    fs::rename(place.path().join("new"), source.join("server.rs")).unwrap();
    assert_eq!(score(), "6 of 6");
    grade.kill().unwrap();
    grade.wait().unwrap();
}
