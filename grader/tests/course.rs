//! What a course is given: handouts, packages for platforms, sources for a search for copies, the action.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

#[path = "support/folders.rs"]
mod folders;

use assert_cmd::Command;
use folders::copy;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::{TempDir, tempdir};

const GRADE: &str = env!("CARGO_BIN_EXE_grade");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn grade(arguments: &[&str]) -> Command {
    let mut command = Command::new(GRADE);
    command.current_dir(root()).args(arguments);
    command
}

/// A new folder, written by a command that is given its path behind these arguments.
fn written(arguments: &[&str], more: &[&str]) -> TempDir {
    let place = tempdir().unwrap();
    let folder = place.path().join("new");
    grade(arguments).arg(&folder).args(more).assert().success();
    place
}

/// All files below a folder, relative to it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in folder.read_dir().unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn a_handout_has_the_skeletons_and_no_solution() {
    let place = written(&["handout"], &["--lab", "2", "--lab", "framing", "--lab", "13"]);
    let folder = place.path().join("new");
    let all = files(&folder);
    let solutions: Vec<Vec<u8>> = files(&root().join("solutions"))
        .into_iter()
        .filter(|file| {
            file.extension().is_some_and(|ending| ending == "rs") && file.parent().unwrap().ends_with("src")
        })
        .filter(|file| {
            let lab = root().join("labs").join(file.strip_prefix(root().join("solutions")).unwrap());
            // What was given is in both, to the byte.
            fs::read(lab).ok() != fs::read(file).ok()
        })
        .map(|file| fs::read(file).unwrap())
        .collect();
    assert!(solutions.len() > 8);
    for file in &all {
        let name = file.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        for part in ["solutions", "specimens", "tests", "benches", ".git/", "target"] {
            assert!(!name.split('/').any(|own| own == part.trim_end_matches('/')), "{name}");
        }
        assert!(!solutions.contains(&fs::read(file).unwrap()), "{name} is a solution");
    }
    for lab in ["02-echo", "03-framing"] {
        let skeleton = files(&root().join("labs").join(lab).join("src"));
        assert!(!skeleton.is_empty());
        for file in skeleton {
            let handed = folder.join(file.strip_prefix(root()).unwrap());
            assert_eq!(fs::read(&file).unwrap(), fs::read(handed).unwrap(), "{}", file.display());
        }
    }
    assert!(!folder.join("labs/05-file-server").exists());
    // The lock file names no lab that was left out, and all that is needed: cargo would mind only the latter.
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    assert!(lock.contains("\nname = \"framing\"\n") && !lock.contains("\nname = \"file-server\"\n"));
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let metadata = ["metadata", "--offline", "--locked", "--format-version", "1"];
    Command::new(cargo).current_dir(&folder).args(metadata).assert().success();
    // `grade` finds its kit there.
    Command::new(GRADE)
        .current_dir(&folder)
        .assert()
        .success()
        .stdout(contains("02  echo").and(contains("03  framing")).and(contains("05").not()));
}

#[test]
fn a_handout_is_not_written_over_something_and_not_of_solved_labs() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("mine"), "").unwrap();
    grade(&["handout"]).arg(place.path()).assert().code(2).stderr(contains("is not empty"));

    let solved = written(&["handout", "--lab", "2"], &[]);
    let kit = solved.path().join("new");
    copy(&root().join("solutions/02-echo/src"), &kit.join("solutions/02-echo/src"));
    copy(&root().join("solutions/02-echo/src"), &kit.join("labs/02-echo/src"));
    let again = tempdir().unwrap();
    let mut command = Command::new(GRADE);
    command.current_dir(&kit).arg("handout").arg(again.path());
    command.assert().code(2).stderr(contains("is the solution"));
    assert_eq!(files(again.path()), Vec::<PathBuf>::new());
}

#[test]
fn the_workflow_of_a_handout_grades_with_the_courses_kit() {
    let place = written(&["handout", "--lab", "2"], &["--action", "course/netlab@0123abc"]);
    let workflow = fs::read_to_string(place.path().join("new/.github/workflows/grade.yml")).unwrap();
    assert!(workflow.contains("- uses: course/netlab/.github/actions/grade@0123abc\n"), "{workflow}");
    assert!(workflow.contains("labs: \"2\"\n"), "{workflow}");
    assert!(!place.path().join("new/.github/actions").exists());
    let nowhere = place.path().join("x");
    grade(&["handout", "--action", "course/netlab"])
        .arg(nowhere)
        .assert()
        .code(2)
        .stderr(contains("@COMMIT"));
}

/// Runs a platform's script with its folders in a place of their own.
fn run_script(script: &Path, folders: &[(&str, &Path)]) -> assert_cmd::assert::Assert {
    let mut text = fs::read_to_string(script).unwrap();
    // There, the toolchain is found by this.
    text = text.replace(". \"$HOME/.cargo/env\"\n", "");
    for (theirs, ours) in folders {
        text = text.replace(theirs, ours.to_str().unwrap());
    }
    Command::new("bash").arg("-c").arg(text).assert()
}

/// Puts the grader that is built where a platform would have built it.
fn install(kit: &Path) {
    fs::create_dir_all(kit.join("target/debug")).unwrap();
    symlink(GRADE, kit.join("target/debug/grade")).unwrap();
}

