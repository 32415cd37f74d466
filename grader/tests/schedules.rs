//! Schedules, through the door that users use: the same each time, replayed by name, explored at length.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A specimen of lab 13 as a submission.
fn submission(file: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    fs::copy(root().join(file).join("src/buffer.rs"), place.path().join("src/buffer.rs")).unwrap();
    place
}

fn grade(submission: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_grade"))
        .current_dir(root())
        .env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"))
        .arg("13")
        .arg(submission)
        .args(["--report", "json=-"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

const WRONG: &str = "grader/specimens/13-producer-consumer/wrong/if-for-while-in-take";

#[test]
fn the_same_schedule_fails_each_time_and_its_name_brings_it_back() {
    let place = submission(WRONG);
    let of = |arguments: &[&str]| {
        let all = [&["--scenario", "buffer-race"], arguments].concat();
        grade(place.path(), &all)["scenarios"][0]["failure"].clone()
    };
    let first = of(&["--seed", "7"]);
    assert_eq!(first, of(&["--seed", "7"]), "the same seed");
    let schedule = &first["schedule"];
    let steps = schedule["steps"].as_array().unwrap();
    assert!((5..=40).contains(&steps.len()), "it is short enough to be read: {} steps", steps.len());
    assert!(steps.iter().any(|step| step["file"] == "src/buffer.rs" && step["line"].as_u64() > Some(0)));
    assert!(steps.iter().any(|step| step["words"].as_str().unwrap().starts_with("waits on not_empty")));
    let name = schedule["name"].as_str().unwrap();
    assert_eq!(of(&["--schedule", name])["schedule"], *schedule, "by its name");
    assert_eq!(of(&["--schedule", "0:0"]), Value::Null, "another one does not fail");
}

#[test]
fn a_right_one_passes_many_schedules() {
    let place = submission("solutions/13-producer-consumer");
    let grade = grade(place.path(), &["--explore", "4000", "--seed", "3"]);
    let scenarios = grade["scenarios"].as_array().unwrap();
    assert!(scenarios.len() >= 10);
    for scenario in scenarios {
        assert_eq!(scenario["verdict"], "pass", "{scenario}");
        assert!(scenario["transcript"].as_str().unwrap().contains("schedule"), "{scenario}");
    }
}

#[test]
fn only_a_lab_with_threads_has_schedules() {
    Command::new(env!("CARGO_BIN_EXE_grade"))
        .current_dir(root())
        .args(["2", "--explore", "10"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains("no scenario that tries schedules"));
}

/// Whoever builds a lab, or the whole workspace, gets the standard library's types.
#[test]
fn without_the_grader_there_is_no_scheduler() {
    for lab in ["threads", "producer-consumer"] {
        let output = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--prefix", "none", "--package", lab])
            .current_dir(root())
            .output()
            .unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && tree.contains("labkit"), "{tree}");
        assert!(!tree.contains("schedules") && !tree.contains("corosensei"), "{tree}");
    }
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--workspace", "--edges", "features", "--invert", "labkit"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !tree.contains("feature \"schedules\""), "{tree}");
}
