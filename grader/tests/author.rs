//! `grade check`: each of these is put into a copy of the kit, and found.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

#[path = "support/folders.rs"]
mod folders;

use assert_cmd::Command;
use folders::copy;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What `grade check --files` says of a kit with lab 02, after something was done to it.
fn said(spoil: impl Fn(&dyn Fn(&str) -> PathBuf)) -> (i32, String) {
    let kit = tempfile::tempdir().unwrap();
    for folder in ["labs/02-echo", "solutions/02-echo", "grader/scenarios/02-echo"] {
        copy(&root().join(folder), &kit.path().join(folder));
    }
    spoil(&|path| kit.path().join(path));
    let mut grade = Command::new(env!("CARGO_BIN_EXE_grade"));
    let output = grade.current_dir(kit.path()).args(["check", "--files"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_kit_that_fits_together_has_no_problem() {
    assert_eq!(said(|_| {}), (0, "1 labs: all of it fits together\n".into()));
}

#[test]
fn what_does_not_fit_is_named() {
    type Spoil = fn(&dyn Fn(&str) -> PathBuf);
    let cases: &[(Spoil, &str)] = &[
        (
            |kit| fs::remove_file(kit("grader/scenarios/02-echo/03-server-ends.snap")).unwrap(),
            "02-echo/server-ends: ",
        ),
        (
            |kit| fs::write(kit("grader/scenarios/02-echo/notes.txt"), "").unwrap(),
            "grader/scenarios/02-echo/notes.txt belongs to no scenario",
        ),
        (
            |kit| change(&kit("grader/scenarios/02-echo/03-server-ends.netlab"), "#: points ", "#: points 1"),
            "the points of all scenarios are 110, not 100",
        ),
        (
            |kit| {
                let file = kit("grader/scenarios/02-echo/01-server-listens.netlab");
                change(&file, "#: points", "#: needs server-ends\n#: points");
            },
            "02-echo/server-listens: it needs `server-ends`, and none of that name comes before it",
        ),
        (
            |kit| change(&kit("labs/02-echo/Cargo.toml"), "echo", "echo2"),
            "labs/02-echo/Cargo.toml is given, and another one in the solution",
        ),
        (
            |kit| {
                fs::copy(kit("solutions/02-echo/src/server.rs"), kit("labs/02-echo/src/server.rs")).unwrap();
            },
            "labs/02-echo/src/server.rs is the solution",
        ),
        (|kit| fs::write(kit("solutions/02-echo/notes"), "").unwrap(), "labs/02-echo/notes is not there"),
    ];
    for (spoil, expected) in cases {
        let (code, said) = said(spoil);
        assert!(code == 1 && said.contains(expected), "{expected}: exit code {code}\n{said}");
    }
}
