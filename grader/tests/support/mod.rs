//! What several tests need: a lab of their own, and the levels of isolation that this machine has.

#![allow(dead_code, reason = "no test needs all of it")]
#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

use grader::grading::{Request, Which, grade};
use grader::isolation::{self, Wanted};
use grader::kit::Kit;
use grader::model::{Grade, Level};
use grader::report;
use grader::schedules::Schedules;
use std::fs;
use std::path::Path;

/// The program that the tests are about.
pub const GRADE: &str = env!("CARGO_BIN_EXE_grade");

/// This level and no other.
pub fn only(level: Level) -> Wanted {
    Wanted { level: Some(level), ..Wanted::default() }
}

/// All levels that this machine has, or the one that `NETLAB_LEVEL=landlock` names. Of each that it has not, it is said why.
pub fn levels() -> Vec<Level> {
    let all = [Level::Namespaces, Level::Landlock, Level::ProcessGroup];
    let has = |level: &Level| match isolation::find(&only(*level), Path::new(GRADE)) {
        Ok(_) => true,
        Err(problem) => {
            println!("skipped: needs {level}: {problem}");
            false
        }
    };
    let wanted = std::env::var("NETLAB_LEVEL").ok();
    let is_wanted = |level: &Level| wanted.as_ref().is_none_or(|wanted| *wanted == level.to_string());
    all.into_iter().filter(is_wanted).filter(has).collect()
}

/// Whether this machine has a level; if not, that is said.
pub fn has(level: Level) -> bool {
    levels().contains(&level)
}

/// Grades with a kit that has one lab of one scenario, with this snapshot, this command as its
/// program, and this worker.
pub fn own_lab(
    isolation: Wanted,
    scenario: &str,
    snapshot: Option<&str>,
    program: &[&str],
    worker: &str,
) -> (Grade, String) {
    let place = tempfile::tempdir().unwrap();
    let kit = Kit { root: place.path().to_owned() };
    let (lab, scenarios) = (place.path().join("labs/90-own"), place.path().join("grader/scenarios/90-own"));
    fs::create_dir_all(&lab).unwrap();
    fs::create_dir_all(&scenarios).unwrap();
    let toml =
        "number = 90\nname = \"own\"\ntitle = \"t\"\nprograms = [\"p\"]\neditable = []\nskeleton_score = 0\n";
    fs::write(lab.join("lab.toml"), toml).unwrap();
    let front = "#: title t\n#: points 100\n#: hint h.\n";
    fs::write(scenarios.join("01-ends.netlab"), format!("{front}{scenario}")).unwrap();
    if let Some(snapshot) = snapshot {
        fs::write(scenarios.join("01-ends.snap"), format!("---\nsource: x\n---\n{snapshot}")).unwrap();
    }
    let program = program.iter().map(ToString::to_string).collect();
    let request = Request {
        lab: kit.lab("own").unwrap(),
        submission: place.path().to_owned(),
        programs: [("p".to_owned(), program)].into(),
        scenarios: Which::All,
        schedules: Schedules::default(),
        seed: 1,
        worker: Path::new(worker).to_owned(),
        build_limit: grader::build::LIMIT,
        isolation,
        pictures: false,
        hidden: None,
    };
    let grade = grade(&kit, &request).unwrap();
    let report = report::text::report(&grade, &kit).join("\n");
    (grade, report)
}
