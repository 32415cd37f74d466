//! Building a lab's programs, in a neutral place and with a clean environment.

use crate::apart::{self, Job};
use crate::command::Finished;
use crate::given;
use crate::isolation::limits::Limits;
use crate::isolation::namespaces::NOBODY;
use crate::isolation::{Confinement, Needs};
use crate::kit::{Kit, Lab, trouble};
use crate::model::{BuildFailure, Problem};
use crate::overlay;
use netkit::data::printable;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long a build may take. A lab needs a second or two; constants can be made that take for ever.
pub const LIMIT: Duration = Duration::from_secs(300);

/// What cargo needs of its folders. Its credentials are not among it.
const CARGO: &[&str] = &["bin", "registry", "git", "config", "config.toml"];

/// The most lines of the compiler's messages that are kept.
const MOST_LINES: usize = 200;

/// What cargo and the compiler find in their environment, if it is set: where they are
/// installed, and nothing that changes what they build.
const ENVIRONMENT: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

/// The programs of a submission. They are gone when this is dropped.
#[derive(Debug)]
pub struct Built {
    /// Where each program is.
    pub programs: BTreeMap<String, PathBuf>,
    /// What the compiler warned of.
    pub warnings: Vec<String>,
    /// The lines of the files that are the student's.
    pub sources: BTreeMap<PathBuf, Vec<String>>,
    _place: TempDir,
}

/// Where submissions are built.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// How the build is kept apart.
    pub confinement: Confinement,
    /// The program that runs in front of it: `grade` itself.
    pub worker: PathBuf,
    /// How long it may take.
    pub limit: Duration,
    /// What is built.
    pub parts: Parts,
}

/// What is built of a submission: each costs its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The lab's programs.
    pub programs: bool,
    /// The program that tries schedules, if the lab has schedule scenarios.
    pub schedules: bool,
}

impl Workshop {
    /// Nothing keeps the build apart: for what is no stranger's.
    pub fn open(worker: &Path) -> Self {
        Self { confinement: Confinement::none(), worker: worker.to_owned(), limit: LIMIT, parts: Parts::ALL }
    }
}

impl Parts {
    /// All of it.
    pub const ALL: Self = Self { programs: true, schedules: true };
}

/// Builds a submission.
///
/// # Errors
/// The outer one is the grader's or the machine's, the inner one the submission's.
pub fn build(
    kit: &Kit,
    lab: &Lab,
    submission: &Path,
    workshop: &Workshop,
) -> Result<Result<Built, BuildFailure>, Problem> {
    let editable = match overlay::editable(lab, submission) {
        Ok(editable) => editable,
        Err(failure) => return Ok(Err(failure)),
    };
    let place = tempfile::Builder::new().prefix("grade-").tempdir();
    let place =
        place.map_err(|error| Problem::Trouble(format!("building in a temporary folder: {error}")))?;
    let (room, target) = (place.path().join("room"), place.path().join("target"));
    overlay::furnish(&room, kit, Some(lab), &editable)?;
    neutral(&room)?;
    own_target(&target)?;
    given::lay_out(kit, workshop, &target);
    let Workshop { confinement, worker, limit, parts } = workshop;
    let (mut programs, mut warnings) = (BTreeMap::new(), Vec::new());
    let of_lab = Wanted { package: lab.name.clone(), programs: lab.programs.clone(), features: None };
    // With the scheduler the same package is another one. Built in one go, the lab's own programs would have
    // it, too: cargo builds each package once, with all features that anybody wants.
    let of_schedules = kit.schedules(lab).map(|_| Wanted {
        package: lab.schedules(),
        programs: vec![lab.schedules()],
        features: Some("labkit/schedules"),
    });
    let all = [Some(of_lab).filter(|_| parts.programs), of_schedules.filter(|_| parts.schedules)];
    for wanted in all.into_iter().flatten() {
        let job = cargo(&wanted, &room, &target);
        let finished = apart::command(confinement, worker, job, *limit).map_err(|error| {
            Problem::Trouble(format!("running cargo: {error}; it comes with Rust, see https://rustup.rs"))
        })?;
        match made(&wanted, &finished) {
            Some(made) => {
                programs.extend(made);
                // Of the kit's own package there are none, and the lab is the same both times.
                if warnings.is_empty() {
                    warnings = said(&finished, "warning");
                }
            }
            None => return Ok(Err(failure(lab, &finished, place.path(), *limit)?)),
        }
    }
    let sources = editable.iter().map(|(path, bytes)| {
        ((*path).to_owned(), String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect())
    });
    Ok(Ok(Built { programs, warnings, sources: sources.collect(), _place: place }))
}

/// A package that is to be built.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) package: String,
    pub(crate) programs: Vec<String>,
    pub(crate) features: Option<&'static str>,
}

/// Makes a target folder for whoever builds.
pub(crate) fn own_target(target: &Path) -> Result<(), Problem> {
    std::fs::create_dir(target).map_err(trouble("creating", target))?;
    if nix::unistd::geteuid().is_root() {
        // As whom it runs in namespaces.
        std::os::unix::fs::chown(target, Some(NOBODY), Some(NOBODY))
            .map_err(trouble("giving away", target))?;
    }
    Ok(())
}

