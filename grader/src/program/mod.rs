//! `grade`: what a submission for a lab is worth, and why; and what a course needs around that.
//!
//! `one` grades one submission; every other command is a file and a row in `Command`. Only this module prints.

mod batch;
mod check;
mod course;
mod merge;
mod one;
mod status;
mod watch;

use crate::grading::{Request, Which};
use crate::kit::Kit;
use crate::model::{Level, Problem, Reveal};
use crate::report::{self, FORMATS, Format};
use crate::schedules::Schedules;
use crate::{apart, build, isolation};
use clap::{Args, Parser, Subcommand};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Grades a submission for a lab; without a lab, lists the labs with their last scores.
///
/// Exit code: 0 full score, 1 less than that, 2 wrong usage or no such lab, 3 could not grade.
#[derive(Debug, Parser)]
#[command(name = "grade", version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(flatten)]
    one: one::One,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Batch(batch::Options),
    Merge(merge::Options),
    Check(check::Options),
    Handout(course::Handout),
    Package(course::Package),
    ExportSimilarity(course::ExportSimilarity),
}

/// How a submission is graded, whether it is one or one of many.
#[derive(Debug, Args)]
struct How {
    /// Make nonces and random bytes from N; the same N gives the same bytes
    #[arg(long, value_name = "N", requires = "lab")]
    seed: Option<u64>,
    /// Keep programs apart like this; without it, as well as this machine can
    #[arg(long, value_name = "LEVEL", requires = "lab")]
    isolation: Option<Level>,
    /// Grade only if programs are kept apart at least like this
    #[arg(long, value_name = "LEVEL", requires = "lab")]
    require_isolation: Option<Level>,
    /// Let programs read this file or folder, besides the system's folders (may be repeated)
    #[arg(long, value_name = "PATH", requires = "lab")]
    readable: Vec<PathBuf>,
    /// Play these scenarios, too: your own, which students do not have (a folder, or one that has a folder for each lab)
    #[arg(long, value_name = "FOLDER", requires = "lab")]
    scenarios: Option<PathBuf>,
    /// How much the reports show of those
    #[arg(long, value_name = "HOW", requires = "scenarios", default_value = "verdict")]
    reveal: Reveal,
    /// End a build that takes longer; 300 s without it
    #[arg(long, value_name = "SECONDS", requires = "lab")]
    build_limit: Option<u64>,
}

impl How {
    /// The request to grade all scenarios of a submission for a lab.
    fn request(&self, kit: &Kit, lab: &str, submission: Option<PathBuf>) -> Result<Request, Problem> {
        let lab = kit.lab(lab)?;
        let worker = std::env::current_exe()
            .map_err(|error| Problem::Trouble(format!("this program does not find itself: {error}")))?;
        Ok(Request {
            submission: submission.unwrap_or_else(|| kit.lab_folder(&lab)),
            programs: BTreeMap::new(),
            scenarios: Which::All,
            schedules: Schedules::default(),
            seed: self.seed.unwrap_or_else(new_seed),
            worker,
            build_limit: self.build_limit.map_or(build::LIMIT, Duration::from_secs),
            isolation: isolation::Wanted {
                level: self.isolation,
                at_least: self.require_isolation,
                readable: self.readable.clone(),
            },
            pictures: false,
            hidden: self.scenarios.clone(),
            lab,
        })
    }
}

/// A seed that is short enough to be typed again.
fn new_seed() -> u64 {
    RandomState::new().hash_one(0) & 0xffff_ffff
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
    match &options.command {
        None => one::run(&options.one, &kit),
        Some(Command::Batch(options)) => batch::run(options, &kit),
        Some(Command::Merge(options)) => merge::run(options),
        Some(Command::Check(options)) => check::run(options, &kit),
        Some(Command::Handout(options)) => course::handout(options, &kit),
        Some(Command::Package(options)) => course::package(options, &kit),
        Some(Command::ExportSimilarity(options)) => course::export_similarity(options, &kit),
    }
}

fn print(text: &str) -> Result<(), Problem> {
    match writeln!(io::stdout(), "{text}") {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Problem::Trouble(format!("writing to standard output: {error}"))),
    }
}

/// The format of this name.
fn format(name: &str) -> Result<&'static Format, String> {
    report::find(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        format!("there is no format `{name}`; there are: {}", names.join(", "))
    })
}

/// A help text with all formats below it.
fn with_formats(help: &str) -> String {
    let rows = FORMATS.iter().map(|format| format!("\n  {:18}  {}", format.name, format.about));
    format!("{help}. The formats:\n{}", rows.collect::<String>())
}
