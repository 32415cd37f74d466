//! `grade LAB`: one submission, with its report; `grade`: the labs.

use super::status::Status;
use super::watch::Saved;
use super::{How, format, print, with_formats};
use crate::batch::submissions::Submission;
use crate::grading::{self, Request, Which};
use crate::isolation::{self, Confinement};
use crate::kit::{Kit, trouble};
use crate::model::{Grade, Problem};
use crate::report::{self, Format};
use crate::schedules::Schedules;
use crate::scores;
use clap::Args;
use colored::Colorize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct One {
    /// A lab, by its number or name
    lab: Option<String>,
    /// The folder with the submission, or a repository that holds it as labs/02-echo; the lab's own folder without one
    #[arg(requires = "lab")]
    submission: Option<PathBuf>,
    /// Run COMMAND as the program NAME, in place of a built one (may be repeated)
    #[arg(long = "program", value_name = "NAME=COMMAND", value_parser = program, requires = "lab")]
    programs: Vec<(String, Vec<String>)>,
    /// Play only this scenario
    #[arg(long, value_name = "NAME", requires = "lab")]
    scenario: Option<String>,
    /// Play only the scenarios that try schedules, and try so many of each
    #[arg(long, value_name = "SCHEDULES", requires = "lab", conflicts_with_all = ["scenario", "schedule"])]
    explore: Option<u32>,
    /// Try this schedule of the scenario and no other: a report names the one that failed
    #[arg(long, value_name = "NAME", requires = "scenario")]
    schedule: Option<String>,
    /// Write a report to FILE, too (`-`: to standard output, in place of the text; may be repeated)
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted_report, requires = "lab",
          long_help = with_formats("Write a report to FILE, too (`-`: to standard output, in place of the text; may be repeated)"))]
    reports: Vec<(&'static Format, PathBuf)>,
    /// Have your own scenarios (--scenarios) give from now on what they give with this submission
    #[arg(long, requires = "scenarios")]
    record: bool,
    /// Grade again whenever a file of the submission is saved, until Ctrl-C
    #[arg(long, requires = "lab")]
    watch: bool,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(options: &One, kit: &Kit) -> Result<u8, Problem> {
    let Some(lab) = &options.lab else {
        print(&report::text::labs(&kit.labs()?, &scores::read(kit)).join("\n"))?;
        return Ok(0);
    };
    let request = Request {
        programs: options.programs.iter().cloned().collect::<BTreeMap<_, _>>(),
        scenarios: match (&options.scenario, options.explore) {
            (Some(name), _) => Which::Only(name.clone()),
            (None, Some(_)) => Which::Schedules,
            (None, None) => Which::All,
        },
        schedules: Schedules { count: options.explore, only: options.schedule.clone() },
        // Only a page shows them.
        pictures: options.reports.iter().any(|(format, _)| format.name == "html"),
        ..options.how.request(kit, lab, options.submission.clone())?
    };
    let submission = Submission { name: String::new(), folder: request.submission };
    let request = Request { submission: submission.lab_folder(&request.lab), ..request };
    let confinement = isolation::find(&request.isolation, &request.worker)?;
    if options.record {
        for file in grading::record(kit, &request, &confinement)? {
            print(&format!("written: {}; read it before you use it", file.display()))?;
        }
        return Ok(0);
    }
    loop {
        // What is saved from here on is not graded yet.
        let saved = if options.watch { Some(Saved::watch(&request)?) } else { None };
        let code = once(options, kit, &request, &confinement)?;
        let Some(saved) = saved else { return Ok(code) };
        print(&"grade: waiting until a file is saved; Ctrl-C ends this".dimmed().to_string())?;
        saved.wait()?;
    }
}

/// Grades once, and reports.
fn once(options: &One, kit: &Kit, request: &Request, confinement: &Confinement) -> Result<u8, Problem> {
    let status = Status::new();
    let grade = grading::grade_as(kit, request, confinement, |progress| status.show(progress))?;
    drop(status);
    let grade = grade.revealed(options.how.reveal);
    publish(options, kit, &grade)?;
    if options.scenario.is_none() && options.explore.is_none() {
        scores::remember(kit, &grade, options.submission.as_deref())?;
    }
    Ok(match (grade.has_harness_error(), grade.is_full()) {
        (true, _) => 3,
        (false, true) => 0,
        (false, false) => 1,
    })
}

/// Writes all reports that were asked for. One that cannot be written keeps none of the others back.
fn publish(options: &One, kit: &Kit, grade: &Grade) -> Result<(), Problem> {
    let mut problems = Vec::new();
    let mut told = false;
    for (format, file) in &options.reports {
        let result = match (format.write)(grade, kit) {
            Ok(text) if file == Path::new("-") => {
                told = true;
                print(text.trim_end())
            }
            Ok(text) => write(file, &text, format.appends),
            Err(reason) => Err(Problem::Trouble(reason)),
        };
        problems.extend(result.err().map(|problem| format!("the {} report: {problem}", format.name)));
    }
    if !told {
        print(&report::text::report(grade, kit).join("\n"))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Problem::Trouble(problems.join("; "))) }
}

fn write(file: &Path, text: &str, appends: bool) -> Result<(), Problem> {
    let how = if appends { "appending to" } else { "writing" };
    let result = if appends {
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(file);
        opened.and_then(|mut file| file.write_all(text.as_bytes()))
    } else {
        std::fs::write(file, text)
    };
    result.map_err(trouble(how, file))
}

/// Reads `FORMAT=FILE`.
fn wanted_report(text: &str) -> Result<(&'static Format, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("it is given as FORMAT=FILE")?;
    let format = format(name)?;
    if file.is_empty() {
        return Err(format!("the file is missing: {name}=FILE, or {name}=- for standard output"));
    }
    Ok((format, file.into()))
}

/// Reads `NAME=COMMAND`. The programs run in a folder of their own: words that are files here
/// are given with their whole path.
fn program(text: &str) -> Result<(String, Vec<String>), String> {
    let (name, command) = text.split_once('=').ok_or("it is given as NAME=COMMAND")?;
    let words = shlex::split(command).ok_or("a quote in the command is not closed")?;
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let whole = |word: String| {
        let path = here.join(&word);
        if path.is_file() { path.to_string_lossy().into_owned() } else { word }
    };
    let words: Vec<String> = words.into_iter().map(whole).collect();
    let program = words.first().ok_or("the command is empty")?;
    if !is_program(program) {
        return Err(format!("there is no program `{program}` here or on the search path"));
    }
    Ok((name.to_owned(), words))
}

fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Path::new(name).is_file()
        || (!name.contains('/') && std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}
