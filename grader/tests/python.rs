//! The grader judges programs, not Rust: `grader/specimens/NN-name/python` has a lab's programs in
//! another language, `echo_server.py` for `echo-server`. Each must score 100 in the place of the
//! solution's, beside the solution's other program.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

use assert_cmd::Command;
use predicates::str::contains;
use std::path::{Path, PathBuf};

/// Every program in Python: the lab's folder, and the file's path from the kit's root.
fn programs(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for lab in root.join("grader/specimens").read_dir().unwrap() {
        let lab = lab.unwrap();
        for file in lab.path().join("python").read_dir().into_iter().flatten() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "py") {
                let slug = lab.file_name().to_string_lossy().into_owned();
                found.push((slug, path.strip_prefix(root).unwrap().to_owned()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn programs_of_another_language_are_graded_alike() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: needs python3");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let programs = programs(root);
    assert!(programs.len() > 3, "{programs:?}");
    std::thread::scope(|scope| {
        for (lab, file) in &programs {
            scope.spawn(move || {
                let name = file.file_stem().unwrap().to_string_lossy().replace('_', "-");
                Command::new(env!("CARGO_BIN_EXE_grade"))
                    .current_dir(root)
                    // The scores of these runs are nobody's last ones.
                    .env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"))
                    .args([lab, &format!("solutions/{lab}"), "--program"])
                    .arg(format!("{name}=python3 {}", file.display()))
                    .assert()
                    .success()
                    .stdout(contains("Score 100 of 100"));
            });
        }
    });
}
