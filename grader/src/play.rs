//! Playing a script: a fresh session, fresh programs, one line after the other, up to the
//! first step that gives something else than it should.

use crate::isolation::{Confinement, Place};
use crate::model::{Failure, Program};
use crate::scenario::Step;
use crate::schedules::Schedules;
use netkit::data::printable;
use netkit::outcome::Outcome;
use netkit::render::drawing::svg;
use netkit::render::ladder::{Ladder, Room};
use netkit::render::{Detail, text};
use netkit::session::names::Naming;
use netkit::session::program::Which;
use netkit::session::programs::Surroundings;
use netkit::session::{JobNewsTime, Options, Session};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most lines of a program's standard error that a report shows, and characters of each.
const STDERR_LINES: usize = 20;
const STDERR_WIDTH: usize = 300;

/// What all scenarios of a grading have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stage {
    /// The program that runs as the session's worker.
    pub worker: PathBuf,
    /// The command behind each program's name.
    pub programs: BTreeMap<String, Vec<String>>,
    /// From which nonces and random bytes are made.
    pub seed: u64,
    /// How the programs are kept apart.
    pub confinement: Confinement,
    /// Whether what happened is drawn, too.
    pub pictures: bool,
    /// The lines of the student's files.
    pub sources: BTreeMap<PathBuf, Vec<String>>,
    /// Which schedules are tried.
    pub schedules: Schedules,
}

impl Stage {
    /// One for what is no scenario.
    pub fn without_programs(worker: &Path, confinement: &Confinement) -> Self {
        Self {
            worker: worker.to_owned(),
            programs: BTreeMap::new(),
            seed: 0,
            confinement: confinement.clone(),
            pictures: false,
            sources: BTreeMap::new(),
            schedules: Schedules::default(),
        }
    }

    /// The files that the programs' commands consist of: their words that are whole paths.
    pub fn files(&self) -> Vec<PathBuf> {
        let words = self.programs.values().flatten().map(PathBuf::from);
        words.filter(|word| word.is_absolute() && word.is_file()).collect()
    }
}

/// What was played.
#[derive(Debug)]
pub struct Played {
    /// The steps, up to the one that failed.
    pub steps: Vec<Step>,
    /// What is known of the step that failed, if one did.
    pub failure: Option<Failure>,
    /// What happened as a picture (SVG), if one was asked for, and anything can be drawn.
    pub ladder: Option<String>,
}

/// Plays a script and tells each step when it is done; what is known of the step that failed, if
/// one did.
///
/// # Errors
/// When the grader itself could not do its part: never because of a submission.
pub(crate) fn script(
    stage: &Stage,
    place: &Place,
    limit: Duration,
    lines: &[String],
    expected: Option<&[Step]>,
    mut tell: impl FnMut(Told),
) -> Result<Option<Failure>, String> {
    let mut session = Session::start(options(stage, limit, place))
        .map_err(|error| format!("the session does not start: {error}"))?;
    let failure = steps(&mut session, lines, expected, &mut tell)?;
    if stage.pictures {
        let ladder = Ladder::of(session.record(), session.names());
        if !ladder.is_empty() {
            tell(Told::Ladder(svg::file(&ladder.drawing(Room::Enough))));
        }
    }
    Ok(failure)
    // The session ends here, and with it the worker and all programs.
}

/// What is told while a script is played.
pub(crate) enum Told {
    /// A step is done.
    Done(Step),
    /// What happened, as a picture.
    Ladder(String),
}

