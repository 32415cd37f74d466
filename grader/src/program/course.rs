//! `grade handout`, `grade package`, `grade export-similarity`: what a course is given.

use super::print;
use crate::batch::submissions;
use crate::course::package::Platform;
use crate::course::{self, handout, package, similarity};
use crate::kit::Kit;
use crate::model::Problem;
use clap::Args;
use std::path::PathBuf;

/// Writes the repository that students get: the kit, the labs' skeletons, a workflow
///
/// There is no solution in it, no history, and nothing of the kit's own tests.
#[derive(Debug, Args)]
pub(super) struct Handout {
    /// The folder to write; it must be new or empty
    folder: PathBuf,
    /// A lab that is handed out, by its number or name (may be repeated); all of them without it
    #[arg(long = "lab", value_name = "LAB")]
    labs: Vec<String>,
    /// Have the workflow grade with the course's own copy of the kit, not with the students'
    #[arg(long, value_name = "OWNER/REPOSITORY@COMMIT")]
    action: Option<String>,
}

/// Writes what a learning platform takes to grade a lab
#[derive(Debug, Args)]
pub(super) struct Package {
    /// The platform
    platform: Platform,
    /// The lab, by its number or name
    lab: String,
    /// The folder to write; it must be new or empty
    folder: PathBuf,
}

/// Lays out what students wrote, and what they were given, for JPlag
#[derive(Debug, Args)]
pub(super) struct ExportSimilarity {
    /// The lab, by its number or name
    lab: String,
    /// The folder of submissions, or the file with a list of them
    submissions: PathBuf,
    /// The folder to write; it must be new or empty
    folder: PathBuf,
}

pub(super) fn handout(options: &Handout, kit: &Kit) -> Result<u8, Problem> {
    let labs = course::labs(kit, &options.labs)?;
    handout::write(kit, &options.folder, &labs, options.action.as_deref())?;
    let folder = options.folder.display();
    print(&format!(
        "{folder}: {} labs. Make a repository of it: cd {folder} && git init && git add .",
        labs.len()
    ))?;
    if options.action.is_none() {
        print(
            "Its workflow grades with the repository's own grader, which students can change: for marks, name the course's kit with --action.",
        )?;
    }
    Ok(0)
}

pub(super) fn package(options: &Package, kit: &Kit) -> Result<u8, Problem> {
    let lab = kit.lab(&options.lab)?;
    package::write(kit, &lab, options.platform, &options.folder)?;
    let folder = options.folder.display();
    print(&match options.platform {
        Platform::Gradescope => format!(
            "{folder}: zip what is in it (cd {folder} && zip -qr ../autograder.zip .), and upload that as the autograder"
        ),
        Platform::Prairielearn => format!(
            "{folder}: build the image (docker build -t YOUR/{0} {folder}), push it, name it in question/info.json, and put question/ into the course",
            lab.name
        ),
    })?;
    Ok(0)
}

pub(super) fn export_similarity(options: &ExportSimilarity, kit: &Kit) -> Result<u8, Problem> {
    let lab = kit.lab(&options.lab)?;
    let submissions = submissions::read(&options.submissions)?;
    let problems = similarity::write(kit, &lab, &submissions, &options.folder)?;
    for (name, problem) in &problems {
        print(&netkit::data::printable(&format!("{name}: {problem}")))?;
    }
    let folder = options.folder.display();
    let with = submissions.len();
    print(&format!(
        "{with} submissions: java -jar jplag.jar -l rust {folder}/submissions -bc {folder}/{}",
        similarity::SKELETON
    ))?;
    Ok(0)
}
