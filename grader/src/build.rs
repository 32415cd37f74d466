//! Building a lab's programs, in a neutral place and with a clean environment.

use crate::command::{self, Finished};
use crate::kit::{Kit, Lab};
use crate::model::{BuildFailure, Problem};
use crate::overlay;
use netkit::data::printable;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How long a build may take. A lab needs a second or two; constants can be made that take for ever.
const DEADLINE: Duration = Duration::from_secs(300);

/// The most lines of the compiler's messages that are kept.
const MOST_LINES: usize = 200;

/// What cargo and the compiler find in their environment, if it is set: where they are
/// installed, and nothing that changes what they build.
const ENVIRONMENT: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR"];

/// The programs of a submission. They are gone when this is dropped.
#[derive(Debug)]
pub struct Built {
    /// Where each program is.
    pub programs: BTreeMap<String, PathBuf>,
    _place: TempDir,
}

/// Builds a submission.
///
/// # Errors
/// The outer one is the grader's or the machine's, the inner one the submission's.
pub fn build(kit: &Kit, lab: &Lab, submission: &Path) -> Result<Result<Built, BuildFailure>, Problem> {
    let editable = match overlay::editable(lab, submission) {
        Ok(editable) => editable,
        Err(failure) => return Ok(Err(failure)),
    };
    let trouble =
        |error: std::io::Error| Problem::Trouble(format!("building in a temporary folder: {error}"));
    let place = tempfile::Builder::new().prefix("grade-").tempdir().map_err(trouble)?;
    let (room, target) = (place.path().join("room"), place.path().join("target"));
    overlay::furnish(&room, kit, lab, &editable)?;
    neutral(&room)?;
    let finished = command::run(cargo(lab, &room, &target), DEADLINE).map_err(|error| {
        Problem::Trouble(format!("starting cargo: {error}; it comes with Rust, see https://rustup.rs"))
    })?;
    Ok(match programs(lab, &finished) {
        Some(programs) => Ok(Built { programs, _place: place }),
        None => Err(failure(&finished, place.path())?),
    })
}

/// Cargo reads configuration, and rustup a toolchain's name, from all folders above. In a
/// temporary folder that others may write to, nobody is to find any.
fn neutral(room: &Path) -> Result<(), Problem> {
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

fn cargo(lab: &Lab, room: &Path, target: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let kept = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = Command::new(program);
    command
        .args(["build", "--offline", "--locked", "--bins", "--quiet", "--message-format", "json"])
        .args(["--package", &lab.name, "--target-dir"])
        .arg(target)
        .env_clear()
        .envs(kept)
        .env("LANG", "C.UTF-8")
        .current_dir(room);
    command
}

/// Where the programs are, if the build made all of them.
fn programs(lab: &Lab, finished: &Finished) -> Option<BTreeMap<String, PathBuf>> {
    if !finished.status.is_some_and(|status| status.success()) {
        return None;
    }
    let made: BTreeMap<String, PathBuf> = messages(finished)
        .filter_map(|message| {
            let program = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), program.into()))
        })
        .collect();
    lab.programs.iter().all(|name| made.contains_key(name)).then_some(made)
}

/// Cargo's messages, an object a line.
fn messages(finished: &Finished) -> impl Iterator<Item = Value> {
    finished.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// Why the build failed. That is the submission's fault when the compiler had something to
/// say, or did not come to an end.
fn failure(finished: &Finished, place: &Path) -> Result<BuildFailure, Problem> {
    let said: Vec<String> = messages(finished)
        .filter(|message| message["message"]["level"] == "error")
        .filter_map(|message| Some(message["message"]["rendered"].as_str()?.to_owned()))
        .collect();
    let summary = match (finished.status, said.is_empty()) {
        (None, _) => format!("the build did not come to an end within {} s", DEADLINE.as_secs()),
        (Some(_), false) => "the submission does not compile".to_owned(),
        (Some(status), true) => {
            let stderr = String::from_utf8_lossy(&finished.stderr);
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
