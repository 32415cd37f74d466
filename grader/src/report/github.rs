//! What a workflow on GitHub shows: a summary of the job, and annotations beside the code. Their
//! syntax: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.

use super::words;
use crate::kit::Kit;
use crate::model::{BuildFailure, Grade, Judged, Verdict};
use std::fmt::Write;

/// A summary may have 1 MiB a step; so much is left to the failures of one grade.
const MOST_TEXT: usize = 500_000;

/// GitHub shows no more of one kind in a step.
const MOST_ANNOTATIONS: usize = 10;

/// The grade as Markdown, for the job's summary.
///
/// # Errors
/// There are none.
pub fn summary(grade: &Grade, kit: &Kit) -> Result<String, String> {
    let mut text = format!("## Lab {:02} {}: {}\n\n", grade.number, grade.lab, grade.title);
    let _ = writeln!(text, "**{}**\n", words::overall(grade));
    if grade.has_harness_error() {
        let _ = writeln!(text, "> [!WARNING]\n> {}\n", words::NO_JUDGEMENT);
    }
    if let Some(failure) = &grade.build_failure {
        text.push_str(&block(&failure.message));
    } else {
        text.push_str("| | points | scenario | |\n|---|---|---|---|\n");
        for judged in &grade.scenarios {
            let (mark, points) = (mark(judged.verdict), format!("{}/{}", judged.points, judged.max_points));
            let _ = writeln!(text, "| {mark} | {points} | `{}` | {} |", judged.name, judged.title);
        }
        text.push('\n');
    }
    for judged in grade.scenarios.iter().filter(|judged| judged.failure.is_some()) {
        let more = format!(
            "<details><summary><code>{}</code>: {}</summary>\n\n{}\n</details>\n\n",
            judged.name,
            judged.title,
            block(&words::feedback(judged, grade, kit))
        );
        if text.len() + more.len() > MOST_TEXT {
            text.push_str("More has failed than there is room for here.\n");
            break;
        }
        text.push_str(&more);
    }
    let _ = writeln!(text, "<sub>isolation {}, seed {}</sub>\n", grade.isolation.level, grade.seed);
    Ok(text)
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅ passed",
        Verdict::Fail => "❌ failed",
        Verdict::Skipped => "⏭ skipped",
        Verdict::HarnessError => "⚠️ grader's error",
    }
}

/// A block of text in which nothing is Markdown or HTML: its fence is longer than any in the text.
fn block(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

/// The failures as commands that make annotations, a line each.
///
/// # Errors
/// There are none.
pub fn annotations(grade: &Grade, _: &Kit) -> Result<String, String> {
    let failed = grade.scenarios.iter().filter(|judged| judged.failure.is_some());
    let mut lines: Vec<String> = match &grade.build_failure {
        Some(failure) => compiler(failure, grade),
        None => failed.map(|judged| scenario(judged, grade)).collect(),
    };
    if lines.len() > MOST_ANNOTATIONS {
        let rest = lines.len() - (MOST_ANNOTATIONS - 1);
        lines.truncate(MOST_ANNOTATIONS - 1);
        lines.push(command(&[("title", "netlab")], &format!("and {rest} more: see the summary of the job")));
    }
    Ok(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// A failed scenario concerns the whole of what a student wrote.
fn scenario(judged: &Judged, grade: &Grade) -> String {
    let title = format!("{}: {}", judged.name, judged.title);
    let message = format!("{}\n{}", words::in_short(judged), judged.hint);
    let file = grade.files.first().map(|file| format!("labs/{:02}-{}/{file}", grade.number, grade.lab));
    let place = file.iter().map(|file| ("file", file.as_str()));
    command(&place.chain([("title", title.as_str())]).collect::<Vec<_>>(), &message)
}

/// The compiler names a line for each of its errors: `--> labs/02-echo/src/server.rs:10:5`.
fn compiler(failure: &BuildFailure, grade: &Grade) -> Vec<String> {
    let title = format!("lab {:02}: {}", grade.number, failure.summary);
    let mut lines: Vec<String> = Vec::new();
    let mut what = "";
    for line in failure.message.lines() {
        if line.starts_with("error") {
            what = line;
        }
        let place = line.trim_start().strip_prefix("--> ").filter(|_| !what.is_empty());
        let mut parts = place.into_iter().flat_map(|place| place.rsplitn(3, ':'));
        if let (Some(column), Some(row), Some(file)) = (parts.next(), parts.next(), parts.next()) {
            let place = [("file", file), ("line", row), ("col", column), ("title", title.as_str())];
            lines.push(command(&place, what));
            what = "";
        }
    }
    if lines.is_empty() {
        let message = failure.message.lines().take(20).collect::<Vec<_>>().join("\n");
        lines.push(command(&[("title", title.as_str())], &message));
    }
    lines
}

/// A workflow command. What would end a part of it is written as `%XX`.
fn command(properties: &[(&str, &str)], message: &str) -> String {
    // An older syntax begins with `##[`, anywhere in a line.
    let data = |text: &str| {
        text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace("##[", "# #[")
    };
    let property = |(name, value): &(&str, &str)| {
        format!("{name}={}", data(value).replace(':', "%3A").replace(',', "%2C"))
    };
    format!("::error {}::{}", properties.iter().map(property).collect::<Vec<_>>().join(","), data(message))
}
