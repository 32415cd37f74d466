//! A grade as JSON: the model as it is.

use crate::model::Grade;

/// The grade as one object, indented.
///
/// # Errors
/// When it cannot be written as JSON, which its types rule out.
pub fn report(grade: &Grade) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(grade)?;
    text.push('\n');
    Ok(text)
}
