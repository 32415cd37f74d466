//! An outcome for people. Colours come from the `colored` crate, whose global switch the
//! program sets: off for scripts and pipes.

use super::Detail;
use super::call;
use super::changes::changes;
use super::polled;
use crate::data::{printable, printable_line};
use crate::kernel::sock_diag::Protocol;
use crate::lesson::Told;
use crate::outcome::{Blocked, Failure, JobNews, JobState, Made, Outcome};
use crate::predict::Verdict;
use crate::session::names::Names;
use crate::worker::call::Value;
use colored::Colorize;

/// The text of an outcome, a line each, without indentation.
pub fn outcome(outcome: &Outcome, detail: Detail, names: &Names) -> Vec<String> {
    if detail == Detail::Brief {
        return brief(outcome, names);
    }
    let mut lines = Vec::new();
    let meanwhile = changes(&outcome.meanwhile, detail, names);
    if !meanwhile.is_empty() {
        lines.push("meanwhile:".dimmed().to_string());
        lines.extend(meanwhile.iter().map(|line| colour_change(line)));
    }
    if let Some(made) = &outcome.made {
        lines.extend(coloured_call(made, detail, names));
    }
    lines.extend(outcome.notes.iter().map(|note| format!("  {note}")));
    if let Some(report) = &outcome.report {
        lines.extend(report.lines.iter().map(|line| printable_line(line)));
    }
    let news = |job: &JobNews| job_news(job, detail, names);
    // What a job did comes before the changes, as the calls of the line do.
    lines.extend(outcome.jobs.iter().flat_map(news));
    lines.extend(changes(&outcome.changes, detail, names).iter().map(|line| colour_change(line)));
    if let Some(failure) = &outcome.failure {
        lines.extend(self::failure(failure, &outcome.line));
    }
    lines.extend(outcome.prediction.iter().flat_map(|(verdict, tally)| prediction(verdict, tally)));
    lines.extend(outcome.lesson.iter().flat_map(lesson));
    lines
}

/// How a prediction compares with what happened.
fn prediction(verdict: &Verdict, tally: &str) -> Vec<String> {
    let colour = |text: &str| if verdict.right { text.green() } else { text.yellow() }.to_string();
    let mut lines = verdict.lines.iter();
    let first = lines.next().map(|line| format!("{} {line} ({tally})", colour("prediction:")));
    first.into_iter().chain(lines.cloned()).collect()
}

/// What is told of a lesson.
fn lesson(told: &Told) -> Vec<String> {
    let tick = |(words, met): &(String, bool)| {
        if *met { format!("[x] {words}").green().to_string() } else { format!("[ ] {words}") }
    };
    let checks = told.checks.iter().map(tick);
    told.first.iter().cloned().chain(checks).chain(told.done.iter().cloned()).collect()
}

fn coloured_call(made: &Made, detail: Detail, names: &Names) -> Vec<String> {
    let ok = made.done.last.ok();
    call::made(made, detail, names)
        .into_iter()
        .map(|line| if ok { line.bold().to_string() } else { line.red().to_string() })
        .chain(polled::lines(made).into_iter().map(|line| format!("  {line}")))
        .collect()
}

fn colour_change(line: &str) -> String {
    match line.chars().next() {
        Some('+') => line.green().to_string(),
        Some('-') => line.yellow().to_string(),
        _ => line.cyan().to_string(),
    }
}

/// A failure: what is wrong, where in the line, why, and what next. Whatever stands in the
/// line, pasted or read from a file, must not steer the terminal.
pub fn failure(failure: &Failure, line: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(span) = &failure.span {
        let wide = |text: Option<&str>| text.map_or(0, |text| printable(text).chars().count());
        let before = wide(line.get(..span.start));
        let length = wide(line.get(span.clone())).max(1);
        lines.push(printable(line));
        lines.push(format!("{}{}", " ".repeat(before), "^".repeat(length)).red().to_string());
    }
    lines.extend(failure.came.iter().map(|line| printable_line(line)));
    lines.push(format!("{} {}", "error:".red().bold(), printable(&failure.message)));
    let why = failure.why.iter().map(|why| ("why:", why));
    let next = failure.next.iter().map(|next| ("next:", next));
    lines.extend(why.chain(next).map(|(head, text)| format!("  {} {}", head.dimmed(), printable(text))));
    lines
}

/// What is new of a job.
pub fn job_news(news: &JobNews, detail: Detail, names: &Names) -> Vec<String> {
    let number = format!("[{}]", news.number).magenta().to_string();
    let indent = |lines: Vec<String>| {
        let mut lines = lines.into_iter();
        let first = lines.next().map(|line| format!("{number} {line}"));
        first.into_iter().chain(lines.map(|line| format!("    {line}"))).collect::<Vec<_>>()
    };
    match &news.what {
        JobState::Running(what) => indent(vec![format!("{} is running", call::call(what, None, names))]),
        JobState::SentAway(what) => indent(vec![
            format!("{} goes on in the background", call::call(what, None, names)),
            format!("`fg {0}` brings it back, `cancel {0}` interrupts it", news.number),
        ]),
        JobState::Blocked(what) => {
            let mut lines = blocked(what, detail, names);
            lines.push(format!("`cancel {}` interrupts it", news.number));
            indent(lines)
        }
        JobState::Returned(made, problem) => {
            let mut lines = coloured_call(made, detail, names);
            lines.extend(problem.iter().flat_map(|problem| failure(problem, "")));
            indent(lines)
        }
        JobState::Cancelled(made) => {
            let mut lines = coloured_call(made, detail, names);
            lines.push("cancelled".into());
            indent(lines)
        }
    }
}

