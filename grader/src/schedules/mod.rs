//! Schedules: a submission's threads under a scheduler that decides who goes on at each step.
//!
//! What the threads do, and what must hold, is a *schedule scenario*: Rust code in the lab's package in
//! `grader/schedules`, which is built with the submission as a library, and with `labkit/schedules`. That program
//! tries schedules of the scenario that it is told (crate `schedules`), and reports the one that fails.
//!
//! - [`report`]: what it reports, read strictly: the submission runs in the same process.
//! - [`words`]: that in the words of the lab.

pub mod report;
pub mod words;

use crate::checks::stand::Told;
use crate::command::{self, Finished};
use crate::isolation::Place;
use crate::model::Failure;
use crate::play::{self, Stage, last_lines};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, RandomState};
use std::process::Command;
use std::time::Duration;

/// The name of the program among a stage's programs.
pub const PROGRAM: &str = "schedules";

/// What a schedule may take when many are asked for. They take a tenth of a millisecond.
const EACH: Duration = Duration::from_millis(20);

/// More than a program's standard error is never needed.
const SAID: usize = 10;

/// Which schedules are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedules {
    /// So many of each scenario, in place of what the scenario says.
    pub count: Option<u32>,
    /// This one and no other.
    pub only: Option<String>,
}

impl Schedules {
    /// How long a scenario may take.
    pub fn limit(&self, usual: Duration) -> Duration {
        usual + EACH.saturating_mul(self.count.unwrap_or(0))
    }
}

/// Tries schedules of a scenario; what is known of one that fails.
///
/// # Errors
/// When the grader itself could not do its part: never because of a submission.
pub fn play(
    stage: &Stage,
    place: &Place,
    scenario: &str,
    tell: impl Fn(Told),
) -> Result<Option<Failure>, String> {
    let line = format!("# tries schedules of {scenario}");
    tell(Told::Step(line.clone()));
    on_one_processor();
    // What is written besides this program's own report has another beginning.
    let mark = format!("{:016x}", RandomState::new().hash_one(scenario));
    let limit = stage.schedules.limit(Duration::from_secs(100));
    let finished = command::run_with(command(stage, place, scenario)?, format!("{mark}\n").as_bytes(), limit)
        .map_err(|error| format!("the program that tries schedules does not start: {error}"))?;
    let failure = |expected: Vec<String>, actual: Vec<String>| Failure {
        step: 1,
        line: line.clone(),
        expected,
        actual,
        ..Failure::default()
    };
    let Some(report) = report::find(&finished.stdout, &mark) else {
        return Ok(Some(failure(
            vec!["schedules are tried, and a report is written".into()],
            broken_off(&finished, limit),
        )));
    };
    for tried in &report.tried {
        tell(Told::Note(words::tried(tried)));
    }
    Ok(report.found.map(|found| {
        let told = words::tell(&found, &stage.sources);
        Failure { schedule: Some(told.schedule), ..failure(told.expected, told.actual) }
    }))
}

/// Only one thread runs at a time: on one processor it need not wake another one each time, which takes twice as
/// long. Several gradings spread over the processors.
fn on_one_processor() {
    let process = Pid::from_raw(0);
    let allowed = sched_getaffinity(process).unwrap_or_default();
    let usable: Vec<usize> =
        (0..CpuSet::count()).filter(|processor| allowed.is_set(*processor).unwrap_or(false)).collect();
    let own = usize::try_from(std::process::id()).unwrap_or(0) % usable.len().max(1);
    let mut one = CpuSet::new();
    if let Some(processor) = usable.get(own)
        && one.set(*processor).is_ok()
    {
        // Without it, it is slower.
        let _ = sched_setaffinity(process, &one);
    }
}

fn command(stage: &Stage, place: &Place, scenario: &str) -> Result<Command, String> {
    let Some([program, fixed @ ..]) = stage.programs.get(PROGRAM).map(Vec::as_slice) else {
        return Err("the program that tries schedules was not built".into());
    };
    let mut command = place.command(program);
    command.args(fixed).arg(scenario).args(["--seed", &stage.seed.to_string()]);
    if let Some(count) = stage.schedules.count {
        command.args(["--schedules", &count.to_string()]);
    }
    if let Some(only) = &stage.schedules.only {
        command.args(["--replay", only]);
    }
    command.env_clear().envs(play::environment(&place.home)).current_dir(&place.home);
    Ok(command)
}

/// Why there is no report: the submission has ended the process, or did not let it come to its end.
fn broken_off(finished: &Finished, limit: Duration) -> Vec<String> {
    let ended = match finished.status {
        None => format!("it did not come to an end within {} s", limit.as_secs()),
        Some(status) => format!("the program ended without one: {status}"),
    };
    let said = last_lines(&finished.stderr);
    let said = said[said.len().saturating_sub(SAID)..].iter().map(|line| format!("  {line}"));
    [ended].into_iter().chain(said).collect()
}
