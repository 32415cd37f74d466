//! `jobs`: calls in the background.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, JobState, Report};
use crate::session::Session;
use serde_json::{Value, json};

/// The row of `jobs`.
pub(super) static VERB: Verb = Verb {
    name: "jobs",
    group: Group::Look,
    arguments: &[],
    summary: "Lists the calls in the background.",
    details: "A call that was typed with `&` behind it is a job until it returns. `wait 1` waits for job 1, \
              `cancel 1` interrupts it.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "accept srv &", "jobs", "cancel 1"],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    let jobs: Vec<(u32, String)> = session.jobs().map(|(number, job)| (number, job.line.clone())).collect();
    let mut lines = Vec::new();
    let mut facts = Vec::new();
    for (number, line) in jobs {
        let (state, why) = match session.job_state(number) {
            Some(JobState::Blocked(blocked)) => ("blocked", blocked.why.first().cloned()),
            _ => ("running", None),
        };
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!("[{number}] {line}  {state}{why}"));
        facts.push(json!({ "job": number, "line": line, "state": state }));
    }
    if lines.is_empty() {
        lines.push("no jobs".into());
    }
    Ok(Report { lines, facts: json!({ "jobs": Value::from(facts) }) })
}
