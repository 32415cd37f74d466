//! The last scores, kept in `grade/` of cargo's target folder, where `cargo clean` takes them away.

use crate::kit::{Kit, trouble};
use crate::model::{Grade, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A score that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Of which submission, as it was given; none for the lab's own folder.
    pub submission: Option<PathBuf>,
    /// The points.
    pub score: u32,
    /// The most that there were.
    pub max_score: u32,
}

/// The last scores, by the labs' names. None that can be read are none at all.
pub fn read(kit: &Kit) -> BTreeMap<String, Score> {
    std::fs::read(file(kit)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Remembers the score of a grade.
///
/// # Errors
/// When it cannot be written.
pub fn remember(kit: &Kit, grade: &Grade, submission: Option<&Path>) -> Result<(), Problem> {
    let file = file(kit);
    let mut scores = read(kit);
    let submission = submission.map(Path::to_owned);
    let score = Score { submission, score: grade.score, max_score: grade.max_score };
    scores.insert(grade.lab.clone(), score);
    let text = serde_json::to_string_pretty(&scores).map_err(trouble("writing", &file))?;
    let folder = file.parent().unwrap_or(&kit.root);
    std::fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
    // Renamed when it is complete: another `grade` may be reading, or doing the same.
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(trouble("writing in", folder))?;
    new.write_all(text.as_bytes()).map_err(trouble("writing", &file))?;
    new.persist(&file).map(drop).map_err(trouble("writing", &file))
}

fn file(kit: &Kit) -> PathBuf {
    folder(kit).join("scores.json")
}

/// Where things are kept from one grading to the next.
pub(crate) fn folder(kit: &Kit) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    kit.root.join(target).join("grade")
}
