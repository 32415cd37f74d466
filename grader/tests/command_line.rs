//! The program `grade` from outside: usage, exit codes, reports.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const SERVER: &str = "src/server.rs";
const CLIENT: &str = "src/client.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn grade(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    // The scores of these runs are nobody's last ones.
    command.current_dir(root()).env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR")).args(arguments);
    command
}

/// A copy of the solution's files.
fn submission() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    for file in [SERVER, CLIENT] {
        fs::copy(root().join("solutions/02-echo").join(file), place.path().join(file)).unwrap();
    }
    place
}

/// Grades a submission with one scenario, and gives the JSON.
fn json(submission: &Path, more: &[&str]) -> (i32, Value) {
    let mut command = grade(&["2", "--report", "json=-"]);
    let output = command.args(more).arg(submission).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), value)
}

#[test]
fn alone_it_lists_the_labs() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| grade(arguments).env("CARGO_TARGET_DIR", place.path()).assert();
    run(&[]).success().stdout(contains("02").and(contains("echo")).and(contains("/100").not()));
    run(&["2", "--program", "echo-server=true", "--program", "echo-client=false"]).code(1);
    run(&[]).success().stdout(contains("0/100"));
}

#[test]
fn wrong_usage_is_exit_2() {
    for (arguments, words) in [
        (&["99"][..], "no lab `99`"),
        (&["nonsense"], "no lab `nonsense`"),
        (&["2", "no/such/folder"], "not a folder"),
        (&["2", "--scenario", "nonsense"], "no scenario `nonsense`"),
        (&["2", "--program", "echo-server"], "NAME=COMMAND"),
        (&["2", "--program", "echo-server="], "empty"),
        (&["2", "--program", "echo-server='"], "quote"),
        (&["2", "--program", "echo-server=/no/such/program"], "/no/such/program"),
        (&["2", "--program", "nonsense=true"], "no program `nonsense`"),
        (&["2", "--seed", "x"], "--seed"),
        (&["--seed", "1"], "LAB"),
        (&["2", "solutions/02-echo", "more"], "more"),
    ] {
        grade(arguments).assert().code(2).stderr(contains(words)).stdout("");
    }
}

#[test]
fn a_lab_is_found_by_number_and_by_name_from_any_folder_of_the_kit() {
    for name in ["2", "02", "echo", "02-echo"] {
        // What cannot be judged without the other steps is left out: only the lab's name counts here.
        grade(&[name, "--scenario", "none"])
            .current_dir(root().join("grader/src"))
            .assert()
            .code(2)
            .stderr(contains("server-listens"));
    }
}

#[test]
fn a_submission_that_does_not_compile_scores_0_with_the_message() {
    let place = submission();
    fs::write(place.path().join(SERVER), "pub fn run() -> u8 { \"\x1b[31m\" }").unwrap();
    let (code, grade) = json(place.path(), &[]);
    assert_eq!((code, &grade["score"], &grade["max_score"]), (1, &0.into(), &100.into()));
    let message = grade["build_failure"]["message"].as_str().unwrap();
    assert!(message.contains("mismatched types"), "{message}");
    assert!(message.contains("labs/02-echo/src/server.rs:1"), "{message}");
    assert!(!message.contains("/room/") && !message.contains('\x1b'), "{message}");
    let scenarios = grade["scenarios"].as_array().unwrap();
    assert!(scenarios.iter().all(|scenario| scenario["verdict"] == "skipped"));
}

#[test]
fn only_regular_files_of_a_submission_are_taken() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "secret").unwrap();
    type Damage = fn(&Path, &Path);
    let damages: [(Damage, &str); 3] = [
        (|file, _| fs::remove_file(file).unwrap(), "/src/client.rs: there is no such file"),
        (
            |file, secret| {
                fs::remove_file(file).unwrap();
                symlink(secret, file).unwrap();
            },
            "symbolic link",
        ),
        (|file, _| fs::write(file, vec![b'/'; 2 << 20]).unwrap(), "larger"),
    ];
    for (damage, words) in damages {
        let place = submission();
        damage(&place.path().join(CLIENT), secret.path());
        let (code, grade) = json(place.path(), &[]);
        let failure = &grade["build_failure"];
        assert_eq!((code, &grade["score"]), (1, &0.into()));
        assert!(failure["summary"].as_str().unwrap().contains(CLIENT), "{failure}");
        assert!(failure["message"].as_str().unwrap().contains(words), "{failure}");
        assert!(!grade.to_string().contains("secret"));
    }
}

