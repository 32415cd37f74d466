//! Every lab's solution is played with every scenario of that lab. The transcripts are insta
//! snapshots beside the scenarios; `grade` compares submissions with the same files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

use grader::apart;
use grader::author::files;
use grader::build::{self, Workshop};
use grader::grading;
use grader::isolation::{self, Wanted};
use grader::kit::{Kit, Lab};
use grader::play::Stage;
use grader::scenario::{Body, transcript};
use std::path::{Path, PathBuf};

#[test]
fn the_solutions_give_the_transcripts() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let worker = PathBuf::from(env!("CARGO_BIN_EXE_grade"));
    let confinement = isolation::find(&Wanted::default(), &worker).unwrap();
    let workshop = Workshop { confinement: confinement.clone(), ..Workshop::open(&worker) };
    // All labs, or the one that `NETLAB_LAB=05-file-server` names.
    let wanted = std::env::var("NETLAB_LAB").ok();
    let is_wanted = |lab: &Lab| wanted.as_ref().is_none_or(|wanted| *wanted == lab.slug);
    for lab in kit.labs().unwrap().into_iter().filter(is_wanted) {
        let built = build::build(&kit, &lab, &kit.root.join("solutions").join(&lab.slug), &workshop).unwrap();
        // The programs are there as long as this is.
        let built = built.unwrap_or_else(|failure| panic!("{}", failure.message));
        let programs = grading::commands(&lab, &built);
        let sources = built.sources.clone();
        let stage = Stage { programs, seed: 1, sources, ..Stage::without_programs(&worker, &confinement) };
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../scenarios/{}", lab.slug));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for scenario in kit.scenarios(&lab).unwrap() {
            let played = apart::run(&stage, &scenario, None).unwrap();
            if !matches!(scenario.body, Body::Script(_)) {
                assert!(played.failure.is_none(), "{}: {:#?}", scenario.name, played.failure);
                continue;
            }
            let name = scenario.file.file_stem().unwrap().to_string_lossy().into_owned();
            settings.bind(|| insta::assert_snapshot!(name, transcript(&played.steps)));
        }
    }
}

#[test]
fn what_lies_in_the_labs_folders_fits_together() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut problems = Vec::new();
    for lab in kit.labs().unwrap() {
        problems.extend(files::scenarios(&kit, &lab).unwrap());
        problems.extend(files::given(&kit, &lab).unwrap());
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
