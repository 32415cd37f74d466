//! A check in a process of its own: `grade`, started again with what is to be done on its
//! command line. It tells on its standard output, an object of JSON a line.
//!
//! A process can be ended at its deadline, wherever it is; a panic is its own; and what it
//! opens, allocates or leaves behind is gone with it. Its programs are killed when it is
//! (PR_SET_PDEATHSIG), and what they have started themselves is found by its mark.

use super::stand::{Stand, Stop, Told};
use super::{Check, find};
use crate::model::Failure;
use crate::play::{self, Played, Stage, last_lines};
use crate::scenario::Step;
use netkit::session::programs;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The first argument of such a process; the second is an [`Order`].
const ARGUMENT: &str = "netlab-check";

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    check: String,
    programs: BTreeMap<String, Vec<String>>,
    seed: u64,
    worker: PathBuf,
    home: PathBuf,
}

/// What the process tells.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    Told(Told),
    Passed,
    Failed(Box<Failure>),
    Trouble(String),
}

/// Runs a check to its end or the limit.
///
/// # Errors
/// When the grader itself could not do its part: never because of a submission.
pub fn run(stage: &Stage, check: &Check, limit: Duration) -> Result<Played, String> {
    let home = tempfile::Builder::new().prefix("grade-").tempdir().map_err(|error| error.to_string())?;
    let order = Order {
        check: check.name.to_owned(),
        programs: stage.programs.clone(),
        seed: stage.seed,
        worker: stage.worker.clone(),
        home: home.path().to_owned(),
    };
    let order = serde_json::to_string(&order).map_err(|error| error.to_string())?;
    let deadline = Instant::now() + limit;
    let mut child = Command::new(&stage.worker)
        .args([ARGUMENT, &order])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("the check `{}` does not start: {error}", check.name))?;
    let messages = messages(&mut child)?;
    let stderr = child.stderr.take().map(crate::command::collect);
    let (steps, ending) = listen(&messages, deadline);
    let status = end(&mut child);
    let failure = match ending {
        Ending::Told(Message::Failed(failure)) => Some(*failure),
        Ending::Told(Message::Trouble(reason)) => return Err(reason),
        Ending::Told(_) => None,
        Ending::Late => Some(late(&steps, limit)),
        Ending::Gone => {
            let said = stderr.and_then(|stderr| stderr.join().ok()).unwrap_or_default();
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(format!(
                "the check `{}` broke off ({status}): {}",
                check.name,
                last_lines(&said).join(" ")
            ));
        }
    };
    Ok(Played { steps, failure })
}

/// How a check came to its end.
enum Ending {
    Told(Message),
    Late,
    Gone,
}

/// What the process tells, read on a thread of its own.
fn messages(child: &mut Child) -> Result<Receiver<Message>, String> {
    let stdout = child.stdout.take().ok_or("the check has no standard output")?;
    let (sender, messages) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        for message in lines.filter_map(|line| serde_json::from_str(&line).ok()) {
            // Nobody listens after the deadline.
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    Ok(messages)
}

/// Collects the steps until the check ends, or has to.
fn listen(messages: &Receiver<Message>, deadline: Instant) -> (Vec<Step>, Ending) {
    let mut steps: Vec<Step> = Vec::new();
    loop {
        match messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Message::Told(Told::Step(line))) => steps.push(Step { line, output: Vec::new() }),
            Ok(Message::Told(Told::Note(note))) => {
                if let Some(step) = steps.last_mut() {
                    step.output.push(note);
                }
            }
            Ok(ending) => return (steps, Ending::Told(ending)),
            Err(RecvTimeoutError::Timeout) => return (steps, Ending::Late),
            Err(RecvTimeoutError::Disconnected) => return (steps, Ending::Gone),
        }
    }
}

/// Ends the process and all that it has started.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let group = i32::try_from(child.id()).map_err(io::Error::other)?;
    // When nobody is left this fails, as it should.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    let status = child.wait();
    programs::end_all_of(child.id());
    status
}

/// The failure of a check that had to be ended. Its waits have limits of their own, so that
/// this is told only where many things took long.
fn late(steps: &[Step], limit: Duration) -> Failure {
    Failure {
        step: steps.len(),
        line: steps.last().map(|step| step.line.clone()).unwrap_or_default(),
        expected: vec![format!("all of it is done within {} s", limit.as_secs())],
        actual: vec!["it was not done by then, and was ended".into()],
        said: Vec::new(),
        ends: Vec::new(),
        programs: Vec::new(),
    }
}

/// The other side: whether this process was started to run a check.
pub fn is_asked() -> bool {
    std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT))
}

/// Runs the check that this process was started for.
pub fn serve() -> ExitCode {
    // Killed with whoever waits for the answer.
    let alone = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).is_err();
    let order = std::env::args().nth(2).and_then(|order| serde_json::from_str::<Order>(&order).ok());
    match (alone, order) {
        (false, Some(order)) => {
            let ending = carry_out(&order).unwrap_or_else(Message::Trouble);
            tell(&ending);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn carry_out(order: &Order) -> Result<Message, String> {
    let check = find(&order.check).ok_or_else(|| format!("there is no check `{}`", order.check))?;
    let stage = Stage { worker: order.worker.clone(), programs: order.programs.clone(), seed: order.seed };
    let mut stand = Stand::new(&stage, &order.home, |told| tell(&Message::Told(told)))
        .map_err(|error| format!("the session does not start: {error}"))?;
    let (expected, actual) = match (check.run)(&mut stand) {
        Ok(()) => return Ok(Message::Passed),
        Err(Stop::Trouble(reason)) => return Err(reason),
        Err(Stop::Failed { expected, actual }) => (expected, actual),
    };
    let (step, line) = (stand.steps().len(), stand.steps().last().cloned().unwrap_or_default());
    let scene = play::scene(stand.session());
    Ok(Message::Failed(Box::new(Failure { step, line, expected, actual, ..scene })))
}

fn tell(message: &Message) {
    // Whoever waits for it has gone: then this process ends, too.
    if let Ok(line) = serde_json::to_string(message) {
        let _ = writeln!(io::stdout(), "{line}");
    }
}