/// A call that is blocked, with the proof.
pub fn blocked(blocked: &Blocked, detail: Detail, names: &Names) -> Vec<String> {
    let mut proof = String::from("its thread sleeps in the system call");
    if let Some(syscall) = &blocked.thread.syscall {
        proof = format!("its thread sleeps in the system call {}", syscall.name);
    }
    if detail == Detail::Full {
        let function =
            blocked.thread.kernel_function.as_deref().map(|name| format!(", kernel function {name}"));
        proof = format!(
            "thread {} is in state {} in the system call {}{}",
            blocked.thread.tid,
            blocked.thread.state,
            blocked.thread.syscall.as_ref().map_or("?", |syscall| syscall.name.as_str()),
            function.unwrap_or_default()
        );
    }
    let mut lines =
        vec![format!("{} {}: {proof}", call::call(&blocked.call, None, names), "is blocked".yellow())];
    lines.extend(blocked.why.iter().chain(&blocked.next).cloned());
    lines
}

/// What a line gave, in a few words.
pub fn result(outcome: &Outcome, names: &Names) -> String {
    let cut = |made: &Made| made.done.last.errno == Some(libc::EINTR);
    if let (Some(failure), true) = (&outcome.failure, outcome.made.as_ref().is_some_and(cut)) {
        return failure.message.clone();
    }
    let lines = brief(outcome, names);
    if lines.is_empty() { "nothing".into() } else { lines.join("; ") }
}

/// Only what each line gave, in words that are the same on every run.
fn brief(outcome: &Outcome, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(made) = &outcome.made {
        lines.push(brief_call(made, names));
    }
    if let Some(report) = &outcome.report {
        lines.extend(report.lines.iter().map(|line| printable_line(line)));
    }
    for job in &outcome.jobs {
        lines.push(match &job.what {
            JobState::Running(_) | JobState::SentAway(_) => format!("[{}] started", job.number),
            JobState::Blocked(_) => format!("[{}] waits", job.number),
            JobState::Cancelled(_) => format!("[{}] cancelled", job.number),
            JobState::Returned(made, _) => format!("[{}] {}", job.number, brief_call(made, names)),
        });
    }
    if let (Some(failure), None) = (&outcome.failure, &outcome.made) {
        lines.extend(failure.came.iter().map(|line| printable_line(line)));
        lines.push(format!("error: {}", printable(&failure.message)));
    }
    lines
}

fn brief_call(made: &Made, names: &Names) -> String {
    use crate::worker::call::End;
    let last = &made.done.last;
    let receives = made.call.arguments.iter().any(|argument| matches!(argument, Value::Room(_)));
    let sends = made.call.arguments.iter().any(|argument| matches!(argument, Value::Bytes(_)));
    let came = |data: &[u8]| match data.len() {
        0 => "0 bytes".into(),
        1 => format!("1 byte {}", names.data(data, 400)),
        count => format!("{count} bytes {}", names.data(data, 400)),
    };
    let data = last.data.as_deref().unwrap_or_default();
    match (last.errno, made.done.end) {
        (Some(libc::EINTR), _) if receives => format!("nothing more within the limit, after {}", came(data)),
        // An interrupted send that has taken some bytes returns their number, and no error.
        (Some(libc::EINTR), _) | (None, End::Failed) if sends => {
            format!("not taken within the limit, after {} bytes", made.done.bytes)
        }
        (Some(libc::EINTR), _) => "nothing within the limit".into(),
        (Some(number), _) if receives && !data.is_empty() => {
            format!("{} after {}", crate::explain::errno::said(number), came(data))
        }
        (Some(number), _) => crate::explain::errno::said(number),
        (None, End::StreamEnded) => format!("end of stream after {}", came(data)),
        (None, End::LimitReached) => format!("limit reached after {}", came(data)),
        (None, _) if receives && last.value == 0 && data.is_empty() => {
            let datagram = made.call.protocol.is_some_and(Protocol::is_datagram);
            if datagram { "0 bytes".into() } else { "0 bytes, end of stream".into() }
        }
        (None, _) if receives => came(data),
        (None, _) if sends => format!("{} bytes sent", made.done.bytes),
        (None, _) if made.call.polled().is_some() => polled::lines(made).join("; "),
        (None, _) if last.memory.is_some() => call::filled(made).unwrap_or_else(|| "ok".into()),
        (None, _) => match &last.address {
            Some(address) if !made.call.opens => names.address_of(made.call.protocol, address),
            _ => "ok".into(),
        },
    }
}
