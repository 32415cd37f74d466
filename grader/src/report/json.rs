//! A grade as JSON: the model as it is. `schemas/grade.schema.json` describes it.

use crate::kit::Kit;
use crate::model::Grade;
use serde::Serialize;

/// The grade as one object, indented.
///
/// # Errors
/// When it cannot be written as JSON, which its types rule out.
pub fn report(grade: &Grade, _: &Kit) -> Result<String, String> {
    text(grade)
}

/// Anything as JSON, indented.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn text(what: &impl Serialize) -> Result<String, String> {
    let mut text = serde_json::to_string_pretty(what).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok(text)
}
