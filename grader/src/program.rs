//! `grade`: what a submission for a lab is worth, and why.

use crate::grading::{self, Request, Which};
use crate::kit::{Kit, trouble};
use crate::model::{Grade, Level, Problem};
use crate::report::{FORMATS, Format};
use crate::{apart, build, isolation, report, scores};
use clap::Parser;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Grades a submission for a lab; without a lab, lists the labs with their last scores.
///
/// Exit code: 0 full score, 1 less than that, 2 wrong usage or no such lab, 3 could not grade.
#[derive(Debug, Parser)]
#[command(name = "grade", version)]
struct Options {
    /// A lab, by its number or name
    lab: Option<String>,
    /// The folder with the submission; the lab's own folder without one
    #[arg(requires = "lab")]
    submission: Option<PathBuf>,
    /// Run COMMAND as the program NAME, in place of a built one (may be repeated)
    #[arg(long = "program", value_name = "NAME=COMMAND", value_parser = program, requires = "lab")]
    programs: Vec<(String, Vec<String>)>,
    /// Play only this scenario
    #[arg(long, value_name = "NAME", requires = "lab")]
    scenario: Option<String>,
    /// Make nonces and random bytes from N; the same N gives the same bytes
    #[arg(long, value_name = "N", requires = "lab")]
    seed: Option<u64>,
    /// Write a report to FILE, too (`-`: to standard output, in place of the text; may be repeated)
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted_report, requires = "lab", long_help = reports_help())]
    reports: Vec<(&'static Format, PathBuf)>,
    /// Keep programs apart like this; without it, as well as this machine can
    #[arg(long, value_name = "LEVEL", requires = "lab")]
    isolation: Option<Level>,
    /// Grade only if programs are kept apart at least like this
    #[arg(long, value_name = "LEVEL", requires = "lab")]
    require_isolation: Option<Level>,
    /// Let programs read this file or folder, besides the system's folders (may be repeated)
    #[arg(long, value_name = "PATH", requires = "lab")]
    readable: Vec<PathBuf>,
    /// End a build that takes longer; 300 s without it
    #[arg(long, value_name = "SECONDS", requires = "lab")]
    build_limit: Option<u64>,
}

/// The program.
pub fn main() -> ExitCode {
    if netkit::worker::is_worker() {
        return netkit::worker::serve();
    }
    if apart::is_asked() {
        return apart::serve();
    }
    if isolation::confine::is_asked() {
        return isolation::confine::serve();
    }
    if !io::stdout().is_terminal() {
        colored::control::set_override(false);
    }
    let (code, problem) = match run(&Options::parse()) {
        Ok(code) => (code, None),
        Err(problem @ Problem::Usage(_)) => (2, Some(problem)),
        Err(problem @ Problem::Trouble(_)) => (3, Some(problem)),
    };
    if let Some(problem) = problem {
        // There is nowhere left to complain to if this fails.
        let _ = writeln!(io::stderr(), "grade: {problem}");
    }
    ExitCode::from(code)
}

fn run(options: &Options) -> Result<u8, Problem> {
    let here = std::env::current_dir().map_err(|error| Problem::Trouble(format!("where am I? {error}")))?;
    let kit = Kit::find(&here)?;
    let Some(lab) = &options.lab else {
        print(&report::text::labs(&kit.labs()?, &scores::read(&kit)).join("\n"))?;
        return Ok(0);
    };
    let request = request(options, &kit, lab)?;
    let grade = grading::grade(&kit, &request)?;
    publish(options, &kit, &grade)?;
    if options.scenario.is_none() {
        scores::remember(&kit, &grade, options.submission.as_deref())?;
    }
    Ok(match (grade.has_harness_error(), grade.is_full()) {
        (true, _) => 3,
        (false, true) => 0,
        (false, false) => 1,
    })
}

fn request(options: &Options, kit: &Kit, lab: &str) -> Result<Request, Problem> {
    let lab = kit.lab(lab)?;
    let worker = std::env::current_exe()
        .map_err(|error| Problem::Trouble(format!("this program does not find itself: {error}")))?;
    Ok(Request {
        submission: options.submission.clone().unwrap_or_else(|| kit.lab_folder(&lab)),
        programs: options.programs.iter().cloned().collect::<BTreeMap<_, _>>(),
        scenarios: options.scenario.clone().map_or(Which::All, Which::Only),
        // Short enough to be typed again.
        seed: options.seed.unwrap_or_else(|| RandomState::new().hash_one(0) & 0xffff_ffff),
        worker,
        build_limit: options.build_limit.map_or(build::LIMIT, Duration::from_secs),
        isolation: isolation::Wanted {
            level: options.isolation,
            at_least: options.require_isolation,
            readable: options.readable.clone(),
        },
        // Only a page shows them.
        pictures: options.reports.iter().any(|(format, _)| format.name == "html"),
        lab,
    })
}

/// Writes all reports that were asked for. One that cannot be written keeps none of the others back.
fn publish(options: &Options, kit: &Kit, grade: &Grade) -> Result<(), Problem> {
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
    let format = report::find(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        format!("there is no format `{name}`; there are: {}", names.join(", "))
    })?;
    if file.is_empty() {
        return Err(format!("the file is missing: {name}=FILE, or {name}=- for standard output"));
    }
    Ok((format, file.into()))
}

fn reports_help() -> String {
    let rows = FORMATS.iter().map(|format| format!("\n  {:18}  {}", format.name, format.about));
    let rows: String = rows.collect();
    format!(
        "Write a report to FILE, too (`-`: to standard output, in place of the text; may be repeated). The formats:\n{rows}"
    )
}

fn print(text: &str) -> Result<(), Problem> {
    match writeln!(io::stdout(), "{text}") {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Problem::Trouble(format!("writing to standard output: {error}"))),
    }
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