#[test]
fn gradescope_grades_files_and_repositories() {
    let place = written(&["package", "gradescope", "2"], &[]);
    let home = place.path();
    fs::rename(home.join("new"), home.join("source")).unwrap();
    install(&home.join("source"));
    fs::create_dir(home.join("results")).unwrap();
    assert!(home.join("source/setup.sh").exists());

    for (submitted, score) in [("submission/labs/02-echo", 100), ("submission", 81)] {
        let mistake = root().join("grader/specimens/02-echo/wrong/server-echoes-text/src");
        copy(&root().join("solutions/02-echo/src"), &home.join(submitted).join("src"));
        if score < 100 {
            copy(&mistake, &home.join(submitted).join("src"));
        }
        run_script(&home.join("source/run_autograder"), &[("/autograder", home)]).success();
        let results: Value =
            serde_json::from_slice(&fs::read(home.join("results/results.json")).unwrap()).unwrap();
        assert_eq!(results["score"], score, "{results}");
        fs::remove_dir_all(home.join("submission")).unwrap();
    }
}

#[test]
fn prairielearn_grades_files() {
    let place = written(&["package", "prairielearn", "2"], &[]);
    let kit = place.path().join("new");
    install(&kit);
    copy(&root().join("solutions/02-echo/src"), &place.path().join("grade/student"));
    let home = place.path().join("grade");
    run_script(&kit.join("grade-question"), &[("/grade/", &home.join("")), ("/netlab", &kit)]).success();
    let results: Value =
        serde_json::from_slice(&fs::read(home.join("results/results.json")).unwrap()).unwrap();
    assert_eq!(results["score"], 1.0, "{results}");
    let info: Value = serde_json::from_slice(&fs::read(kit.join("question/info.json")).unwrap()).unwrap();
    assert_eq!(info["title"], "Lab 02: Echo: bytes there and back");
    let question = fs::read_to_string(kit.join("question/question.html")).unwrap();
    assert!(question.contains("file-names=\"server.rs,client.rs\""), "{question}");
}

#[test]
fn sources_are_laid_out_for_a_search_for_copies() {
    let course = tempdir().unwrap();
    copy(&root().join("solutions/02-echo/src"), &course.path().join("anna/labs/02-echo/src"));
    fs::create_dir(course.path().join("ben")).unwrap();
    let place = tempdir().unwrap();
    let out = place.path().join("out");
    let mut command = grade(&["export-similarity", "2"]);
    let asserted = command.arg(course.path()).arg(&out).assert().success();
    asserted.stdout(contains("ben: src/client.rs: there is no such file").and(contains("2 submissions")));
    let server = |folder: &str| fs::read(out.join(folder).join("src/server.rs")).ok();
    assert_eq!(server("submissions/anna"), fs::read(root().join("solutions/02-echo/src/server.rs")).ok());
    assert_eq!(server("skeleton"), fs::read(root().join("labs/02-echo/src/server.rs")).ok());
    assert_eq!(server("submissions/ben"), None);
}

#[test]
fn the_action_grades_a_repository_and_tells_the_workflow() {
    let place = tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    copy(&root().join("solutions/02-echo/src"), &path("student/labs/02-echo/src"));
    copy(
        &root().join("grader/specimens/02-echo/wrong/server-echoes-text/src"),
        &path("student/labs/02-echo/src"),
    );
    // The kit as it would be fetched, with a grader that is built already.
    fs::create_dir_all(path("bin")).unwrap();
    fs::create_dir_all(path("home/.cache/netlab-grade/debug")).unwrap();
    fs::write(path("bin/cargo"), "#!/bin/sh\necho \"cargo $*\" >>\"$HOME/called\"\n").unwrap();
    fs::set_permissions(path("bin/cargo"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    symlink(GRADE, path("home/.cache/netlab-grade/debug/grade")).unwrap();
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", env!("HOME")));
    let rustup_home = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{}/.rustup", env!("HOME")));
    let run = |full: &str| {
        let paths = std::env::join_paths(
            [path("bin")].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let real = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        Command::new("bash")
            .arg(root().join(".github/actions/grade/grade.sh"))
            .env("PATH", paths.unwrap())
            .env("CARGO", real)
            .env("HOME", path("home"))
            .env("CARGO_HOME", &cargo_home)
            .env("RUSTUP_HOME", &rustup_home)
            .env("KIT", root())
            .env("SUBMISSION", path("student"))
            .env("LABS", "2")
            .env("ISOLATION", "process-group")
            .env("REQUIRE_FULL", full)
            .env("RUNNER_TEMP", path("temp"))
            .env("GITHUB_OUTPUT", path("output"))
            .env("GITHUB_STEP_SUMMARY", path("summary"))
            .assert()
    };
    run("yes").code(1).stdout(contains("::error file=labs/02-echo/src/server.rs,title=server-bytes"));
    run("no").success();
    let output = fs::read_to_string(path("output")).unwrap();
    assert_eq!(output.lines().take(2).collect::<Vec<_>>(), ["score=81", "max-score=100"]);
    let summary = fs::read_to_string(path("summary")).unwrap();
    assert_eq!(summary.matches("**81 of 100 points.**").count(), 2);
    assert!(path("temp/grades/2.html").exists() && path("temp/grades/2.json").exists());
    assert!(
        fs::read_to_string(path("home/called"))
            .unwrap()
            .contains("cargo build --quiet --locked --package grader")
    );
}
