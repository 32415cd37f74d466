//! A scenario in a process of its own: `grade`, started again. What is to be done stands on its
//! standard input; it tells on its standard output, an object of JSON a line.
//!
//! Such a process can go into namespaces; it can be ended at its deadline, wherever it is; a
//! panic is its own; and what it opens, allocates or leaves behind is gone with it. Its programs are
//! killed when it is (PR_SET_PDEATHSIG), and what they have started themselves is found by its mark.

use crate::checks;
use crate::checks::stand::{Stand, Stop, Told};
use crate::command::Finished;
use crate::isolation::{Confinement, Needs, Place, clearing};
use crate::model::Failure;
use crate::play::{self, Played, Stage, last_lines};
use crate::scenario::{Body, Scenario, Step};
use crate::schedules;
use netkit::session::programs;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The first and only argument of such a process.
const ARGUMENT: &str = "netlab-scenario";

/// How much longer than all of its steps together a script may take. Each step has a limit of
/// its own: this is reached only if something is wrong with the grader.
const MORE: Duration = Duration::from_secs(60);

/// How long trying out an isolation may take.
const TRIAL: Duration = Duration::from_secs(30);

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    what: What,
    stage: Stage,
    limit: Duration,
    place: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
enum What {
    /// A script, with what its steps must give.
    Script(Vec<String>, Option<Vec<Step>>),
    Check(String),
    Schedules(String),
    /// To see whether programs can be isolated.
    Trial,
    /// A command that is no program of a lab's: the build.
    Command(Job),
}

/// A command that is to be run by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// Where it runs.
    pub folder: PathBuf,
    /// What it needs.
    pub needs: Needs,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Ran {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// What the process tells.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    /// A step of a script, when it is done.
    Done(Step),
    /// What a script did, as a picture.
    Ladder(String),
    /// A step of a check, or what came of it, at once.
    Told(Told),
    Ran(Ran),
    Passed,
    Failed(Box<Failure>),
    Trouble(String),
}

/// Plays a scenario up to the first step that gives something else than it should. Without
/// anything to expect a script is played to its end.
///
/// # Errors
/// When the grader itself could not do its part: never because of a submission.
pub fn run(stage: &Stage, scenario: &Scenario, expected: Option<&[Step]>) -> Result<Played, String> {
    let (what, limit) = match &scenario.body {
        Body::Script(lines) => {
            let steps = u32::try_from(lines.len()).unwrap_or(u32::MAX);
            let all = scenario.limit.saturating_mul(steps) + MORE;
            (What::Script(lines.clone(), expected.map(<[Step]>::to_vec)), all)
        }
        Body::Check(check) => (What::Check(check.name.to_owned()), scenario.limit),
        Body::Schedules(name) => (What::Schedules(name.clone()), stage.schedules.limit(scenario.limit)),
    };
    let Carried { steps, ladder, ending } = carry(what, stage.clone(), scenario.limit, limit)?;
    let failure = match ending {
        Ending::Told(Message::Failed(failure)) => Some(*failure),
        Ending::Told(Message::Trouble(reason)) | Ending::Gone(reason) => return Err(reason),
        Ending::Told(_) => None,
        Ending::Late if !matches!(scenario.body, Body::Script(_)) => Some(late(&steps, limit)),
        Ending::Late => return Err(format!("it did not come to an end within {} s", limit.as_secs())),
    };
    Ok(Played { steps, failure, ladder })
}

/// Tries whether programs can be kept apart like this.
///
/// # Errors
/// Why they cannot.
pub fn try_out(confinement: &Confinement, worker: &Path) -> Result<(), String> {
    let stage = Stage::without_programs(worker, confinement);
    match carry(What::Trial, stage, TRIAL, TRIAL)?.ending {
        Ending::Told(Message::Passed) => Ok(()),
        Ending::Told(Message::Trouble(reason)) | Ending::Gone(reason) => Err(reason),
        Ending::Told(_) | Ending::Late => Err(format!("trying it took more than {} s", TRIAL.as_secs())),
    }
}

/// Runs a command that is kept apart, to its end or the limit.
///
/// # Errors
/// When it cannot be started.
pub fn command(
    confinement: &Confinement,
    worker: &Path,
    job: Job,
    limit: Duration,
) -> Result<Finished, String> {
    let stage = Stage::without_programs(worker, confinement);
    // The process itself ends the command at the limit.
    match carry(What::Command(job), stage, limit, limit + MORE)?.ending {
        Ending::Told(Message::Ran(Ran { status, stdout, stderr })) => {
            Ok(Finished { status: status.map(ExitStatus::from_raw), stdout, stderr })
        }
        Ending::Told(Message::Trouble(reason)) | Ending::Gone(reason) => Err(reason),
        Ending::Told(_) | Ending::Late => Err("it could not be ended".into()),
    }
}

/// Has it done by a process, to its end or the limit.
fn carry(what: What, stage: Stage, step_limit: Duration, limit: Duration) -> Result<Carried, String> {
    let place = tempfile::Builder::new().prefix("grade-").tempdir().map_err(|error| error.to_string())?;
    let worker = stage.worker.clone();
    let order = Order { what, stage, limit: step_limit, place: place.path().to_owned() };
    let order = serde_json::to_string(&order).map_err(|error| error.to_string())?;
    let deadline = Instant::now() + limit;
    // Of a panic its message is told, not its way.
    let mut child = Command::new(&worker)
        .arg(ARGUMENT)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", worker.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that has ended already is told of below.
        let _ = writeln!(stdin, "{order}");
    }
    let messages = messages(&mut child)?;
    let stderr = child.stderr.take().map(crate::command::collect);
    let mut carried = listen(&messages, deadline);
    let status = end(&mut child);
    carried.ending = match carried.ending {
        Ending::Gone(_) => {
            let said = stderr.and_then(|stderr| stderr.join().ok()).unwrap_or_default();
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            Ending::Gone(format!("the scenario broke off ({status}): {}", last_lines(&said).join(" ")))
        }
        ending => ending,
    };
    Ok(carried)
}

