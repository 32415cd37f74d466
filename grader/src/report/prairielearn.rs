//! PrairieLearn's `results.json` for external graders. The format:
//! <https://prairielearn.readthedocs.io/en/latest/externalGrading/>.

use super::words;
use crate::kit::Kit;
use crate::model::{Grade, Judged};
use serde_json::{Value, json};

/// PrairieLearn takes no larger file than 1 MB; so much of it is left to the texts.
const MOST_OUTPUT: usize = 600_000;

/// The grade as `results.json`.
///
/// # Errors
/// Where the grader itself failed there is no score; without the file PrairieLearn counts no attempt.
pub fn report(grade: &Grade, kit: &Kit) -> Result<String, String> {
    if grade.has_harness_error() {
        return Err(words::NO_JUDGEMENT.into());
    }
    if let Some(failure) = &grade.build_failure {
        // A submission that cannot be built is not judged there, and costs no attempt.
        return super::json::text(&json!({
            "gradable": false,
            "message": words::overall(grade),
            "format_errors": [failure.summary],
            "output": failure.message,
        }));
    }
    let room = MOST_OUTPUT / grade.scenarios.len().max(1);
    let share = if grade.max_score == 0 { 0.0 } else { f64::from(grade.score) / f64::from(grade.max_score) };
    super::json::text(&json!({
        "gradable": true,
        "score": share,
        "message": words::overall(grade),
        "output": format!("isolation {}, seed {}", grade.isolation.level, grade.seed),
        "tests": grade.scenarios.iter().map(|judged| test(judged, grade, kit, room)).collect::<Vec<_>>(),
    }))
}

fn test(judged: &Judged, grade: &Grade, kit: &Kit, room: usize) -> Value {
    let mut output = words::feedback(judged, grade, kit);
    // In JSON a character may take six bytes.
    if let Some((end, _)) = output.char_indices().nth(room / 6) {
        output.truncate(end);
        output.push_str("\n...");
    }
    json!({
        "name": judged.name,
        "description": judged.title,
        "points": judged.points,
        "max_points": judged.max_points,
        "message": words::verdict(judged.verdict),
        "output": output,
    })
}
