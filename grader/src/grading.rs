//! From a submission to a grade: build, play every scenario, compare, judge.

use crate::apart;
use crate::build::{self, Built, Parts, Workshop};
use crate::isolation::{self, Confinement, Wanted};
use crate::kit::{Kit, Lab};
use crate::model::{BuildFailure, Grade, Judged, Problem, Source, Verdict};
use crate::play::{Played, Stage};
use crate::scenario::{self, Body, Scenario, transcript};
use crate::schedules::{self, Schedules};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is to be graded, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The lab.
    pub lab: Lab,
    /// The folder with the submission.
    pub submission: PathBuf,
    /// Commands that stand in for programs; what is not named is built from the submission.
    pub programs: BTreeMap<String, Vec<String>>,
    /// Which scenarios are played.
    pub scenarios: Which,
    /// Which schedules are tried.
    pub schedules: Schedules,
    /// From which nonces and random bytes are made.
    pub seed: u64,
    /// The program that runs as the sessions' worker: `grade` itself.
    pub worker: PathBuf,
    /// How long the build may take.
    pub build_limit: Duration,
    /// What is asked of the isolation.
    pub isolation: Wanted,
    /// Whether each scenario is drawn, too.
    pub pictures: bool,
    /// A folder with scenarios of the instructor's own, which are played as well.
    pub hidden: Option<PathBuf>,
}

/// Which of a lab's scenarios are played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// The one of this name.
    Only(String),
    /// Those that try schedules.
    Schedules,
    /// The first ones, up to the one of this name.
    Through(String),
}

/// Grades a submission.
///
/// # Errors
/// When the request makes no sense, or when nothing could be graded.
pub fn grade(kit: &Kit, request: &Request) -> Result<Grade, Problem> {
    let confinement = isolation::find(&request.isolation, &request.worker)?;
    grade_as(kit, request, &confinement, |_| {})
}

/// How far a grading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The programs are being built.
    Building,
    /// A scenario is being played.
    Playing {
        /// Which one, from 1.
        number: usize,
        /// Of how many.
        of: usize,
        /// Its name.
        name: &'a str,
    },
}