/// What a build is always told. Nothing that is a student's is built a second time: what would make that quicker takes half of the time (measured with lab 11: 1.25 s, and 0.5
/// without). Nobody looks at the programs with a debugger.
const FIXED: [(&str, &str); 3] =
    [("LANG", "C.UTF-8"), ("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];

/// Cargo reads configuration, and rustup a toolchain's name, from all folders above. In a
/// temporary folder that others may write to, nobody is to find any.
pub(crate) fn neutral(room: &Path) -> Result<(), Problem> {
    let files = [".cargo/config", ".cargo/config.toml", "rust-toolchain", "rust-toolchain.toml"];
    let found =
        room.ancestors().flat_map(|folder| files.map(|file| folder.join(file))).find(|file| file.exists());
    match found {
        Some(file) => Err(Problem::Trouble(format!(
            "{} would change how submissions are built: set TMPDIR to a folder that has no such file above it",
            file.display()
        ))),
        None => Ok(()),
    }
}

/// How a lab is built. Everything is given by whole paths: in namespaces there are no others.
pub(crate) fn cargo(wanted: &Wanted, room: &Path, target: &Path) -> Job {
    let set = |name: &str| std::env::var(name).ok();
    let home = |name: &str, usual: &str| {
        set(name).or_else(|| Some(Path::new(&set("HOME")?).join(usual).to_string_lossy().into_owned()))
    };
    let homes =
        [("CARGO_HOME", home("CARGO_HOME", ".cargo")), ("RUSTUP_HOME", home("RUSTUP_HOME", ".rustup"))];
    let folders = homes.iter().filter_map(|(name, folder)| Some((*name, PathBuf::from(folder.as_ref()?))));
    let readable = folders.flat_map(|(name, folder)| match name {
        "CARGO_HOME" => CARGO.iter().map(|entry| folder.join(entry)).collect(),
        _ => vec![folder],
    });
    let kept = ENVIRONMENT.iter().filter_map(|name| Some(((*name).to_owned(), set(name)?)));
    let all =
        kept.chain(homes.iter().filter_map(|(name, folder)| Some(((*name).to_owned(), folder.clone()?))));
    let program = set("CARGO").unwrap_or_else(|| "cargo".into());
    let target = target.to_owned();
    let what = if wanted.programs.is_empty() { "--lib" } else { "--bins" };
    let words = ["build", "--offline", "--locked", what, "--quiet", "--message-format", "json"]
        .into_iter()
        .chain(["--package", wanted.package.as_str()])
        .chain(wanted.features.into_iter().flat_map(|features| ["--features", features]))
        .chain(["--target-dir"])
        .map(str::to_owned);
    Job {
        words: [program].into_iter().chain(words).chain([target.to_string_lossy().into_owned()]).collect(),
        environment: all.chain(FIXED.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect(),
        folder: room.to_owned(),
        needs: Needs {
            readable: readable.filter(|path| path.exists()).chain([room.to_owned()]).collect(),
            writable: vec![target],
            limits: Limits::of_build(),
        },
    }
}

/// Where the programs are, if the build made all of them.
fn made(wanted: &Wanted, finished: &Finished) -> Option<BTreeMap<String, PathBuf>> {
    if !finished.status.is_some_and(|status| status.success()) {
        return None;
    }
    let made: BTreeMap<String, PathBuf> = messages(finished)
        .filter_map(|message| {
            let program = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), program.into()))
        })
        .collect();
    wanted.programs.iter().all(|name| made.contains_key(name)).then_some(made)
}

/// Cargo's messages, an object a line.
fn messages(finished: &Finished) -> impl Iterator<Item = Value> {
    finished.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// What the compiler said at a level.
fn said(finished: &Finished, level: &str) -> Vec<String> {
    messages(finished)
        .filter(|message| message["message"]["level"] == level)
        .filter_map(|message| Some(message["message"]["rendered"].as_str()?.to_owned()))
        .collect()
}

/// Why the build failed. That is the submission's fault when the compiler had something to
/// say, or did not come to an end.
fn failure(lab: &Lab, finished: &Finished, place: &Path, limit: Duration) -> Result<BuildFailure, Problem> {
    let stderr = String::from_utf8_lossy(&finished.stderr);
    // Cargo and the launcher write here: what is the submission's comes as messages.
    let stopped = stderr.lines().find_map(|line| line.strip_prefix("stopped "));
    let broke_off = stderr.contains(&format!("could not compile `{}`", lab.name));

    let said = said(finished, "error");
    let summary = match (finished.status, said.is_empty()) {
        (None, _) => format!("the build did not come to an end within {} s", limit.as_secs()),
        (Some(_), _) if stopped.is_some() => {
            format!("the build was stopped: {}", stopped.unwrap_or_default())
        }
        (Some(_), false) => "the submission does not compile".to_owned(),
        (Some(_), true) if broke_off => {
            "the compiler broke off: the submission makes something very large of it, or never ends"
                .to_owned()
        }
        (Some(status), true) => {
            return Err(Problem::Trouble(format!("cargo build failed with {status}:\n{stderr}")));
        }
    };
    let text = said.concat().replace(&format!("{}/", place.display()), "");
    let mut lines: Vec<String> = text.lines().map(printable).collect();
    if lines.len() > MOST_LINES {
        let rest = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("... and {rest} lines more"));
    }
    Ok(BuildFailure { summary, message: lines.join("\n") })
}
