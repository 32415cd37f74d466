//! The grader judges programs, not Rust: `grader/specimens/NN-name/python` has a lab's programs in
//! another language, `echo_server.py` for `echo-server`. Each must score 100 in the place of the
//! solution's, beside the solution's other program. Where no scenario has both programs of a lab in
//! it, they are run against each other here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

use assert_cmd::Command;
use grader::build::{self, Workshop};
use grader::grading;
use grader::kit::Kit;
use predicates::str::contains;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Stdio};

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

fn python_is_missing() -> bool {
    let missing = process::Command::new("python3").arg("--version").output().is_err();
    if missing {
        println!("skipped: needs python3");
    }
    missing
}

#[test]
fn programs_of_another_language_are_graded_alike() {
    if python_is_missing() {
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

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(words: &[String]) -> process::Command {
    let mut command = process::Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// Publishes a text with bytes of all kinds, and asks for it.
fn talk(server: &[String], client: &[String]) {
    let child = command(server).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
    let mut server = Server(child);
    let mut announcement = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut announcement).unwrap();
    let address = announcement.trim_end().strip_prefix("listening on ").unwrap();
    let text = OsString::from_vec(b"a:b\\ \n\xff".to_vec());
    for text in [text, "second".into()] {
        let output = command(client).args([address, "publish"]).arg(text).output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{client:?}: {output:?}");
    }
    let output = command(client).args([address, "last", "0"]).output().unwrap();
    assert!(output.status.success(), "{client:?}: {output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let texts: Vec<&str> = lines.lines().filter_map(|line| line.splitn(3, ' ').nth(2)).collect();
    assert_eq!(texts, [r"a:b\\ \n\xff", "second"], "{client:?}");
}

#[test]
fn message_boards_of_two_languages_talk_to_each_other() {
    if python_is_missing() {
        return;
    }
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    for lab in kit.labs().unwrap().into_iter().filter(|lab| lab.name.starts_with("mboard-")) {
        let workshop = Workshop::open(Path::new(env!("CARGO_BIN_EXE_grade")));
        let built = build::build(&kit, &lab, &kit.root.join("solutions").join(&lab.slug), &workshop).unwrap();
        // The programs are there as long as this is.
        let built = built.unwrap_or_else(|failure| panic!("{}", failure.message));
        let own = grading::commands(&lab, &built);
        let python = |program: &str| {
            let file = format!("{}.py", program.replace('-', "_"));
            let file = kit.root.join("grader/specimens").join(&lab.slug).join("python").join(file);
            vec!["python3".to_owned(), file.to_string_lossy().into_owned()]
        };
        let (server, client) = (format!("{}-server", lab.name), format!("{}-client", lab.name));
        talk(&own[&server], &python(&client));
        talk(&python(&server), &own[&client]);
    }
}
