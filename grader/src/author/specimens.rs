//! Specimens are submissions of known worth: a folder each, laid over the solution. Each wrong one must fail in
//! the scenario that teaches what is wrong with it, and in none before; each right one, built in another way than
//! the solution, must score all points.

use super::solution_folder;
use crate::grading::{Request, Which, grade};
use crate::kit::{Kit, Lab, trouble};
use crate::model::{Grade, Problem, Verdict};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The kinds of specimens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With one mistake.
    Wrong,
    /// Built in another way than the solution.
    Right,
}

/// A specimen.
#[derive(Debug, Clone)]
struct Specimen {
    lab: Lab,
    folder: PathBuf,
    kind: Kind,
    about: About,
}

/// What `specimen.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    /// What is wrong with it.
    mistake: Option<String>,
    /// The scenario that must fail.
    scenario: Option<String>,
    /// How it was built, for a right one.
    how: Option<String>,
}

/// A specimen that was graded.
#[derive(Debug)]
pub struct Graded<'a> {
    /// Its path below the specimens' folder.
    pub name: &'a str,
    /// How long that took.
    pub took: Duration,
    /// What is to be seen at its first failure.
    pub failed_at: Option<String>,
}

/// Grades all specimens of a kind for these labs, several at a time, and gives the problems.
///
/// # Errors
/// When the grader or the machine fails.
pub fn check(
    kit: &Kit,
    labs: &[Lab],
    kind: Kind,
    request: &Request,
    at_a_time: usize,
    tell: impl Fn(Graded<'_>) + Sync,
) -> Result<Vec<String>, Problem> {
    let mut all = Vec::new();
    for lab in labs {
        all.extend(read(kit, lab, kind)?);
    }
    let todo = Mutex::new(all);
    let next = || todo.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || -> Result<Vec<String>, Problem> {
        let mut problems = Vec::new();
        while let Some(specimen) = next() {
            let start = Instant::now();
            let name = specimen.name();
            let graded = specimen.grade(kit, request)?;
            let failed_at = graded.scenarios.iter().find_map(|judged| judged.failure.as_ref());
            let failed_at = failed_at.map(|failure| format!("{} -> {:?}", failure.line, failure.actual));
            tell(Graded { name: &name, took: start.elapsed(), failed_at });
            problems.extend(specimen.verdict(&graded, kit).err().map(|problem| format!("{name}: {problem}")));
        }
        Ok(problems)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_a_time.max(1)).map(|_| scope.spawn(work)).collect();
        let mut problems = Vec::new();
        for worker in workers {
            problems.extend(
                worker.join().map_err(|_| Problem::Trouble("a specimen made the grader panic".into()))??,
            );
        }
        Ok(problems)
    })
}

/// The specimens of a kind for a lab.
fn read(kit: &Kit, lab: &Lab, kind: Kind) -> Result<Vec<Specimen>, Problem> {
    let folder = kit.root.join("grader/specimens").join(&lab.slug).join(kind.folder());
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for entry in folder.read_dir().map_err(trouble("reading", &folder))? {
        let folder = entry.map_err(trouble("reading", &folder))?.path();
        let file = folder.join("specimen.toml");
        let text = fs::read_to_string(&file).map_err(trouble("reading", &file))?;
        let about = toml::from_str(&text).map_err(trouble("reading", &file))?;
        all.push(Specimen { lab: lab.clone(), folder, kind, about });
    }
    // They are taken from the end: the first ones first.
    all.sort_by(|a, b| b.folder.cmp(&a.folder));
    Ok(all)
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Right => "right",
        }
    }
}

impl Specimen {
    fn name(&self) -> String {
        let own = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{}/{}/{own}", self.lab.slug, self.kind.folder())
    }

    fn grade(&self, kit: &Kit, request: &Request) -> Result<Grade, Problem> {
        let place = self.submission(kit)?;
        // What comes after the first failure is of no interest, and takes time.
        let scenarios = self.about.scenario.clone().map_or(Which::All, Which::Through);
        let submission = place.path().to_owned();
        grade(kit, &Request { lab: self.lab.clone(), submission, scenarios, ..request.clone() })
    }

    /// A submission: the solution, with the specimen's files over it.
    fn submission(&self, kit: &Kit) -> Result<tempfile::TempDir, Problem> {
        let place = tempfile::tempdir().map_err(trouble("writing in", &std::env::temp_dir()))?;
        for file in &self.lab.editable {
            let own = self.folder.join(file);
            let source = if own.exists() { own } else { solution_folder(kit, &self.lab).join(file) };
            let to = place.path().join(file);
            let folder = to.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
            fs::copy(&source, &to).map_err(trouble("copying", &source))?;
        }
        Ok(place)
    }

    /// Whether it was graded as it should be.
    fn verdict(&self, grade: &Grade, kit: &Kit) -> Result<(), String> {
        let report = || crate::report::text::report(grade, kit).join("\n");
        if self.kind == Kind::Right {
            self.about.how.as_ref().ok_or("specimen.toml does not say how it was built")?;
            return if grade.is_full() { Ok(()) } else { Err(report()) };
        }
        self.about.mistake.as_ref().ok_or("specimen.toml does not say what is wrong")?;
        let own = self.about.scenario.as_ref().ok_or("specimen.toml names no scenario")?;
        let judged = grade.scenarios.iter().find(|judged| judged.name == *own).ok_or("no such scenario")?;
        let before =
            grade.scenarios.iter().find(|other| other.name != *own && other.verdict != Verdict::Pass);
        if let Some(other) = before {
            let name = &other.name;
            return Err(format!("{own} should be the first to fail, but {name} is {:?}", other.verdict));
        }
        if judged.verdict != Verdict::Fail || judged.failure.is_none() {
            return Err(format!("{own}: {:?} {:?}\n{}", judged.verdict, judged.reason, judged.transcript));
        }
        // In the report it is broken into lines, at spaces and behind hyphens.
        let words = |text: &str| text.split_whitespace().collect::<String>();
        match words(&report()).contains(&words(&judged.hint)) {
            true => Ok(()),
            false => Err("the report does not show the hint".into()),
        }
    }
}
