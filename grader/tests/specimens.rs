//! Every specimen meets its verdict, and every skeleton scores what it declares: what `grade check` grades.
//! `NETLAB_LAB=05-file-server` does it for one lab.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "which specimen took how long is worth knowing")]

use grader::author::{self, specimens};
use grader::grading::{Request, Which};
use grader::isolation::Wanted;
use grader::kit::{Kit, Lab};
use grader::schedules::Schedules;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

fn kit() -> Kit {
    Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn labs() -> Vec<Lab> {
    let wanted = std::env::var("NETLAB_LAB").ok();
    let labs = kit().labs().unwrap().into_iter();
    labs.filter(|lab| wanted.as_ref().is_none_or(|wanted| *wanted == lab.slug)).collect()
}

fn request(lab: &Lab) -> Request {
    Request {
        lab: lab.clone(),
        submission: kit().lab_folder(lab),
        programs: BTreeMap::new(),
        scenarios: Which::All,
        schedules: Schedules::default(),
        seed: 2,
        worker: env!("CARGO_BIN_EXE_grade").into(),
        build_limit: grader::build::LIMIT,
        isolation: Wanted::default(),
        pictures: false,
        hidden: None,
    }
}

fn check(kind: specimens::Kind, at_a_time: usize) {
    let (kit, labs, start) = (kit(), labs(), Instant::now());
    let request = request(&labs[0]);
    let problems = specimens::check(&kit, &labs, kind, &request, at_a_time, |graded| {
        let failed_at = graded.failed_at.map(|line| format!("\n          {line}")).unwrap_or_default();
        println!("{:6.2} s  {}{failed_at}", graded.took.as_secs_f64(), graded.name);
    });
    println!("{kind:?} specimens took {:.1} s", start.elapsed().as_secs_f64());
    let problems = problems.unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_wrong_specimen_fails_in_its_own_scenario() {
    // Most of them keep the grader waiting until a step's time is up: more than processors is a gain.
    check(specimens::Kind::Wrong, 10);
}

#[test]
fn every_right_specimen_scores_all_points() {
    check(specimens::Kind::Right, 1);
}

#[test]
fn every_skeleton_scores_what_its_lab_declares() {
    for lab in labs() {
        let problems = author::skeleton(&kit(), &request(&lab)).unwrap();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}
