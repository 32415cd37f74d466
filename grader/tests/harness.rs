//! What is the grader's own fault is said, and is no judgement on a submission.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod support;

use grader::isolation::Wanted;
use grader::model::{Grade, Level, Verdict};
use std::fs;
use support::{GRADE, only};

fn own_lab(scenario: &str, snapshot: Option<&str>, program: &[&str], worker: &str) -> (Grade, String) {
    support::own_lab(Wanted::default(), scenario, snapshot, program, worker)
}

fn check(snapshot: Option<&str>, worker: &str) -> Grade {
    own_lab("p = start p\nwait p\n", snapshot, &["true"], worker).0
}

const GOOD: &str = "> p = start p\n  p started\n> wait p\n  p ended with exit code 0\n";

#[test]
fn with_all_in_its_place_it_passes() {
    let grade = check(Some(GOOD), GRADE);
    assert_eq!((grade.score, grade.has_harness_error()), (100, false));
}

#[test]
fn another_transcript_is_a_failure_of_the_submission() {
    let grade = check(Some(&GOOD.replace("code 0", "code 1")), GRADE);
    assert_eq!((grade.scenarios[0].verdict, grade.has_harness_error()), (Verdict::Fail, false));
}

#[test]
fn a_missing_or_foreign_snapshot_or_a_dead_worker_is_the_graders_fault() {
    let foreign = GOOD.replace("wait p", "wait q");
    for (snapshot, worker) in
        [(None, GRADE), (Some(foreign.as_str()), GRADE), (Some(GOOD), "/bin/false"), (Some(GOOD), "/none")]
    {
        let grade = check(snapshot, worker);
        assert_eq!(grade.scenarios[0].verdict, Verdict::HarnessError, "{snapshot:?} {worker}");
        assert!(grade.has_harness_error() && grade.scenarios[0].reason.is_some());
    }
}

/// A program that writes a line and stays.
const STAYS: &[&str] = &["sh", "-c", "echo here; echo oops >&2; sleep 1000"];

#[test]
fn a_check_that_passes_gives_its_points_and_tells_its_steps() {
    let (grade, _) = own_lab("#: check own-passes\n", None, STAYS, GRADE);
    assert_eq!((grade.score, grade.scenarios[0].verdict), (100, Verdict::Pass));
    assert_eq!(grade.scenarios[0].transcript, "# starts a program\n  it has started\n");
}

#[test]
fn a_check_that_fails_says_what_was_done_what_was_expected_and_what_came() {
    let (grade, report) = own_lab("#: check own-fails\n", None, STAYS, GRADE);
    assert_eq!((grade.score, grade.scenarios[0].verdict), (0, Verdict::Fail));
    let failure = grade.scenarios[0].failure.as_ref().unwrap();
    assert_eq!((failure.step, failure.line.as_str()), (2, "# reads what it writes"));
    assert_eq!(
        (&failure.expected[..], &failure.actual[..]),
        (&["three words".into()][..], &["two words".into()][..])
    );
    assert_eq!(failure.programs[0].stderr, ["oops"]);
    for words in [
        "# starts a program\n        it has started\n",
        "# reads what it writes\n        expected  three words\n        actual    two words\n",
        "oops",
        "hint: h.",
        "cargo grade 90 --scenario ends --seed 1",
    ] {
        assert!(report.contains(words), "{words:?} in\n{report}");
    }
    assert!(!report.contains("netlab has to find"), "{report}");
}

#[test]
fn a_check_that_panics_is_the_graders_fault() {
    let (grade, report) = own_lab("#: check own-panics\n", None, STAYS, GRADE);
    assert_eq!(grade.scenarios[0].verdict, Verdict::HarnessError);
    assert!(grade.has_harness_error() && report.contains("out of its mind"), "{report}");
}

#[test]
fn a_check_that_cannot_start_its_programs_is_the_graders_fault() {
    for (program, worker) in [("/none", GRADE), ("true", "/bin/false"), ("true", "/none")] {
        let (grade, report) = own_lab("#: check own-passes\n", None, &[program], worker);
        assert_eq!(grade.scenarios[0].verdict, Verdict::HarnessError, "{report}");
    }
}

#[test]
fn a_check_past_its_limit_is_ended_with_all_that_it_started() {
    let place = tempfile::tempdir().unwrap();
    let pids = place.path().join("pids");
    // One process that stays in the program's group, and one that leaves it.
    let script = format!(
        "sleep 1000 & echo $! >> {0}; setsid sleep 1000 & echo $! >> {0}; echo $$ >> {0}; echo here; wait",
        pids.display()
    );
    let (grade, report) = support::own_lab(
        only(Level::ProcessGroup),
        "#: check own-never-ends\n#: limit 5s\n",
        None,
        &["sh", "-c", &script],
        GRADE,
    );
    assert_eq!(grade.scenarios[0].verdict, Verdict::Fail, "{report}");
    assert!(report.contains("# waits for ever\n"), "{report}");
    assert!(report.contains("expected  all of it is done within 5 s\n"), "{report}");
    let pids = fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 3);
    for pid in pids.lines() {
        // One that was killed and is not waited for yet has nothing in its command line.
        let rest = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(rest.is_empty(), "{pid} still runs: {}", String::from_utf8_lossy(&rest));
    }
}
