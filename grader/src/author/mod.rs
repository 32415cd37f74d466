//! What authors of labs have to keep to, and whether they do: `grade check`, and the tests.
//!
//! [`files`] looks at what is there, [`specimens`] at how submissions of known worth are graded. Each gives the problems
//! that it found, a sentence each; none is what is wanted.

pub mod files;
pub mod specimens;

use crate::build::{self, Parts, Workshop};
use crate::grading::{self, Request};
use crate::isolation;
use crate::kit::{Kit, Lab};
use crate::model::Problem;

/// The skeleton builds without a warning, and scores what its lab declares.
///
/// # Errors
/// When the grader or the machine fails.
pub fn skeleton(kit: &Kit, request: &Request) -> Result<Vec<String>, Problem> {
    let lab = &request.lab;
    let confinement = isolation::find(&request.isolation, &request.worker)?;
    let worker = request.worker.clone();
    let workshop = Workshop { confinement, worker, limit: request.build_limit, parts: Parts::ALL };
    let folder = kit.lab_folder(lab);
    let built = match build::build(kit, lab, &folder, &workshop)? {
        Ok(built) => built,
        Err(failure) => {
            return Ok(vec![format!("{}: the skeleton: {}\n{}", lab.slug, failure.summary, failure.message)]);
        }
    };
    let mut problems: Vec<String> =
        built.warnings.iter().map(|warning| format!("{}: the skeleton: {warning}", lab.slug)).collect();
    let mut programs = grading::commands(lab, &built);
    if programs.remove(crate::schedules::PROGRAM).is_some() {
        // That one is not given: it is built with them.
        programs.clear();
    }
    let grade = grading::grade(kit, &Request { submission: folder, programs, ..request.clone() })?;
    if (grade.score, grade.max_score) != (lab.skeleton_score, 100) {
        problems.push(format!(
            "{}: the skeleton scores {} of {}, and lab.toml declares {} of 100",
            lab.slug, grade.score, grade.max_score, lab.skeleton_score
        ));
    }
    Ok(problems)
}

/// The solution scores all points.
///
/// # Errors
/// When the grader or the machine fails.
pub fn solution(kit: &Kit, request: &Request) -> Result<Vec<String>, Problem> {
    let submission = solution_folder(kit, &request.lab);
    let grade = grading::grade(kit, &Request { submission, ..request.clone() })?;
    if grade.is_full() {
        return Ok(Vec::new());
    }
    let report = crate::report::text::report(&grade, kit).join("\n");
    Ok(vec![format!("{}: the solution does not score all points:\n{report}", request.lab.slug)])
}

/// Where a lab's solution lies.
fn solution_folder(kit: &Kit, lab: &Lab) -> std::path::PathBuf {
    kit.root.join("solutions").join(&lab.slug)
}