#[test]
fn nothing_else_of_a_submission_is_built_or_read() {
    let place = submission();
    let ruin = "compile_error!(\"this must not be compiled\");";
    for (file, text) in [
        ("build.rs", "fn main() { panic!() }"),
        ("src/lib.rs", ruin),
        ("src/bin/echo-server.rs", ruin),
        ("Cargo.toml", "nonsense"),
        (".cargo/config.toml", "nonsense"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"nonsense\"\n"),
    ] {
        let file = place.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    grade(&["2", "--scenario", "server-listens"])
        .arg(place.path())
        // Nor does what stands in the environment change the build.
        .env("RUSTFLAGS", "--nonsense")
        .env("CARGO_BUILD_TARGET", "nonsense")
        .env("CARGO_TARGET_DIR", "/nonsense")
        .env("RUSTC_WRAPPER", "/nonsense")
        .assert()
        .success();
}

#[test]
fn the_json_holds_the_whole_grade() {
    let (code, grade) = json(
        &root().join("labs/02-echo"),
        &["--scenario", "client-refused", "--seed", "7", "--isolation", "process-group"],
    );
    assert_eq!(code, 1);
    assert_eq!((&grade["lab"], &grade["score"], &grade["seed"]), (&"echo".into(), &0.into(), &7.into()));
    assert_eq!(grade["isolation"]["level"], "process-group");
    assert_eq!(grade["isolation"]["because"], Value::Array(Vec::new()));
    let scenario = &grade["scenarios"][0];
    assert_eq!((&scenario["name"], &scenario["verdict"]), (&"client-refused".into(), &"fail".into()));
    assert_eq!((&scenario["points"], &scenario["max_points"]), (&0.into(), &grade["max_score"]));
    for key in ["title", "hint", "transcript", "expected"] {
        assert!(scenario[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    let failure = &scenario["failure"];
    assert!(failure["actual"][0].as_str().unwrap().contains("not written yet"), "{failure}");
    assert!(failure["programs"][0]["stderr"][0].as_str().unwrap().contains("not written yet"), "{failure}");
}

#[test]
fn the_json_can_go_to_a_file_beside_the_report() {
    let file = tempfile::NamedTempFile::new().unwrap();
    grade(&[
        "2",
        "solutions/02-echo",
        "--scenario",
        "client-refused",
        "--seed",
        "8",
        "--isolation",
        "process-group",
        "--report",
        &format!("json={}", file.path().display()),
    ])
    .assert()
    .success()
    .stdout(contains("pass").and(contains("seed 8")).and(contains("isolation process-group")));
    let value: Value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
    assert_eq!(value["scenarios"][0]["verdict"], "pass");
}

#[test]
fn a_failure_is_told_whole() {
    grade(&["2", "--scenario", "client-refused"]).assert().code(1).stdout(
        contains("> wait client\n")
            .and(contains("expected  one line with \"Connection refused\""))
            .and(contains("actual    error: client has written"))
            .and(contains("\n                  ^\n"))
            .and(contains("srv (3)  CLOSED"))
            .and(contains("client ended with exit code 1, wrote to standard error"))
            .and(contains("client::run (src/client.rs) is not written yet"))
            .and(contains("hint: connect can fail."))
            .and(contains("cargo netlab"))
            .and(contains("Score 0 of 3"))
            .and(contains('\x1b').not()),
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let place = submission();
    let client = fs::read_to_string(place.path().join(CLIENT)).unwrap();
    let spoilt = client.replacen("stream.write_all(message)?;", "eprintln!(\"{message:?}\");", 1);
    assert_ne!(client, spoilt);
    fs::write(place.path().join(CLIENT), spoilt).unwrap();
    let said = |seed: &str| {
        let (code, grade) = json(place.path(), &["--scenario", "client-sends", "--seed", seed]);
        assert_eq!(code, 1);
        grade["scenarios"][0]["failure"]["programs"][0]["stderr"].to_string()
    };
    assert_eq!(said("5"), said("5"));
    assert_ne!(said("5"), said("6"));
}

#[test]
fn the_graders_own_fault_is_exit_3() {
    // A program that cannot be executed is on the machine, but not the submission's doing.
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("server");
    fs::write(&file, "not a program").unwrap();
    grade(&["2", "solutions/02-echo", "--scenario", "server-listens", "--program"])
        .arg(format!("echo-server={}", file.display()))
        .assert()
        .code(3)
        .stdout(contains("ERROR").and(contains("cannot start")));
}

#[test]
fn the_line_to_see_it_oneself_names_the_scenarios_own_file() {
    // Another scenario's name ends like this one's: `listener-closes`.
    let arguments = ["1", "--scenario", "closes", "--program", "sockets=cat"];
    let report = grade(&arguments).assert().code(1);
    report.stdout(contains("/07-closes.netlab").and(contains("listener-closes").not()));
}

#[test]
fn what_is_to_be_built_to_see_it_oneself_is_what_was_graded() {
    // `netlab replay` builds the lab's own folder.
    let build = "see it yourself: cargo netlab replay 1 closes --step ";
    grade(&["1", "--scenario", "closes"]).assert().code(1).stdout(contains(build));
    // The lab's own folder, by its path.
    grade(&["1", "labs/01-sockets", "--scenario", "closes"]).assert().code(1).stdout(contains(build));
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(root().join("labs/01-sockets").join(from), place.path().join(to)).unwrap();
    };
    copy("src/sockets.rs", "src/sockets.rs");
    let other = || {
        let mut command = grade(&["1", "--scenario", "closes"]);
        command.arg(place.path()).assert().code(1)
    };
    other().stdout(contains("Copy the files of the submission into"));
    copy("Cargo.toml", "Cargo.toml");
    let manifest = format!("--manifest-path {}", place.path().join("Cargo.toml").display());
    other().stdout(contains(manifest).and(contains("target/submission/debug")));
    let given = ["1", "--scenario", "closes", "--program", "sockets=cat"];
    grade(&given).assert().code(1).stdout(contains("Put a file").and(contains("cargo build").not()));
}

#[test]
fn a_failure_tells_what_nobody_has_read_and_what_its_words_mean() {
    let sockets = "sockets=sh -c 'echo unasked; exec sleep 60'";
    let report = grade(&["1", "--scenario", "usage", "--program", "sockets=sh -c 'echo unasked; exit 101'"]);
    let told = |mut command: Command| {
        String::from_utf8(command.assert().code(1).get_output().stdout.clone()).unwrap()
    };
    let text = told(report);
    assert!(text.contains("what no step has read\n        unasked\n"), "{text}");
    assert!(text.contains("exit code 101  a Rust program that panics ends like this"), "{text}");
    let text = told(grade(&["1", "--scenario", "another-number", "--program", sockets]));
    assert!(!text.contains("words in these lines"), "{text}");
}
