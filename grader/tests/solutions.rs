//! Every lab's solution is played with every scenario of that lab. The transcripts are insta
//! snapshots beside the scenarios; `grade` compares submissions with the same files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

use grader::apart;
use grader::build::{self, Workshop};
use grader::grading;
use grader::isolation::{self, Wanted};
use grader::kit::Kit;
use grader::play::Stage;
use grader::scenario::{Body, transcript};
use std::path::{Path, PathBuf};

#[test]
fn the_solutions_give_the_transcripts() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let worker = PathBuf::from(env!("CARGO_BIN_EXE_grade"));
    let confinement = isolation::find(&Wanted::default(), &worker).unwrap();
    let workshop = Workshop { confinement: confinement.clone(), ..Workshop::open(&worker) };
    for lab in kit.labs().unwrap() {
        let built = build::build(&kit, &lab, &kit.root.join("solutions").join(&lab.slug), &workshop).unwrap();
        // The programs are there as long as this is.
        let built = built.unwrap_or_else(|failure| panic!("{}", failure.message));
        let programs = grading::commands(&built);
        let stage = Stage {
            worker: worker.clone(),
            programs,
            seed: 1,
            confinement: confinement.clone(),
            pictures: false,
        };
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../scenarios/{}", lab.slug));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for scenario in kit.scenarios(&lab).unwrap() {
            let played = apart::run(&stage, &scenario, None).unwrap();
            if let Body::Check(check) = scenario.body {
                assert!(played.failure.is_none(), "{}: {:#?}", check.name, played.failure);
                continue;
            }
            let name = scenario.file.file_stem().unwrap().to_string_lossy().into_owned();
            settings.bind(|| insta::assert_snapshot!(name, transcript(&played.steps)));
        }
    }
}

#[test]
fn the_scenarios_are_complete() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    for lab in kit.labs().unwrap() {
        let scenarios = kit.scenarios(&lab).unwrap();
        assert_eq!(scenarios.iter().map(|scenario| scenario.points).sum::<u32>(), 100, "{}", lab.slug);
        for (place, scenario) in scenarios.iter().enumerate() {
            let needed = |name: &String| scenarios[..place].iter().any(|other| other.name == *name);
            assert!(scenario.needs.iter().all(needed), "{} needs one that comes later", scenario.name);
            assert!(scenario.hint.ends_with(['.', '?']), "{}: the hint is a sentence", scenario.name);
        }
    }
}

/// What students may not touch is the same in both, but for the handout, which only a lab has.
#[test]
fn given_files_are_the_same_in_lab_and_solution() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    for lab in kit.labs().unwrap() {
        let solution = kit.root.join("solutions").join(&lab.slug);
        let files = |folder: &Path| {
            let given = |file: &PathBuf| *file != Path::new("README.md") && !lab.editable.contains(file);
            files_below(folder, folder).into_iter().filter(given).collect::<Vec<PathBuf>>()
        };
        let given = files(&kit.lab_folder(&lab));
        assert!(given.len() > 2, "{}: {given:?}", lab.slug);
        assert_eq!(given, files(&solution), "{}", lab.slug);
        for file in given {
            let read = |folder: &Path| std::fs::read(folder.join(&file)).unwrap();
            assert!(
                read(&kit.lab_folder(&lab)) == read(&solution),
                "{}: {} differs",
                lab.slug,
                file.display()
            );
        }
    }
}

/// All files below a folder, by their paths from another, in order.
fn files_below(folder: &Path, from: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, from));
        } else {
            files.push(path.strip_prefix(from).unwrap().to_owned());
        }
    }
    files.sort();
    files
}
