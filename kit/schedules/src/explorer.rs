//! The program around a set of scenarios.
//!
//! `explorer SCENARIO [--schedules N] [--seed N] [--replay NAME]` reads a line from standard input, tries the
//! scenario, and writes that line and what it found, as one object of JSON. What it tries runs in the same process, and
//! may write, too: whoever reads knows by the line which one is this program's.

use crate::json;
use crate::run;
use crate::scenario::Scenario;
use crate::search;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

/// How often it is looked whether a thread comes back.
const LOOK: Duration = Duration::from_millis(100);

/// So many looks in a row that find it asleep show that it waits for something that is not of the run.
const ASLEEP: u32 = 10;

/// So much processor time without a step shows that it never comes back; steps take microseconds. In hundredths of
/// a second, as /proc has it (proc_pid_stat(5)).
const BUSY: u64 = 50;

/// What is asked.
struct Order {
    scenario: &'static Scenario,
    /// So many of all cases together.
    schedules: Option<usize>,
    seed: u64,
    replay: Option<(usize, String)>,
}

/// What was tried so far, as JSON, and the case that is tried.
static SO_FAR: Mutex<(Vec<String>, usize)> = Mutex::new((Vec::new(), 0));

/// The whole program.
pub fn main(scenarios: &'static [Scenario]) -> ExitCode {
    let mut mark = String::new();
    let read = io::stdin().read_line(&mut mark).map_err(|error| error.to_string());
    let done = read.and_then(|_| order(scenarios, std::env::args().skip(1)));
    match done.and_then(|order| carry_out(mark.trim(), &order)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // There is nowhere left to complain to if this fails.
            let _ = writeln!(io::stderr(), "explorer: {problem}");
            ExitCode::from(2)
        }
    }
}

fn order(
    scenarios: &'static [Scenario],
    mut arguments: impl Iterator<Item = String>,
) -> Result<Order, String> {
    let name = arguments.next().ok_or("which scenario?")?;
    let scenario = scenarios.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let mut order = Order { scenario, schedules: None, seed: 1, replay: None };
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("`{option}` needs a value"))?;
        let number = || value.parse::<u64>().map_err(|error| format!("`{option} {value}`: {error}"));
        match option.as_str() {
            "--schedules" => {
                order.schedules = Some(usize::try_from(number()?).map_err(|error| error.to_string())?);
            }
            "--seed" => order.seed = number()?,
            "--replay" => order.replay = Some(name_of(&value, scenario)?),
            _ => return Err(format!("`{option}` is not known here")),
        }
    }
    Ok(order)
}

/// The case and the schedule in `2:12.1`.
fn name_of(value: &str, scenario: &Scenario) -> Result<(usize, String), String> {
    let parts = value.split_once(':').and_then(|(case, name)| Some((case.parse().ok()?, name)));
    let of_this = parts.filter(|(case, _)| *case < scenario.cases.len());
    let (case, name) = of_this.ok_or_else(|| format!("`{value}` is no schedule of {}", scenario.name))?;
    Ok((case, name.to_owned()))
}

fn carry_out(mark: &str, order: &Order) -> Result<(), String> {
    run::hear_panics();
    watch(mark.to_owned(), order.scenario);
    for (at, case) in order.scenario.cases.iter().enumerate() {
        so_far(|_, now| *now = at);
        let found = match &order.replay {
            Some((wanted, _)) if *wanted != at => continue,
            Some((_, name)) => search::replay(case, name)?,
            None => {
                let cases = order.scenario.cases.len();
                let each = |all: usize| all.div_ceil(cases).max(1);
                let wanted = order.schedules.map_or(order.scenario.schedules, each);
                let (tried, found) = search::search(case, wanted, order.seed);
                so_far(|all, _| all.push(json::tried(case.words, &tried)));
                found
            }
        };
        if let Some(found) = found {
            tell(mark, Some(json::found(at, case.words, &found)));
            return Ok(());
        }
    }
    tell(mark, None);
    Ok(())
}

fn so_far(change: impl FnOnce(&mut Vec<String>, &mut usize)) {
    // Nobody panics while holding it.
    if let Ok(mut so_far) = SO_FAR.lock() {
        let (all, now) = &mut *so_far;
        change(all, now);
    }
}

fn tell(mark: &str, found: Option<String>) {
    so_far(|all, _| {
        let found = found.unwrap_or_else(|| "null".into());
        // Whoever waits for it has gone if this fails. A line before may not be complete.
        let _ = writeln!(io::stdout(), "\n{mark} {{\"tried\":[{}],\"found\":{found}}}", all.join(","));
    });
}

/// Ends the program if a thread does not come back, and tells which one. That is judged by what it does, not by the
/// time that goes by: on a busy machine any thread may have to wait.
fn watch(mark: String, scenario: &'static Scenario) {
    std::thread::spawn(move || {
        let (mut before, mut used, mut asleep) = (run::progress(), 0, 0);
        loop {
            std::thread::sleep(LOOK);
            let Some((sleeps, time)) = first_thread() else { return };
            let now = run::progress();
            if now != before {
                (before, used, asleep) = (now, time, 0);
            } else if sleeps {
                asleep += 1;
            } else {
                asleep = 0;
            }
            if (asleep >= ASLEEP || time.saturating_sub(used) >= BUSY)
                && let Some(found) = search::stuck()
            {
                let mut case = 0;
                so_far(|_, now| case = *now);
                tell(&mark, Some(json::found(case, scenario.cases[case].words, &found)));
                std::process::exit(0);
            }
        }
    });
}

/// Whether the first thread, which makes all steps, sleeps, and how much time the process has used.
fn first_thread() -> Option<(bool, u64)> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may have spaces.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let time = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some((*fields.first()? == "S", time(11)? + time(12)?))
}
