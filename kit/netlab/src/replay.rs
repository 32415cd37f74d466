//! `netlab replay`: a lab's scenario at the prompt, with the programs as they are now, up to a step.

use clap::Args;
use netkit::session;
use netkit::session::programs::Surroundings;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Plays a lab's scenario at the prompt, with your programs, up to a step
///
/// The lab is built first. The lines before the step are run one after another; the step's own stands at the
/// prompt then: look around, and press Enter to run it.
#[derive(Debug, Args)]
pub struct Replay {
    /// The lab, by its number or name
    lab: String,
    /// The scenario's name
    scenario: String,
    /// Stop before this step; without it, behind the last one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    step: Option<u32>,
    /// From which number nonces and random bytes are made
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// No colours; setting NO_COLOR does the same
    #[arg(long)]
    pub no_color: bool,
}

/// What is played.
#[derive(Debug)]
pub struct Scene {
    /// The lines that are run.
    pub lines: Vec<String>,
    /// The line that stands at the prompt then.
    pub next: Option<String>,
    programs: BTreeMap<String, Vec<String>>,
    /// Where the programs run: scenarios may write files.
    folder: PathBuf,
}

impl Scene {
    /// Finds the scenario, and builds the lab.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub fn set(options: &Replay) -> Result<Self, String> {
        let kit = kit()?;
        let lab = lab(&kit, &options.lab)?;
        let mut lines = steps(&kit, &lab, &options.scenario)?;
        let next = match options.step {
            None => None,
            Some(step) => {
                let before = usize::try_from(step - 1).unwrap_or(usize::MAX);
                if before >= lines.len() {
                    return Err(format!(
                        "{} has {} steps, and no step {step}",
                        options.scenario,
                        lines.len()
                    ));
                }
                lines.split_off(before).into_iter().next()
            }
        };
        let programs = build(&kit, &lab)?;
        let folder = std::env::temp_dir().join(format!("netlab-replay-{}", std::process::id()));
        // Not one that somebody else has put there.
        fs::create_dir(&folder).map_err(|error| format!("creating {}: {error}", folder.display()))?;
        Ok(Self { lines, next, programs, folder })
    }

    /// How the session is set up for it.
    pub fn adjust(&self, setup: session::Options) -> session::Options {
        let surroundings = Surroundings { directory: Some(self.folder.clone()), ..setup.surroundings };
        session::Options { programs: self.programs.clone(), surroundings, ..setup }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // One that stays behind is empty, or holds what the programs wrote.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The kit that the current folder lies in, or the one that this program was built from.
fn kit() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("where am I? {error}"))?;
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let is_kit = |folder: &&Path| folder.join("labs").is_dir() && folder.join("grader/scenarios").is_dir();
    let found = here.ancestors().chain(built_from).find(is_kit);
    found.map(Path::to_owned).ok_or_else(|| {
        format!("{} lies in no kit: there is no labs/ and no grader/scenarios/", here.display())
    })
}

/// A lab's folder name, by its number, its name, or both: `2`, `echo`, `02-echo`.
fn lab(kit: &Path, wanted: &str) -> Result<String, String> {
    let mut all = names(&kit.join("labs"))?;
    all.retain(|slug| slug.split_once('-').is_some_and(|(number, _)| number.parse::<u32>().is_ok()));
    let number = wanted.parse::<u32>().ok();
    let fits = |slug: &&String| {
        let (own, name) = slug.split_once('-').unwrap_or_default();
        *slug == wanted || name == wanted || (number.is_some() && own.parse().ok() == number)
    };
    all.iter()
        .find(fits)
        .cloned()
        .ok_or_else(|| format!("there is no lab `{wanted}`; there are: {}", all.join(", ")))
}

/// The steps of a scenario, as the grader counts them.
fn steps(kit: &Path, lab: &str, scenario: &str) -> Result<Vec<String>, String> {
    let folder = kit.join("grader/scenarios").join(lab);
    let all: Vec<String> =
        names(&folder)?.iter().filter_map(|name| name.strip_suffix(".netlab").map(str::to_owned)).collect();
    // A number stands before a scenario's name, for their order.
    let own = |file: &str| file.split_once('-').map_or_else(|| file.to_owned(), |(_, name)| name.to_owned());
    let Some(file) = all.iter().find(|file| own(file) == scenario) else {
        let names: Vec<String> = all.iter().map(|file| own(file)).collect();
        return Err(format!("lab {lab} has no scenario `{scenario}`; it has: {}", names.join(", ")));
    };
    let file = folder.join(format!("{file}.netlab"));
    let text = fs::read_to_string(&file).map_err(|error| format!("reading {}: {error}", file.display()))?;
    if text.lines().any(|line| line.starts_with("#: check ")) {
        return Err(format!(
            "{scenario} has no lines that could be typed: `cargo grade {lab} --scenario {scenario}` does it again"
        ));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("#:"));
    Ok(lines.map(str::to_owned).collect())
}

/// Builds a lab's programs. Cargo says itself what it does.
fn build(kit: &Path, lab: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let package = lab.split_once('-').map_or(lab, |(_, name)| name);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(kit)
        .args([
            "build",
            "--quiet",
            "--bins",
            "--package",
            package,
            "--message-format",
            "json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("running cargo: {error}; it comes with Rust, see https://rustup.rs"))?;
    if !output.status.success() {
        return Err(format!("lab {lab} does not build: mend that first"));
    }
    let messages =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let program = |message: Value| {
        let command = vec![message["executable"].as_str()?.to_owned()];
        Some((message["target"]["name"].as_str()?.to_owned(), command))
    };
    Ok(messages.filter_map(program).collect())
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = folder.read_dir().map_err(|error| format!("reading {}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}