/// Grades a submission whose programs are kept apart in a way that was found before.
///
/// # Errors
/// When the request makes no sense, or when nothing could be graded.
pub fn grade_as(
    kit: &Kit,
    request: &Request,
    confinement: &Confinement,
    tell: impl Fn(Progress<'_>),
) -> Result<Grade, Problem> {
    let scenarios = chosen(kit, request)?;
    let mut grade = Grade {
        lab: request.lab.name.clone(),
        number: request.lab.number,
        title: request.lab.title.clone(),
        score: 0,
        max_score: scenarios.iter().map(|scenario| scenario.points).sum(),
        isolation: confinement.isolation.clone(),
        seed: request.seed,
        files: request.lab.editable.iter().map(|file| file.display().to_string()).collect(),
        build_failure: None,
        scenarios: Vec::new(),
        source: source(kit, request),
    };
    tell(Progress::Building);
    let built = match built(kit, request, confinement, &scenarios)? {
        Ok(built) => built,
        Err(failure) => {
            grade.scenarios = scenarios.iter().map(|scenario| skipped(scenario, &failure.summary)).collect();
            grade.build_failure = Some(failure);
            return Ok(grade);
        }
    };
    let stage = stage(request, built.as_ref(), confinement);
    for (place, scenario) in scenarios.iter().enumerate() {
        tell(Progress::Playing { number: place + 1, of: scenarios.len(), name: &scenario.name });
        let judged = judge(&stage, scenario, &grade.scenarios);
        grade.score += judged.points;
        grade.scenarios.push(judged);
    }
    Ok(grade)
}

/// The instructor's own scenarios for a lab: those in the folder, or in the lab's folder in it.
///
/// # Errors
/// When they cannot be read.
pub fn hidden(folder: &Path, lab: &Lab) -> Result<Vec<Scenario>, Problem> {
    let own = folder.join(&lab.slug);
    let mut scenarios = scenario::read_all(if own.is_dir() { &own } else { folder })?;
    scenarios.iter_mut().for_each(|scenario| scenario.hidden = true);
    Ok(scenarios)
}

/// Plays the instructor's own scenarios with a submission, and writes down what they gave: from now on they must give
/// that. Gives the files.
///
/// # Errors
/// When the submission cannot be built, a scenario cannot be played, or a file cannot be written.
pub fn record(kit: &Kit, request: &Request, confinement: &Confinement) -> Result<Vec<PathBuf>, Problem> {
    let Some(folder) = &request.hidden else { return Ok(Vec::new()) };
    let scenarios = hidden(folder, &request.lab)?;
    let built = built(kit, request, confinement, &scenarios)?
        .map_err(|failure| Problem::Usage(format!("{}\n{}", failure.summary, failure.message)))?;
    let stage = stage(request, built.as_ref(), confinement);
    let scripts = scenarios.iter().filter(|scenario| matches!(scenario.body, Body::Script(_)));
    let write = |scenario: &Scenario| {
        let played = apart::run(&stage, scenario, None)
            .map_err(|reason| Problem::Trouble(format!("{}: {reason}", scenario.name)))?;
        scenario.record(&played.steps)
    };
    scripts.map(write).collect()
}

/// What all scenarios have in common.
fn stage(request: &Request, built: Option<&Built>, confinement: &Confinement) -> Stage {
    let mut programs = built.map(|built| commands(&request.lab, built)).unwrap_or_default();
    programs.extend(request.programs.clone());
    Stage {
        programs,
        seed: request.seed,
        pictures: request.pictures,
        sources: built.map(|built| built.sources.clone()).unwrap_or_default(),
        schedules: request.schedules.clone(),
        ..Stage::without_programs(&request.worker, confinement)
    }
}

/// Where the programs come from.
fn source(kit: &Kit, request: &Request) -> Source {
    let is_given = |name| request.programs.contains_key(name);
    let own = kit.lab_folder(&request.lab);
    let real = |folder: &Path| folder.canonicalize().ok();
    if request.lab.programs.iter().all(is_given) {
        Source::Commands
    } else if real(&own) == real(&request.submission) {
        Source::Lab
    } else {
        Source::Folder(request.submission.clone())
    }
}

/// The scenarios that are to be played.
fn chosen(kit: &Kit, request: &Request) -> Result<Vec<Scenario>, Problem> {
    let mut scenarios = kit.scenarios(&request.lab)?;
    if let Some(folder) = &request.hidden {
        let hidden = hidden(folder, &request.lab)?;
        let known = |own: &&Scenario| scenarios.iter().any(|scenario| scenario.name == own.name);
        if let Some(twice) = hidden.iter().find(known) {
            return Err(Problem::Usage(format!(
                "there is a scenario `{}` already: give it another name",
                twice.name
            )));
        }
        scenarios.extend(hidden);
    }
    if request.scenarios == Which::Schedules {
        scenarios.retain(|scenario| matches!(scenario.body, Body::Schedules(_)));
        if scenarios.is_empty() {
            let name = &request.lab.name;
            return Err(Problem::Usage(format!("lab {name} has no scenario that tries schedules")));
        }
    }
    let (Which::Only(wanted) | Which::Through(wanted)) = &request.scenarios else { return Ok(scenarios) };
    let Some(place) = scenarios.iter().position(|scenario| scenario.name == *wanted) else {
        let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        let names = names.join(", ");
        return Err(Problem::Usage(format!("there is no scenario `{wanted}`; there are: {names}")));
    };
    scenarios.truncate(place + 1);
    if matches!(request.scenarios, Which::Only(_)) {
        scenarios.drain(..place);
    }
    Ok(scenarios)
}

/// Builds the submission, if any of its programs is needed.
fn built(
    kit: &Kit,
    request: &Request,
    confinement: &Confinement,
    scenarios: &[Scenario],
) -> Result<Result<Option<Built>, BuildFailure>, Problem> {
    let lab = &request.lab;
    if let Some(name) = request.programs.keys().find(|name| !lab.programs.contains(name)) {
        let names = lab.programs.join(", ");
        return Err(Problem::Usage(format!("this lab has no program `{name}`; it has: {names}")));
    }
    if lab.programs.iter().all(|name| request.programs.contains_key(name)) {
        return Ok(Ok(None));
    }
    if !request.submission.is_dir() {
        let submission = request.submission.display();
        return Err(Problem::Usage(format!(
            "{submission} is not a folder: an archive has to be unpacked first"
        )));
    }
    let tries_schedules = |scenario: &Scenario| matches!(scenario.body, Body::Schedules(_));
    let parts = Parts {
        programs: !scenarios.iter().all(tries_schedules),
        schedules: scenarios.iter().any(tries_schedules),
    };
    let workshop = Workshop {
        confinement: confinement.clone(),
        worker: request.worker.clone(),
        limit: request.build_limit,
        parts,
    };
    Ok(build::build(kit, lab, &request.submission, &workshop)?.map(Some))
}

/// The commands of programs that were built.
pub fn commands(lab: &Lab, built: &Built) -> BTreeMap<String, Vec<String>> {
    let command = |path: &PathBuf| vec![path.to_string_lossy().into_owned()];
    let name = |name: &String| {
        if *name == lab.schedules() { schedules::PROGRAM.to_owned() } else { name.clone() }
    };
    built.programs.iter().map(|(built, path)| (name(built), command(path))).collect()
}

/// Plays a scenario and judges what came of it.
fn judge(stage: &Stage, scenario: &Scenario, before: &[Judged]) -> Judged {
    let missing =
        before.iter().find(|judged| scenario.needs.contains(&judged.name) && judged.verdict != Verdict::Pass);
    if let Some(missing) = missing {
        return skipped(scenario, &format!("`{}` has to pass first", missing.name));
    }
    if matches!(scenario.body, Body::Schedules(_)) && !stage.programs.contains_key(schedules::PROGRAM) {
        return skipped(scenario, "schedules can be tried only of a submission in Rust, built by the grader");
    }
    let expected = match scenario.expected() {
        Ok(expected) => expected,
        Err(reason) => return harness_error(scenario, reason),
    };
    // What went wrong with the grader once may have been the machine's bad moment.
    let play = || apart::run(stage, scenario, Some(&expected));
    let played = play().or_else(|_| play());
    match played {
        Ok(Played { steps, failure, ladder }) => Judged {
            verdict: if failure.is_none() { Verdict::Pass } else { Verdict::Fail },
            points: if failure.is_none() { scenario.points } else { 0 },
            transcript: transcript(&steps),
            expected: transcript(&expected),
            failure,
            ladder,
            ..nothing(scenario)
        },
        Err(reason) => harness_error(scenario, reason),
    }
}

/// A judgement without anything played.
fn nothing(scenario: &Scenario) -> Judged {
    Judged {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        verdict: Verdict::Skipped,
        points: 0,
        max_points: scenario.points,
        hint: scenario.hint.clone(),
        hidden: scenario.hidden,
        transcript: String::new(),
        expected: scenario.expected().map(|steps| transcript(&steps)).unwrap_or_default(),
        failure: None,
        reason: None,
        ladder: None,
    }
}

fn skipped(scenario: &Scenario, reason: &str) -> Judged {
    Judged { reason: Some(reason.to_owned()), ..nothing(scenario) }
}

fn harness_error(scenario: &Scenario, reason: String) -> Judged {
    Judged { verdict: Verdict::HarnessError, reason: Some(reason), ..nothing(scenario) }
}
