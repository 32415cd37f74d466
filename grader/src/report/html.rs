//! A page of its own, for a browser: no script, nothing that is loaded, light or dark as the reader has it.
//! Everything is escaped by maud; what is not is the style, which is ours.

use super::schedule::{self, Row};
use super::{explained, words};
use crate::kit::Kit;
use crate::model::{Failure, Grade, Judged, Schedule, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("html.css");

/// The grade as a page.
///
/// # Errors
/// There are none.
pub fn report(grade: &Grade, kit: &Kit) -> Result<String, String> {
    let title = format!("Lab {:02} {}: {}", grade.number, grade.lab, grade.title);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (grade.score) "/" (grade.max_score) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    p.score { strong { (grade.score) } " of " (grade.max_score) " points" }
                    (bar(grade))
                    p.quiet { "isolation " (grade.isolation.level) ", seed " (grade.seed) }
                }
                main {
                    @if grade.has_harness_error() { p.warning { (words::NO_JUDGEMENT) } }
                    @if let Some(failure) = &grade.build_failure {
                        section {
                            h2 { "No programs: " (failure.summary) }
                            pre tabindex="0" { (failure.message) }
                        }
                    }
                    (overview(grade))
                    // What failed first: nobody should have to look for it.
                    @for passed in [false, true] {
                        @for judged in grade.scenarios.iter().filter(|judged| is_told(judged)) {
                            @if (judged.verdict == Verdict::Pass) == passed { (scenario(judged, grade, kit)) }
                        }
                    }
                }
            }
        }
    };
    Ok(page.into_string() + "\n")
}

/// Whether there is more to be said of it than its row has.
fn is_told(judged: &Judged) -> bool {
    judged.failure.is_some() || judged.verdict == Verdict::HarnessError || !judged.transcript.is_empty()
}

