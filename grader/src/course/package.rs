//! What learning platforms take: the kit with one lab, and the scripts that the platform calls.

use super::Copier;
use crate::kit::{Kit, Lab};
use crate::model::Problem;
use std::path::Path;

/// A platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Platform {
    /// A folder to be zipped and uploaded as an autograder
    Gradescope,
    /// A question, and the container image that grades it
    Prairielearn,
}

/// The files of a platform: where each is put, what is in it, and whether it is a program.
type Template = (&'static str, &'static str, bool);

const GRADESCOPE: &[Template] = &[
    ("setup.sh", include_str!("../../templates/gradescope/setup.sh"), true),
    ("run_autograder", include_str!("../../templates/gradescope/run_autograder"), true),
];

const PRAIRIELEARN: &[Template] = &[
    ("Dockerfile", include_str!("../../templates/prairielearn/Dockerfile"), false),
    ("grade-question", include_str!("../../templates/prairielearn/grade-question"), true),
    ("question/info.json", include_str!("../../templates/prairielearn/info.json"), false),
    ("question/question.html", include_str!("../../templates/prairielearn/question.html"), false),
];

/// Writes it.
///
/// # Errors
/// When something cannot be copied.
pub fn write(kit: &Kit, lab: &Lab, platform: Platform, folder: &Path) -> Result<(), Problem> {
    let copy = Copier::to(kit, folder)?;
    copy.kit(std::slice::from_ref(lab))?;
    let templates = match platform {
        Platform::Gradescope => GRADESCOPE,
        Platform::Prairielearn => PRAIRIELEARN,
    };
    let files: Vec<String> = lab.editable.iter().map(|file| file.display().to_string()).collect();
    let names = lab.editable.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()));
    let filled = |text: &str| {
        text.replace("{LAB}", &lab.slug)
            .replace("{NAME}", &lab.name)
            .replace("{TITLE}", &format!("Lab {:02}: {}", lab.number, lab.title))
            .replace("{FILES}", &files.join(" "))
            .replace("{FILE_NAMES}", &names.clone().collect::<Vec<_>>().join(","))
    };
    for (path, text, is_program) in templates {
        let text = filled(text);
        if *is_program {
            copy.write_program(Path::new(path), &text)?;
        } else {
            copy.write(Path::new(path), text.as_bytes())?;
        }
    }
    Ok(())
}