/// What a process told.
struct Carried {
    steps: Vec<Step>,
    ladder: Option<String>,
    ending: Ending,
}

/// How a scenario came to its end.
enum Ending {
    Told(Message),
    Late,
    Gone(String),
}

/// What the process tells, read on a thread of its own.
fn messages(child: &mut Child) -> Result<Receiver<Message>, String> {
    let stdout = child.stdout.take().ok_or("it has no standard output")?;
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

/// Collects the steps until the scenario ends, or has to.
fn listen(messages: &Receiver<Message>, deadline: Instant) -> Carried {
    let mut steps: Vec<Step> = Vec::new();
    let mut ladder = None;
    let ending = loop {
        match messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Message::Done(step)) => steps.push(step),
            Ok(Message::Told(Told::Step(line))) => steps.push(Step { line, output: Vec::new() }),
            Ok(Message::Told(Told::Note(note))) => {
                if let Some(step) = steps.last_mut() {
                    step.output.push(note);
                }
            }
            Ok(Message::Ladder(picture)) => ladder = Some(picture),
            Ok(ending) => break Ending::Told(ending),
            Err(RecvTimeoutError::Timeout) => break Ending::Late,
            Err(RecvTimeoutError::Disconnected) => break Ending::Gone(String::new()),
        }
    };
    Carried { steps, ladder, ending }
}

/// Ends the process and all that it has started.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let group = i32::try_from(child.id()).map_err(io::Error::other)?;
    // If it has ended by itself, nobody is left below it.
    clearing::kill_descendants(child.id());
    // When nobody is left these fail, as they should.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    let _ = child.kill();
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
        ..Failure::default()
    }
}

/// The other side: whether this process was started to play a scenario.
pub fn is_asked() -> bool {
    std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT))
}

/// Plays the scenario that this process was started for.
pub fn serve() -> ExitCode {
    // Killed with whoever waits for the answer; and without a terminal, which programs could write
    // and type to as /dev/tty.
    let alone = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).is_err() || nix::unistd::setsid().is_err();
    let mut order = String::new();
    let read = io::stdin().read_line(&mut order).ok();
    match (alone, read.and_then(|_| serde_json::from_str::<Order>(&order).ok())) {
        (false, Some(order)) => {
            let ending = nix::sys::prctl::set_child_subreaper(true)
                .map_err(|errno| format!("no subreaper: {errno}"))
                .and_then(|()| carry_out(&order));
            let ending = ending.unwrap_or_else(Message::Trouble);
            clearing::end_own();
            tell(&ending);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn carry_out(order: &Order) -> Result<Message, String> {
    let stage = &order.stage;
    let needs = match &order.what {
        What::Command(job) => job.needs.clone(),
        _ => stage.confinement.needs_of(&stage.files()),
    };
    let place = stage
        .confinement
        .enter(&order.place, &stage.worker, &needs)
        .map_err(|error| format!("its programs cannot be isolated: {error}"))?;
    let failure = match &order.what {
        What::Script(lines, expected) => {
            play::script(stage, &place, order.limit, lines, expected.as_deref(), |told| {
                tell(&match told {
                    play::Told::Done(step) => Message::Done(step),
                    play::Told::Ladder(picture) => Message::Ladder(picture),
                });
            })?
        }
        What::Check(name) => {
            let check = checks::find(name).ok_or_else(|| format!("there is no check `{name}`"))?;
            let mut stand = Stand::new(stage, place, |told| tell(&Message::Told(told)))
                .map_err(|error| format!("the session does not start: {error}"))?;
            match (check.run)(&mut stand) {
                Ok(()) => None,
                Err(Stop::Trouble(reason)) => return Err(reason),
                Err(Stop::Failed { expected, actual }) => {
                    let (step, line) =
                        (stand.steps().len(), stand.steps().last().cloned().unwrap_or_default());
                    let scene = stand.scene();
                    Some(Failure { step, line, expected, actual, ..scene })
                }
            }
        }
        What::Schedules(name) => schedules::play(stage, &place, name, |told| tell(&Message::Told(told)))?,
        What::Command(job) => return run_job(job, &place, order.limit).map(Message::Ran),
        What::Trial => {
            let lines = ["p = start true".to_owned(), "wait p".to_owned()];
            let mut works = false;
            play::script(stage, &place, order.limit, &lines, None, |told| {
                if let play::Told::Done(step) = told {
                    works = step.output == ["p ended with exit code 0"];
                }
            })?;
            if !works {
                return Err("a program was started there, and did not end as it should".into());
            }
            None
        }
    };
    Ok(failure.map_or(Message::Passed, |failure| Message::Failed(Box::new(failure))))
}

fn run_job(job: &Job, place: &Place, limit: Duration) -> Result<Ran, String> {
    let [program, arguments @ ..] = job.words.as_slice() else { return Err("there is no command".into()) };
    let mut command = place.command(program);
    command
        .args(arguments)
        .env_clear()
        .envs(&job.environment)
        .env("TMPDIR", &place.home)
        .current_dir(&job.folder);
    let Finished { status, stdout, stderr } =
        crate::command::run(command, limit).map_err(|error| format!("{program} does not start: {error}"))?;
    Ok(Ran { status: status.map(ExitStatusExt::into_raw), stdout, stderr })
}

fn tell(message: &Message) {
    // Whoever waits for it has gone: then this process ends, too.
    if let Ok(line) = serde_json::to_string(message) {
        let _ = writeln!(io::stdout(), "{line}");
    }
}
