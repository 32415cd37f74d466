//! Scenarios of an instructor's own: played, and shown as far as the instructor says.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use std::fs;
use std::path::Path;

const SCENARIO: &str = "\
#: title survives what nobody expects
#: points 10
#: hint The clue that nobody is to see.
#: needs server-listens
server = start echo-server 127.0.0.1:0
wait server LISTEN
c = socket tcp
connect c server
send c \"SECRET \\xff\"
recv-exact c 8
";

/// Runs `grade 2` on a submission with hidden scenarios and gives what it wrote.
fn grade(submission: &Path, scenarios: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut grade = Command::new(env!("CARGO_BIN_EXE_grade"));
    grade.current_dir(root).arg("2").arg(submission).arg("--scenarios").arg(scenarios).args(more).assert()
}

#[test]
fn hidden_scenarios_count_and_show_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let place = tempfile::tempdir().unwrap();
    let scenarios = place.path().join("own");
    fs::create_dir_all(scenarios.join("02-echo")).unwrap();
    fs::write(scenarios.join("02-echo/01-secret-bytes.netlab"), SCENARIO).unwrap();
    let solution = root.join("solutions/02-echo");

    // What it must give is what it gives with the solution.
    grade(&solution, &scenarios, &["--record"]).success().stdout(contains("01-secret-bytes.snap"));
    let snapshot = fs::read_to_string(scenarios.join("02-echo/01-secret-bytes.snap")).unwrap();
    assert!(snapshot.ends_with("> recv-exact c 8\n  8 bytes \"SECRET \\xff\"\n"), "{snapshot}");

    // The rest is not needed here.
    let submission = place.path().join("submission");
    fs::create_dir_all(submission.join("src")).unwrap();
    let mistake = root.join("grader/specimens/02-echo/wrong/server-echoes-text/src/server.rs");
    fs::copy(mistake, submission.join("src/server.rs")).unwrap();
    fs::copy(solution.join("src/client.rs"), submission.join("src/client.rs")).unwrap();
    let reports = ["text", "json", "html", "junit", "gradescope", "github-summary", "github-annotations"];
    for (reveal, shows, hides) in [
        ("all", &["SECRET", "The clue", "secret-bytes"] as &[_], &[] as &[&str]),
        ("verdict", &["secret-bytes", "survives what nobody expects"], &["SECRET", "The clue"]),
        ("points", &["hidden-1"], &["SECRET", "The clue", "secret-bytes", "survives"]),
    ] {
        let folder = place.path().join(reveal);
        fs::create_dir(&folder).unwrap();
        let files: Vec<_> = reports.iter().map(|format| (format, folder.join(format))).collect();
        let wanted: Vec<String> = files
            .iter()
            .flat_map(|(format, file)| ["--report".into(), format!("{format}={}", file.display())])
            .collect();
        let mut more = vec!["--scenario", "secret-bytes", "--reveal", reveal];
        more.extend(wanted.iter().map(String::as_str));
        let told = grade(&submission, &scenarios, &more).code(1);
        told.stdout(contains("Score 0 of 10").and(contains(shows[0])));
        let all: Vec<(&str, String)> =
            files.iter().map(|(format, file)| (**format, fs::read_to_string(file).unwrap())).collect();
        for (format, text) in &all {
            for hidden in hides {
                assert!(!text.contains(hidden), "{reveal}, {format}: {text}");
            }
        }
        for shown in shows {
            assert!(all[0].1.contains(shown), "{reveal}: {}", all[0].1);
        }
    }
}

#[test]
fn a_hidden_scenario_without_a_transcript_or_with_a_taken_name_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let place = tempfile::tempdir().unwrap();
    let solution = root.join("solutions/02-echo");
    fs::write(place.path().join("01-secret-bytes.netlab"), SCENARIO).unwrap();
    let only = ["--scenario", "secret-bytes"];
    grade(&solution, place.path(), &only).code(3).stdout(contains("secret-bytes.snap"));
    fs::write(place.path().join("01-server-ends.netlab"), SCENARIO).unwrap();
    grade(&solution, place.path(), &[]).code(2).stderr(contains("there is a scenario `server-ends` already"));
}