/// Runs the lines up to the first that gives something else than it should.
fn steps(
    session: &mut Session,
    lines: &[String],
    expected: Option<&[Step]>,
    tell: &mut impl FnMut(Told),
) -> Result<Option<Failure>, String> {
    for (index, line) in lines.iter().enumerate() {
        let outcome = session.run(line);
        own_fault(session, &outcome)?;
        let output = text::outcome(&outcome, Detail::Brief, session.names());
        let actual = Step { line: line.clone(), output };
        tell(Told::Done(actual.clone()));
        let Some(expected) = expected.and_then(|steps| steps.get(index)) else { continue };
        if actual.output != expected.output {
            let failure = Failure {
                step: index + 1,
                line: actual.line.clone(),
                expected: expected.output.clone(),
                actual: actual.output.clone(),
                said: outcome.failure.map(|failure| failure.why).unwrap_or_default(),
                ..scene(session, |_| true)
            };
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

/// How a session for the programs of a submission is set up.
pub(crate) fn options(stage: &Stage, limit: Duration, place: &Place) -> Options {
    Options {
        seed: stage.seed,
        limit: Some(limit),
        settle: false,
        programs: stage.programs.clone(),
        surroundings: Surroundings {
            environment: Some(environment(&place.home)),
            directory: Some(place.home.clone()),
            unprivileged: true,
            data_limit: None,
            launcher: place.launcher.clone(),
        },
        job_news: JobNewsTime::WhenAsked,
        ..Options::new(place.worker.clone(), Naming::Names)
    }
}

/// What the programs find in their environment: the way to other programs, which an
/// interpreter may need, and a language that all machines have.
pub(crate) fn environment(home: &Path) -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let home = home.as_os_str().to_owned();
    let pairs = [("PATH", path), ("HOME", home.clone()), ("TMPDIR", home), ("LANG", "C.UTF-8".into())];
    pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// What cannot be the submission's fault: the worker is gone, a line is not of the language,
/// a program does not start, the machine is out of something.
pub(crate) fn own_fault(session: &Session, outcome: &Outcome) -> Result<(), String> {
    const SHORT_OF: &[i32] = &[libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOBUFS];
    let line = &outcome.line;
    if let Some(reason) = session.worker_gone() {
        return Err(format!("the process with the session's sockets has ended at `{line}`: {reason}"));
    }
    let Some(failure) = &outcome.failure else { return Ok(()) };
    let parsed = netkit::language::parse(line).ok().flatten();
    let verb = parsed.as_ref().and_then(|line| line.verb.bare()).and_then(netkit::verbs::find);
    let own = match verb {
        None => true,
        Some(verb) => verb.name == "start" || failure.errno.is_some_and(|errno| SHORT_OF.contains(&errno)),
    };
    if own { Err(format!("`{line}`: {}", failure.message)) } else { Ok(()) }
}

/// All that can be seen at the moment at which a step failed, of the programs that are wanted; what
/// failed is left out.
pub(crate) fn scene(session: &mut Session, wanted: impl Fn(&str) -> bool) -> Failure {
    // A worker that is gone shows no states; what went wrong is told all the same.
    let _ = session.settle();
    let states = session.run("state");
    let ending: Vec<String> =
        session.programs().names().filter(|name| is_ending(session, name)).map(str::to_owned).collect();
    for name in ending {
        // How it ended is known a moment after its outputs have ended. If it goes on without
        // them, it is said to run.
        session.run(&format!("wait {name}"));
    }
    let mut ends = states.report.map(|report| report.lines).unwrap_or_default();
    let unwanted: Vec<String> =
        session.programs().names().filter(|name| !wanted(name)).map(|name| format!("{name} (-) ")).collect();
    ends.retain(|end| !unwanted.iter().any(|name| end.starts_with(name)));
    let ends = folded(ends);
    let programs = session.programs();
    let programs = programs
        .names()
        .filter(|name| wanted(name))
        .filter_map(|name| {
            let program = programs.find(name)?;
            let stderr = last_lines(program.output(Which::Stderr).all());
            let unread = last_lines(program.output(Which::Stdout).rest());
            Some(Program { name: name.to_owned(), ending: program.ending_in_words(), stderr, unread })
        })
        .collect();
    Failure { ends, programs, ..Failure::default() }
}

/// The sockets without the many that say nothing: what earlier connections have left behind.
fn folded(mut ends: Vec<String>) -> Vec<String> {
    const FEW: usize = 3;
    let left = |end: &String| end.starts_with("elsewhere (-)") && end.trim_end().ends_with("TIME-WAIT");
    let count = ends.iter().filter(|end| left(end)).count();
    if count > FEW {
        ends.retain(|end| !left(end));
        ends.push(format!("and {count} connections that are over (TIME-WAIT)"));
    }
    ends
}

/// Whether a program has closed an output, and is not known to have ended.
fn is_ending(session: &Session, name: &str) -> bool {
    let program = session.programs().find(name);
    let ended = |program: &netkit::session::program::Program| {
        [Which::Stdout, Which::Stderr].into_iter().any(|which| program.output(which).ended)
    };
    program.is_some_and(|program| program.ending().is_none() && ended(program))
}

/// The last lines of what a program wrote, safe to print.
pub(crate) fn last_lines(bytes: &[u8]) -> Vec<String> {
    // A line is cut below: no more than this can be of use.
    let tail = &bytes[bytes.len().saturating_sub(STDERR_LINES * STDERR_WIDTH)..];
    let text = String::from_utf8_lossy(tail);
    let lines: Vec<&str> = text.lines().collect();
    let cut = |line: &&str| printable(&line.chars().take(STDERR_WIDTH).collect::<String>());
    lines[lines.len().saturating_sub(STDERR_LINES)..].iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_standard_error_is_shown_safely() {
        assert_eq!(last_lines(b"a\x1b[31m\nb\xff\n"), ["a\\u{1b}[31m", "b\u{fffd}"]);
        let long: Vec<u8> = (0..100).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let shown = last_lines(&long);
        assert_eq!((shown.len(), shown.last().map(String::as_str)), (STDERR_LINES, Some("line 99")));
        assert!(last_lines(&[b'x'; 100_000])[0].len() <= STDERR_WIDTH);
    }
}
