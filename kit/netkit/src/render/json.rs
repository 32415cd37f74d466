//! An outcome for programs: one object a line, the same facts as in the text.

use super::{Detail, call, polled};
use crate::kernel::sock_diag::TimerKind;
use crate::outcome::{Blocked, Failure, JobNews, JobState, Made, Outcome};
use crate::session::ends::{Change, End, Owner};
use crate::session::names::Names;
use serde_json::{Value, json};

/// The object of an outcome. What does not apply is left out.
pub fn outcome(outcome: &Outcome, number: u32, names: &Names) -> Value {
    let mut object = json!({
        "line": number,
        "input": outcome.line,
        "ok": outcome.ok(),
    });
    let mut put = |key: &str, value: Value| object[key] = value;
    if !outcome.meanwhile.is_empty() {
        put("meanwhile", outcome.meanwhile.iter().map(change).collect());
    }
    if let Some(what) = &outcome.made {
        put("call", made(what, names));
    }
    if !outcome.notes.is_empty() {
        put("notes", json!(outcome.notes));
    }
    if !outcome.changes.is_empty() {
        put("changes", outcome.changes.iter().map(change).collect());
    }
    if !outcome.jobs.is_empty() {
        put("jobs", outcome.jobs.iter().map(|news| job(news, names)).collect());
    }
    if let Some(report) = &outcome.report {
        put("report", report.facts.clone());
    }
    if let Some(problem) = &outcome.failure {
        put("failure", failure(problem));
    }
    if let Some((verdict, tally)) = &outcome.prediction {
        put("prediction", json!({ "right": verdict.right, "said": verdict.lines, "tally": tally }));
    }
    if let Some(told) = outcome.lesson.as_ref().filter(|told| !told.checks.is_empty()) {
        let checks = told.checks.iter();
        put(
            "lesson",
            json!({
                "checks": checks.map(|(words, met)| json!({ "check": words, "met": met })).collect::<Value>(),
                "done": !told.done.is_empty(),
            }),
        );
    }
    object
}

fn made(made: &Made, names: &Names) -> Value {
    let last = &made.done.last;
    json!({
        "function": made.call.function,
        "text": call::made(made, Detail::Stable, names).join("\n"),
        "returned": last.value,
        "errno": last.errno,
        "microseconds": last.microseconds,
        "calls": made.done.calls,
        "bytes": made.done.bytes,
        "address": last.address,
        "pair": last.pair,
        "option": call::filled(made),
        "polled": polled::facts(made),
        "data": last.data.as_ref().map(|data| names.data(data, usize::MAX)),
        "end": made.done.end,
    })
}

/// A change.
pub(crate) fn change(change: &Change) -> Value {
    match change {
        Change::Appeared(after) => json!({ "after": end(after) }),
        Change::Vanished(before) => json!({ "before": end(before) }),
        Change::Became(before, after) => json!({ "before": end(before), "after": end(after) }),
    }
}

/// A socket.
pub(crate) fn end(end: &End) -> Value {
    let owner = match &end.owner {
        Owner::Session(_) => "session",
        Owner::Closed(_) => "closed",
        Owner::Listener(_) => "listener",
        Owner::Program(_) => "program",
        Owner::Other => "other",
    };
    json!({
        "cookie": end.cookie,
        "owner": owner,
        "label": end.label(),
        "fd": end.fd,
        "protocol": end.protocol,
        "local": end.local,
        "remote": end.remote,
        "state": end.state.name(),
        "unread": end.unread,
        "unacknowledged": end.unacknowledged,
        "accept_queue": end.accept_queue.map(|queue| json!({ "waiting": queue.waiting, "limit": queue.limit })),
        "time_wait_ms": end.timer.as_ref().filter(|timer| timer.kind == TimerKind::TimeWait).map(|timer| timer.expires_ms),
    })
}

fn job(news: &JobNews, names: &Names) -> Value {
    let mut object = match &news.what {
        JobState::Running(what) | JobState::SentAway(what) => {
            json!({ "state": "running", "call": call::call(what, None, names) })
        }
        JobState::Blocked(what) => blocked(what, names),
        JobState::Cancelled(what) => json!({ "state": "cancelled", "call": made(what, names) }),
        JobState::Returned(what, problem) => json!({
            "state": "returned",
            "call": made(what, names),
            "failure": problem.as_ref().map(failure),
        }),
    };
    object["job"] = json!(news.number);
    object
}

/// A blocked call with its proof.
pub fn blocked(blocked: &Blocked, names: &Names) -> Value {
    json!({
        "state": "blocked",
        "call": call::call(&blocked.call, None, names),
        "thread": blocked.thread,
        "why": blocked.why,
        "next": blocked.next,
    })
}

fn failure(failure: &Failure) -> Value {
    json!({
        "message": failure.message,
        "came": failure.came,
        "errno": failure.errno,
        "why": failure.why,
        "next": failure.next,
    })
}
