//! Sources and skeleton, laid out as JPlag takes them (<https://github.com/jplag/JPlag>): a folder a submission, and
//! one with what everybody was given. Only the files that students write are laid out.

use super::Copier;
use crate::batch::submissions::Submission;
use crate::kit::{Kit, Lab};
use crate::model::Problem;
use crate::overlay;
use std::path::{Path, PathBuf};

/// Where the skeleton stands.
pub const SKELETON: &str = "skeleton";

/// Writes it. Returns the submissions whose files could not be taken, with the reason.
///
/// # Errors
/// When something cannot be written.
pub fn write(
    kit: &Kit,
    lab: &Lab,
    submissions: &[Submission],
    folder: &Path,
) -> Result<Vec<(String, String)>, Problem> {
    let copy = Copier::to(kit, folder)?;
    let lay = |from: &Path, to: PathBuf| -> Result<Option<String>, Problem> {
        let mut missing = None;
        for file in &lab.editable {
            match overlay::take(from, file) {
                Ok(bytes) => copy.write(&to.join(file), &bytes)?,
                Err(error) => missing = Some(format!("{}: {error}", file.display())),
            }
        }
        Ok(missing)
    };
    lay(&kit.lab_folder(lab), SKELETON.into())?;
    let mut problems = Vec::new();
    for submission in submissions {
        let to = Path::new("submissions").join(submission.file_name());
        let missing = lay(&submission.lab_folder(lab), to)?;
        problems.extend(missing.map(|problem| (submission.name.clone(), problem)));
    }
    Ok(problems)
}
