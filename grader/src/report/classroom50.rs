//! Classroom 50's `result.json`. The format:
//! <https://github.com/foundation50/classroom50/wiki/Advanced-Autograding>.
//!
//! Who submitted what, and when, is told by the runner in the environment.

use super::words;
use crate::kit::Kit;
use crate::model::{Grade, Judged, Verdict};
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// What the runner sets, and under which name it stands in the result.
const FROM_ENVIRONMENT: &[(&str, &str)] = &[
    ("classroom", "CLASSROOM"),
    ("assignment", "ASSIGNMENT"),
    ("submission", "SUBMISSION_TAG"),
    ("commit", "COMMIT_URL"),
    ("release", "RELEASE_URL"),
];

/// The grade as `result.json`.
///
/// # Errors
/// Where the grader itself failed, and outside of Classroom 50's runner.
pub fn report(grade: &Grade, kit: &Kit) -> Result<String, String> {
    if grade.has_harness_error() {
        return Err(words::NO_JUDGEMENT.into());
    }
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut result = Map::from_iter([("schema".to_owned(), Value::from("classroom50/result/v1"))]);
    for (field, variable) in FROM_ENVIRONMENT {
        let value = environment(variable)
            .ok_or_else(|| format!("{variable} is not set: Classroom 50's runner sets it, and calls this"))?;
        result.insert((*field).to_owned(), value.into());
    }
    let review = environment("REVIEW_URL").or_else(|| environment("COMMIT_URL"));
    result.insert("review".into(), review.into());
    // The runner puts the time of the commit in its place.
    let now = humantime::format_rfc3339_seconds(SystemTime::now());
    result.insert("datetime".into(), now.to_string().into());
    result.insert("score".into(), grade.score.into());
    result.insert("max-score".into(), grade.max_score.into());
    let tests = grade.scenarios.iter().map(|judged| test(judged, grade, kit));
    result.insert("tests".into(), tests.collect());
    super::json::text(&Value::Object(result))
}

fn test(judged: &Judged, grade: &Grade, kit: &Kit) -> Value {
    // Fields that it does not know are kept as they are.
    json!({
        "test-name": judged.name,
        "passed": judged.verdict == Verdict::Pass,
        "score": judged.points,
        "max-score": judged.max_points,
        "title": judged.title,
        "output": words::feedback(judged, grade, kit),
    })
}
