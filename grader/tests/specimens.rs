//! Specimens are submissions: a folder each, laid over the solution. Each wrong one must fail in
//! the scenario that teaches what is wrong with it, and in none before; each right one, built in another way than
//! the solution, must score 100; the skeleton must score what its lab declares.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped or a slow test must say so")]

use grader::grading::{Request, Which, grade};
use grader::isolation::Wanted;
use grader::kit::{Kit, Lab};
use grader::model::{Grade, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

/// So many specimens are graded at a time. Most of the wrong ones keep the grader waiting until
/// a step's time is up, so that more of them than processors is a gain.
const AT_A_TIME: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specimen {
    /// What is wrong with it.
    mistake: Option<String>,
    /// The scenario that must fail.
    scenario: Option<String>,
    /// How it was built, for a right one.
    how: Option<String>,
}

fn kit() -> Kit {
    Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn request(lab: &Lab, submission: PathBuf) -> Request {
    Request {
        lab: lab.clone(),
        submission,
        programs: BTreeMap::new(),
        scenarios: Which::All,
        seed: 2,
        worker: env!("CARGO_BIN_EXE_grade").into(),
        build_limit: grader::build::LIMIT,
        isolation: Wanted::default(),
        pictures: false,
    }
}

/// The specimens of a kind, for all labs, or for the one that `NETLAB_LAB=05-file-server` names.
fn specimens(kit: &Kit, kind: &str) -> Vec<(Lab, PathBuf, Specimen)> {
    let of = |lab: &Lab| {
        let folder = kit.root.join("grader/specimens").join(&lab.slug).join(kind);
        let mut folders: Vec<PathBuf> =
            folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        let read = |folder: PathBuf| {
            let text = fs::read_to_string(folder.join("specimen.toml")).unwrap();
            (lab.clone(), folder, toml::from_str(&text).unwrap())
        };
        folders.into_iter().map(read).collect::<Vec<_>>()
    };
    let wanted = std::env::var("NETLAB_LAB").ok();
    let labs = kit.labs().unwrap();
    labs.iter().filter(|lab| wanted.as_ref().is_none_or(|wanted| *wanted == lab.slug)).flat_map(of).collect()
}

/// A submission: the solution, with a specimen's files over it.
fn submission(kit: &Kit, lab: &Lab, specimen: &Path) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for file in &lab.editable {
        let own = specimen.join(file);
        let source = if own.exists() { own } else { kit.root.join("solutions").join(&lab.slug).join(file) };
        let to = place.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(source, to).unwrap();
    }
    place
}

/// At which step a grade's first failure came, for whoever reads along.
fn failed_at(grade: &Grade) -> String {
    let failure = grade.scenarios.iter().find_map(|judged| judged.failure.as_ref());
    failure.map(|failure| format!("\n          {} -> {:?}", failure.line, failure.actual)).unwrap_or_default()
}

/// Grades every specimen of a kind, and collects what is wrong with the grades.
fn check(kind: &str, at_a_time: usize, verdict: impl Fn(&Specimen, &Grade) -> Result<(), String> + Sync) {
    let kit = kit();
    let todo = Mutex::new(specimens(&kit, kind));
    let wrong = Mutex::new(Vec::new());
    let start = Instant::now();
    let work = || {
        loop {
            let Some((lab, folder, specimen)) = todo.lock().unwrap().pop() else { return };
            let place = submission(&kit, &lab, &folder);
            // What comes after the first failure is of no interest, and takes time.
            let scenarios = specimen.scenario.clone().map_or(Which::All, Which::Through);
            let request = Request { scenarios, ..request(&lab, place.path().to_owned()) };
            let begun = Instant::now();
            let grade = grade(&kit, &request).unwrap();
            let name = format!("{}/{kind}/{}", lab.slug, folder.file_name().unwrap().to_string_lossy());
            println!("{:6.2} s  {name}{}", begun.elapsed().as_secs_f64(), failed_at(&grade));
            if let Err(problem) = verdict(&specimen, &grade) {
                wrong.lock().unwrap().push(format!("{name}: {problem}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(work);
        }
    });
    println!("{kind} specimens took {:.1} s", start.elapsed().as_secs_f64());
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_wrong_specimen_fails_in_its_own_scenario() {
    check("wrong", AT_A_TIME, |specimen, grade| {
        specimen.mistake.as_ref().ok_or("specimen.toml does not say what is wrong")?;
        let own = specimen.scenario.as_ref().ok_or("specimen.toml names no scenario")?;
        let judged = grade.scenarios.iter().find(|judged| judged.name == *own).ok_or("no such scenario")?;
        let before =
            grade.scenarios.iter().find(|other| other.name != *own && other.verdict != Verdict::Pass);
        if let Some(other) = before {
            return Err(format!(
                "{own} should be the first to fail, but {} is {:?}",
                other.name, other.verdict
            ));
        }
        if judged.verdict != Verdict::Fail || judged.failure.is_none() {
            return Err(format!("{own}: {:?} {:?}\n{}", judged.verdict, judged.reason, judged.transcript));
        }
        // In the report it is broken into lines, at spaces and behind hyphens.
        let words = |text: &str| text.split_whitespace().collect::<String>();
        let report = grader::report::text::report(grade, &kit()).join("\n");
        if words(&report).contains(&words(&judged.hint)) {
            Ok(())
        } else {
            Err("the report does not show the hint".into())
        }
    });
}

#[test]
fn every_right_specimen_scores_all_points() {
    check("right", 1, |specimen, grade| {
        specimen.how.as_ref().ok_or("specimen.toml does not say how it was built")?;
        if grade.is_full() {
            return Ok(());
        }
        Err(grader::report::text::report(grade, &kit()).join("\n"))
    });
}

#[test]
fn every_skeleton_scores_what_its_lab_declares() {
    let kit = kit();
    for lab in kit.labs().unwrap() {
        let grade = grade(&kit, &request(&lab, kit.lab_folder(&lab))).unwrap();
        assert_eq!((grade.score, grade.max_score), (lab.skeleton_score, 100), "{}", lab.slug);
        assert!(grade.build_failure.is_none(), "{}: the skeleton must compile", lab.slug);
    }
}
