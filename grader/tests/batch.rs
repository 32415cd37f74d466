//! `grade batch` and `grade merge`, with a course of a few submissions, some of them strange.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

#[path = "support/folders.rs"]
mod folders;

use assert_cmd::Command;
use folders::copy;
use predicates::str::contains;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command as Spawned, Stdio};

const GRADE: &str = env!("CARGO_BIN_EXE_grade");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A kit with one lab that has few scenarios, and a place for submissions and results.
struct Course {
    place: tempfile::TempDir,
}

impl Course {
    fn new() -> Self {
        let course = Self { place: tempfile::tempdir().unwrap() };
        for file in ["Cargo.toml", "Cargo.lock"] {
            copy(&root().join(file), &course.path("kit").join(file));
        }
        for folder in ["kit/labkit", "kit/schedules", "labs/02-echo"] {
            copy(&root().join(folder), &course.path("kit").join(folder));
        }
        for name in ["01-server-listens", "02-server-echoes", "04-server-bytes"] {
            for ending in ["netlab", "snap"] {
                let file = format!("grader/scenarios/02-echo/{name}.{ending}");
                copy(&root().join(&file), &course.path("kit").join(&file));
            }
        }
        course
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A submission: the solution, or one with a mistake.
    fn submit(&self, place: &str, mistake: Option<&str>) {
        let to = self.path("course").join(place);
        copy(&root().join("solutions/02-echo/src"), &to.join("src"));
        if let Some(mistake) = mistake {
            copy(&root().join("grader/specimens/02-echo/wrong").join(mistake).join("src"), &to.join("src"));
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(GRADE);
        command.current_dir(self.path("kit")).args(arguments).env("TMPDIR", self.path("tmp"));
        // What every submission is built with is kept there, for all courses.
        command.env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(self.path("tmp")).unwrap();
        command
    }

    /// Grades all of it into a folder; gives the exit code and what was said.
    fn batch(&self, out: &str, more: &[&str]) -> (i32, String) {
        let arguments = ["batch", "2", "../course", "--seed", "1", "--out"];
        let output = self.command(&arguments).arg(self.path(out)).args(more).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    }

    fn csv(&self, out: &str) -> String {
        fs::read_to_string(self.path(out).join("results.csv")).unwrap()
    }
}

#[test]
fn a_course_with_strange_submissions() {
    let course = Course::new();
    course.submit("anna", None);
    course.submit("ben/ben-repository/labs/02-echo", Some("server-echoes-text"));
    // What could be a formula for a spreadsheet, and a path for us.
    course.submit("=1+1", Some("server-echoes-text"));
    fs::create_dir(course.path("course/empty")).unwrap();
    fs::write(course.path("course/archive.zip"), "PK").unwrap();
    fs::write(course.path("course/.DS_Store"), "").unwrap();
    course.submit("syntax", None);
    fs::write(course.path("course/syntax/src/server.rs"), "fn main( {").unwrap();
    // Somebody else's work by a link.
    fs::create_dir(course.path("course/thief")).unwrap();
    symlink("../anna", course.path("course/thief/02-echo")).unwrap();

    let (code, said) = course.batch("out", &["--jobs", "3", "--report", "html", "--report", "junit"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("1 could not be judged"), "{said}");
    insta::assert_snapshot!("a course", course.csv("out"));
    let lines = fs::read_to_string(course.path("out/results.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 7);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(course.path("out/html/anna.html").exists() && course.path("out/junit/ben.xml").exists());

    // The archive is unpacked, and somebody hands in anew: only these are graded.
    fs::remove_file(course.path("course/archive.zip")).unwrap();
    course.submit("archive.zip", None);
    course.submit("syntax", None);
    let (code, said) = course.batch("out", &[]);
    assert_eq!(code, 0, "{said}");
    let graded: Vec<&str> = said.lines().filter(|line| line.contains(" of 7 ")).collect();
    assert_eq!(graded.len(), 2, "{said}");
    assert!(said.contains("archive.zip: 18 of 18") && said.contains("syntax: 18 of 18"), "{said}");

    // Shards on machines of their own come to the same.
    for shard in ["1/2", "2/2"] {
        let out = format!("shard-{}", &shard[..1]);
        assert_eq!(course.batch(&out, &["--shard", shard]).0, 0);
    }
    let merge = ["merge", "../shard-1", "../shard-2", "--into", "../merged"];
    course.command(&merge).assert().code(0);
    assert_eq!(course.csv("merged"), course.csv("out"));

    // Other results do not get in between.
    let again = ["batch", "2", "../course", "--seed", "2", "--out", "../out"];
    course.command(&again).assert().code(2).stderr(contains("seed 1"));
    let scenario = course.path("kit/grader/scenarios/02-echo/01-server-listens.netlab");
    fs::write(&scenario, fs::read_to_string(&scenario).unwrap() + "# changed\n").unwrap();
    let (code, said) = course.batch("out", &[]);
    assert!(code == 2 && said.contains("other scenarios"), "{said}");
    let leftovers: Vec<_> = course.path("tmp").read_dir().unwrap().flatten().collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

/// So often a batch is killed; `NETLAB_KILLS=N` does it more or less often.
fn kills() -> usize {
    std::env::var("NETLAB_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

#[test]
fn a_batch_that_is_killed_goes_on_where_it_stopped() {
    let course = Course::new();
    for number in 0..kills().max(6) {
        let mistake = ["server-echoes-text"].get(number % 2);
        course.submit(&format!("s{number}"), mistake.copied());
    }
    assert_eq!(course.batch("whole", &[]).0, 0);

    for kill in 0..kills() {
        let mut batch = Spawned::new(GRADE)
            .current_dir(course.path("kit"))
            .args(["batch", "2", "../course", "--seed", "1", "--jobs", "2", "--out", "../broken"])
            .env("TMPDIR", course.path("tmp"))
            .env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // At its beginning, or in the midst of what comes after a submission that is done.
        if kill % 2 == 1 {
            let mut line = String::new();
            BufReader::new(batch.stdout.take().unwrap()).read_line(&mut line).unwrap();
        }
        batch.kill().unwrap();
        batch.wait().unwrap();
    }
    let (code, said) = course.batch("broken", &["--jobs", "2"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(course.csv("broken"), course.csv("whole"));
    let leftovers: Vec<_> = course.path("tmp").read_dir().unwrap().flatten().collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[test]
fn two_batches_do_not_write_to_one_folder() {
    let course = Course::new();
    course.submit("anna", None);
    fs::create_dir(course.path("out")).unwrap();
    let lock = fs::File::create(course.path("out/.lock")).unwrap();
    let _held = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive).unwrap();
    let (code, said) = course.batch("out", &[]);
    assert!(code == 2 && said.contains("in use by another batch"), "{said}");
}
