//! Gradescope's `results.json`. The format:
//! <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.

use super::words;
use crate::kit::Kit;
use crate::model::{Grade, Judged, Verdict};
use serde_json::{Value, json};

/// The grade as `results.json`.
///
/// # Errors
/// Where the grader itself failed there is no score: Gradescope then tells the instructors, and no
/// student gets a 0.
pub fn report(grade: &Grade, kit: &Kit) -> Result<String, String> {
    if grade.has_harness_error() {
        return Err(words::NO_JUDGEMENT.into());
    }
    let mut output = vec![format!("Lab {:02} {}: {}", grade.number, grade.lab, grade.title)];
    output.push(words::overall(grade));
    output.extend(grade.build_failure.iter().map(|failure| failure.message.clone()));
    output.push(format!("isolation {}, seed {}", grade.isolation.level, grade.seed));
    let report = json!({
        "score": grade.score,
        "output": output.join("\n"),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        // What is printed besides is for the instructors.
        "stdout_visibility": "hidden",
        "tests": grade.scenarios.iter().map(|judged| test(judged, grade, kit)).collect::<Vec<_>>(),
    });
    super::json::text(&report)
}

fn test(judged: &Judged, grade: &Grade, kit: &Kit) -> Value {
    json!({
        "name": format!("{}: {}", judged.name, judged.title),
        "score": judged.points,
        "max_score": judged.max_points,
        "status": if judged.verdict == Verdict::Pass { "passed" } else { "failed" },
        "output": words::feedback(judged, grade, kit),
        "visibility": "visible",
    })
}
