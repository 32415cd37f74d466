//! The last scores, kept in `target/grade/` of the kit, where `cargo clean` takes them away.

use crate::kit::{Kit, trouble};
use crate::model::{Grade, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A score that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
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
pub fn remember(kit: &Kit, grade: &Grade) -> Result<(), Problem> {
    let file = file(kit);
    let mut scores = read(kit);
    scores.insert(grade.lab.clone(), Score { score: grade.score, max_score: grade.max_score });
    let text = serde_json::to_string_pretty(&scores).map_err(trouble("writing", &file))?;
    let folder = file.parent().unwrap_or(&kit.root);
    std::fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
    std::fs::write(&file, text).map_err(trouble("writing", &file))
}

fn file(kit: &Kit) -> PathBuf {
    kit.root.join("target/grade/scores.json")
}
