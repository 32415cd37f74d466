//! The results of a batch for people and for spreadsheets: `results.csv` and `results.jsonl`, a row each.
//! Nothing in them depends on when and in which order submissions were graded.

use super::results::{Results, Row, Status};
use crate::model::Problem;
use std::path::Path;

/// Writes both. Sorts the rows by the submissions' names.
///
/// # Errors
/// When they cannot be written.
pub fn write(results: &Results, rows: &mut [Row]) -> Result<(), Problem> {
    rows.sort_by(|a, b| a.submission.cmp(&b.submission));
    let trouble = |error: String| Problem::Trouble(format!("writing the table of results: {error}"));
    results.write(Path::new("results.csv"), &csv(rows).map_err(|error| trouble(error.to_string()))?)?;
    let mut lines = String::new();
    for row in rows.iter() {
        lines.push_str(&serde_json::to_string(row).map_err(|error| trouble(error.to_string()))?);
        lines.push('\n');
    }
    results.write(Path::new("results.jsonl"), lines.as_bytes())
}

/// The rows as CSV, with a column for each scenario.
fn csv(rows: &[Row]) -> csv::Result<Vec<u8>> {
    let scenarios = rows.iter().map(|row| &row.scenarios).max_by_key(|scenarios| scenarios.len());
    let scenarios: Vec<&str> = scenarios.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["submission", "status", "score", "max_score", "problem"].iter().chain(&scenarios))?;
    for row in rows {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut record = vec![
            harmless(&row.submission),
            word(row.status).to_owned(),
            number(row.score),
            number(row.max_score),
            harmless(row.problem.as_deref().unwrap_or_default()),
        ];
        let points =
            |name: &&str| row.scenarios.iter().find(|(own, _)| own == name).map(|(_, points)| *points);
        record.extend(scenarios.iter().map(|name| number(points(name))));
        writer.write_record(&record)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Graded => "graded",
        Status::NoPrograms => "no programs",
        Status::NotJudged => "not judged",
    }
}

/// A spreadsheet takes a cell that begins like this for a formula, and runs it.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        let row = |name: &str, status, score: Option<u32>| Row {
            submission: name.into(),
            status,
            score,
            max_score: score.map(|_| 9),
            problem: None,
            scenarios: score.map(|score| ("one".to_owned(), score)).into_iter().collect(),
            fingerprint: 0,
        };
        let rows =
            [row("=cmd|' /C calc'!A0", Status::Graded, Some(9)), row("b, \"c\"", Status::NotJudged, None)];
        assert_eq!(
            String::from_utf8(csv(&rows).unwrap()).unwrap(),
            "submission,status,score,max_score,problem,one\n'=cmd|' /C calc'!A0,graded,9,9,,9\n\
             \"b, \"\"c\"\"\",not judged,,,,\n"
        );
    }
}
