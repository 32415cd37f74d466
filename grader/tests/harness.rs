//! What is the grader's own fault is said, and is no judgement on a submission.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use grader::grading::{Request, Which, grade};
use grader::kit::Kit;
use grader::model::{Grade, Verdict};
use std::fs;
use std::path::Path;

/// Grades with a kit that has one lab of one scenario, with this snapshot and this worker.
fn check(snapshot: Option<&str>, worker: &str) -> Grade {
    let place = tempfile::tempdir().unwrap();
    let kit = Kit { root: place.path().to_owned() };
    let (lab, scenarios) = (place.path().join("labs/90-own"), place.path().join("grader/scenarios/90-own"));
    fs::create_dir_all(&lab).unwrap();
    fs::create_dir_all(&scenarios).unwrap();
    let toml =
        "number = 90\nname = \"own\"\ntitle = \"t\"\nprograms = [\"p\"]\neditable = []\nskeleton_score = 0\n";
    fs::write(lab.join("lab.toml"), toml).unwrap();
    let scenario = "#: title t\n#: points 100\n#: hint h.\np = start p\nwait p\n";
    fs::write(scenarios.join("01-ends.netlab"), scenario).unwrap();
    if let Some(snapshot) = snapshot {
        fs::write(scenarios.join("01-ends.snap"), format!("---\nsource: x\n---\n{snapshot}")).unwrap();
    }
    let request = Request {
        lab: kit.lab("own").unwrap(),
        submission: place.path().to_owned(),
        programs: [("p".to_owned(), vec!["true".to_owned()])].into(),
        scenarios: Which::All,
        seed: 1,
        worker: Path::new(worker).to_owned(),
    };
    grade(&kit, &request).unwrap()
}

const GRADE: &str = env!("CARGO_BIN_EXE_grade");
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