/// The score as a bar. It says nothing that the sentence above it does not.
fn bar(grade: &Grade) -> Markup {
    let share = |verdict| {
        let points = grade.scenarios.iter().filter(|judged| judged.verdict == verdict);
        let points: u32 = points.map(|judged| judged.max_points).sum();
        f64::from(points) * 100.0 / f64::from(grade.max_score.max(1))
    };
    html! {
        div.bar aria-hidden="true" {
            @for (class, verdict) in [("pass", Verdict::Pass), ("fail", Verdict::Fail), ("skip", Verdict::Skipped)] {
                div class=(class) style=(format!("width:{:.1}%", share(verdict))) {}
            }
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Skipped => "skip",
        Verdict::HarnessError => "error",
    }
}

fn overview(grade: &Grade) -> Markup {
    html! {
        table {
            caption { "What was tried" }
            thead { tr { th scope="col" { "Verdict" } th scope="col" { "Points" } th scope="col" { "Scenario" } } }
            tbody {
                @for judged in &grade.scenarios {
                    tr {
                        td { span.verdict.(class(judged.verdict)) { (words::verdict(judged.verdict)) } }
                        td.points { (judged.points) "/" (judged.max_points) }
                        td {
                            @if is_told(judged) { a href={ "#" (judged.name) } { (judged.title) } } @else { (judged.title) }
                            @if let Some(reason) = &judged.reason { div.quiet { (reason) } }
                        }
                    }
                }
            }
        }
    }
}

fn scenario(judged: &Judged, grade: &Grade, kit: &Kit) -> Markup {
    let told = html! {
        @if let Some(reason) = &judged.reason { p { (reason) } }
        @if let Some(failure) = &judged.failure { (failed(failure, judged, grade, kit)) }
        @if !judged.transcript.is_empty() {
            details {
                summary { "Every step" }
                pre tabindex="0" { (judged.transcript) }
            }
        }
        @if let Some(ladder) = &judged.ladder {
            details open[judged.failure.is_some()] {
                summary { "As a picture" }
                figure tabindex="0" { img src=(picture(ladder)) alt="The same steps, drawn as a ladder."; }
            }
        }
    };
    html! {
        section id=(judged.name) {
            h2 {
                span.verdict.(class(judged.verdict)) { (words::verdict(judged.verdict)) } " " (judged.title)
                " " span.quiet { (judged.name) ", " (judged.points) "/" (judged.max_points) }
            }
            (told)
        }
    }
}

fn failed(failure: &Failure, judged: &Judged, grade: &Grade, kit: &Kit) -> Markup {
    html! {
        p { "Step " (failure.step) " gave something else than it should:" }
        pre.line tabindex="0" { (failure.line) }
        div.beside {
            div { h3 { "Expected" } pre.expected tabindex="0" { (marked(&failure.expected, &failure.actual)) } }
            div { h3 { "What came" } pre.actual tabindex="0" { (marked(&failure.actual, &failure.expected)) } }
        }
        @for said in &failure.said { p { (said) } }
        @if let Some(schedule) = &failure.schedule { (steps(schedule)) }
        p.hint { strong { "Hint: " } (judged.hint) }
        @if !failure.ends.is_empty() {
            h3 { "The sockets at that moment" }
            pre tabindex="0" { (failure.ends.join("\n")) }
        }
        @for program in &failure.programs {
            h3 { code { (program.name) } " " (program.ending.as_deref().unwrap_or("runs")) }
            @if program.stderr.is_empty() { p.quiet { "It wrote nothing to standard error." } } @else {
                p.quiet { "It wrote to standard error:" }
                pre tabindex="0" { (program.stderr.join("\n")) }
            }
            @if !program.unread.is_empty() {
                p.quiet { "It wrote to standard output what no step has read:" }
                pre tabindex="0" { (program.unread.join("\n")) }
            }
        }
        (vocabulary(failure, judged))
        @if let Some(command) = super::text::replay(judged, grade, kit) {
            p { "See it yourself: " code { (command) } }
        }
    }
}

/// A schedule: who went on at each step.
fn steps(schedule: &Schedule) -> Markup {
    let table = schedule::table(schedule);
    let last = table.rows.len().saturating_sub(1);
    html! {
        div.wide tabindex="0" {
            table.schedule {
                caption { "How it comes to that: " (schedule.case) }
                thead { tr { @for head in &table.head { th scope="col" { (head) } } } }
                tbody {
                    @for (at, row) in table.rows.iter().enumerate() {
                        @match row {
                            Row::Omitted(count) => {
                                tr { td colspan=(table.head.len()) { (schedule::left_out(*count)) } }
                            }
                            Row::Step(cells) => {
                                tr.broken[at == last] { @for cell in cells { td { (cell) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What words mean that stand in the page.
fn vocabulary(failure: &Failure, judged: &Judged) -> Markup {
    let steps = judged.transcript.lines().map(str::to_owned);
    let endings = failure.programs.iter().filter_map(|program| program.ending.clone());
    let lines: Vec<String> = steps
        .chain([failure.line.clone()])
        .chain(failure.expected.iter().chain(&failure.actual).chain(&failure.ends).cloned())
        .chain(endings)
        .collect();
    let words = explained::words(&lines);
    html! {
        @if !words.is_empty() {
            h3 { "Words in these lines" }
            dl { @for (word, says) in words { dt { code { (word) } } dd { (says) } } }
        }
    }
}

/// An SVG file as the address of a picture. As such it shares neither styles nor names with the page.
fn picture(svg: &str) -> String {
    let written = |c: char| match c {
        '%' | '#' | '<' | '>' | '"' | '\n' => format!("%{:02X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("data:image/svg+xml;charset=utf-8,{}", svg.chars().map(written).collect::<String>())
}

/// Lines, with what differs from the other ones marked from the first difference on.
fn marked(lines: &[String], other: &[String]) -> Markup {
    let same = lines.iter().zip(other).take_while(|(a, b)| a == b).count();
    let nothing = lines.len() <= same;
    html! {
        @for line in &lines[..same] { (line) "\n" }
        @if let Some(line) = lines.get(same) {
            @let at = split(line, other.get(same).map_or("", String::as_str));
            (line[..at]) mark { (line[at..]) } "\n"
        }
        @for line in lines.iter().skip(same + 1) { (line) "\n" }
        @if nothing { mark { "(nothing)" } }
    }
}

/// Where a line begins to differ from another one, in bytes. A byte that is spelled out (`\xff`) is one.
fn split(line: &str, other: &str) -> usize {
    let same = line.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let at: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let inside = ["\\", "\\x"].into_iter().find(|begun| line[..at].ends_with(begun));
    let digit = line[..at].char_indices().next_back().filter(|(place, _)| line[..*place].ends_with("\\x"));
    match (inside, digit) {
        (Some(begun), _) => at - begun.len(),
        (None, Some((place, _))) if at < line.len() => place - "\\x".len(),
        _ => at,
    }
}
