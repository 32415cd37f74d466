//! What several formats say in the same words.

use super::text;
use crate::kit::Kit;
use crate::model::{Grade, Judged, Verdict};

/// What is said where the grader itself failed: such a grade is no judgement.
pub const NO_JUDGEMENT: &str =
    "the grader itself failed (see the text report): this is no judgement, grade it again";

/// A line without colours. All escape characters that a program wrote are spelled out before.
pub fn plain(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("\u{1b}[") {
        kept.push_str(&rest[..start]);
        let code = &rest[start..];
        rest = code.find('m').map_or("", |end| &code[end + 1..]);
    }
    kept + rest
}

/// The verdict in a word.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::Skipped => "skipped",
        Verdict::HarnessError => "grader's error",
    }
}

/// What there is to be read below a scenario: how it failed, or why it was not judged.
pub fn feedback(judged: &Judged, grade: &Grade, kit: &Kit) -> String {
    let mut lines: Vec<String> = judged.reason.iter().cloned().collect();
    if let Some(failure) = &judged.failure {
        lines.extend(text::failure(failure, judged, grade, kit));
    }
    let text = lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n");
    text.trim_matches('\n').to_owned()
}

/// The mistake in one sentence, as far as one line can tell it.
pub fn in_short(judged: &Judged) -> String {
    let Some(failure) = &judged.failure else { return judged.reason.clone().unwrap_or_default() };
    let first = |lines: &[String]| lines.first().cloned().unwrap_or_else(|| "nothing".into());
    let same = failure.expected.iter().zip(&failure.actual).take_while(|(a, b)| a == b).count();
    let (expected, actual) = (&failure.expected[same..], &failure.actual[same..]);
    let line = text::cut(&failure.line);
    format!("at `{line}`: expected {}, got {}", text::cut(&first(expected)), text::cut(&first(actual)))
}

/// What the whole of it says: the score, or why there is none.
pub fn overall(grade: &Grade) -> String {
    match &grade.build_failure {
        Some(failure) => format!("No programs: {}.", failure.summary),
        None => format!("{} of {} points.", grade.score, grade.max_score),
    }
}
