//! The folder with the results of a batch.
//!
//! `batch.json` says what they are results of; `grades/NAME.json` holds a row and the whole grade of one
//! submission. Files are renamed into place when they are complete: whatever moment a batch is killed
//! at, each is whole or not there.

use super::submissions::{Submission, file_name};
use crate::grading::Request;
use crate::kit::{Kit, Lab, trouble};
use crate::model::{BuildFailure, Grade, Problem, Verdict};
use crate::report::Format;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the results are results of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The lab's folder name.
    pub lab: String,
    /// A number that changes with the lab's scenarios.
    pub scenarios: u64,
    /// From which nonces and random bytes are made.
    pub seed: u64,
}

/// What became of one submission, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose it is.
    pub submission: String,
    /// What became of it.
    pub status: Status,
    /// The points; none where it was not judged.
    pub score: Option<u32>,
    /// The most that there were.
    pub max_score: Option<u32>,
    /// Why there are no programs, or no judgement.
    pub problem: Option<String>,
    /// The points of each scenario, in their order.
    pub scenarios: Vec<(String, u32)>,
    /// A number that changes with what was handed in.
    pub fingerprint: u64,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was graded.
    Graded,
    /// It could not be built.
    NoPrograms,
    /// The grader could not do its part: no judgement on the submission.
    NotJudged,
}

impl Row {
    /// The row of what was graded in a folder, or of why that was not possible.
    pub fn of(name: &str, folder: &Path, fingerprint: u64, graded: &Result<Grade, String>) -> Self {
        let row = |status, problem| Self {
            submission: name.to_owned(),
            status,
            score: None,
            max_score: None,
            problem,
            scenarios: Vec::new(),
            fingerprint,
        };
        let grade = match graded {
            Ok(grade) => grade,
            Err(problem) => return row(Status::NotJudged, Some(problem.clone())),
        };
        let scenarios = grade.scenarios.iter().map(|judged| (judged.name.clone(), judged.points)).collect();
        let error = grade.scenarios.iter().find(|judged| judged.verdict == Verdict::HarnessError);
        if let Some(error) = error {
            let reason = error.reason.as_deref().unwrap_or("the grader failed");
            return row(Status::NotJudged, Some(format!("{}: {reason}", error.name)));
        }
        let row = match &grade.build_failure {
            Some(failure) => row(Status::NoPrograms, Some(in_a_line(failure, folder))),
            None => row(Status::Graded, None),
        };
        Self { score: Some(grade.score), max_score: Some(grade.max_score), scenarios, ..row }
    }

    /// Whether it says something about the submission.
    pub fn is_judged(&self) -> bool {
        self.status != Status::NotJudged
    }
}

/// Why there are no programs, and the first of what there is to be said of it. The rest is in the grade.
fn in_a_line(failure: &BuildFailure, folder: &Path) -> String {
    match failure.message.lines().next() {
        None => failure.summary.clone(),
        // Where the submissions lie is another place on each machine.
        Some(first) => {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            let first = first.replace(&format!("{}/", folder.display()), "");
            format!("{}: {first}", failure.summary)
        }
    }
}

/// A folder with results, held by this process alone.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    _held: Flock<File>,
}

/// A row with the grade that it was made of.
#[derive(Serialize)]
struct Kept<'a> {
    row: &'a Row,
    grade: Option<&'a Grade>,
}

/// The same, read again. The grade is written on as it is.
#[derive(Deserialize)]
struct Read {
    row: Row,
    grade: Value,
}

impl Results {
    /// Opens a folder for results, or makes one. Returns what they are results of: a seed that was
    /// not asked for counts only for a new one.
    ///
    /// # Errors
    /// When another process holds it, it has results of something else, or it cannot be written.
    pub fn open(
        folder: &Path,
        kit: &Kit,
        request: &Request,
        seed: Option<u64>,
    ) -> Result<(Self, Origin), Problem> {
        let lab = &request.lab;
        let results = Self::hold(folder)?;
        let scenarios = scenarios(kit, request)?;
        if let Some(origin) = results.origin()? {
            let wanted = Origin { lab: lab.slug.clone(), scenarios, seed: seed.unwrap_or(origin.seed) };
            if wanted == origin {
                return Ok((results, origin));
            }
            let what = match (wanted.lab == origin.lab, wanted.seed == origin.seed) {
                (false, _) => format!("lab {}", origin.lab),
                (true, false) => format!("seed {}", origin.seed),
                (true, true) => "other scenarios: they were changed since".to_owned(),
            };
            return Err(Problem::Usage(format!(
                "{} holds results of {what}; name another folder with --out, or remove this one",
                folder.display()
            )));
        }
        if folder.join("grades").exists() {
            return Err(Problem::Usage(format!("{} is no folder with results", folder.display())));
        }
        let origin = Origin { lab: lab.slug.clone(), scenarios, seed: request.seed };
        results.begin(&origin)?;
        Ok((results, origin))
    }

    /// Makes the folder, and keeps other batches out of it.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be made.
    pub fn hold(folder: &Path) -> Result<Self, Problem> {
        fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
        let path = folder.join(".lock");
        let file = File::create(&path).map_err(trouble("creating", &path))?;
        let held = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| {
            Problem::Usage(format!("{} is in use by another batch ({errno})", folder.display()))
        })?;
        Ok(Self { folder: folder.to_owned(), _held: held })
    }

    /// What the results are results of; nothing in a new folder.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn origin(&self) -> Result<Option<Origin>, Problem> {
        let file = self.folder.join("batch.json");
        match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(trouble("reading", &file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble("reading", &file)(error)),
        }
    }

    fn begin(&self, origin: &Origin) -> Result<(), Problem> {
        let grades = self.folder.join("grades");
        fs::create_dir_all(&grades).map_err(trouble("creating", &grades))?;
        self.write_json("batch.json".as_ref(), origin)
    }

    /// The row of a submission that is graded already, as it is now.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn kept(&self, submission: &Submission, lab: &Lab) -> Result<Option<Row>, Problem> {
        let file = self.folder.join(grade_file(&submission.name));
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble("reading", &file)(error)),
        };
        let Read { row, .. } = serde_json::from_slice(&bytes).map_err(trouble("reading", &file))?;
        // What was not judged is tried again; what was handed in anew is graded anew.
        Ok(Some(row).filter(|row| row.is_judged() && row.fingerprint == submission.fingerprint(lab)))
    }

    /// Keeps what became of a submission.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, row: &Row, grade: Option<&Grade>) -> Result<(), Problem> {
        self.write_json(&grade_file(&row.submission), &Kept { row, grade })
    }

    /// Writes a report of a submission.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn report(&self, name: &str, format: &Format, text: &str) -> Result<(), Problem> {
        let file = Path::new(format.name).join(format!("{}.{}", file_name(name), format.extension));
        self.write(&file, text.as_bytes())
    }

    /// Takes over all that another folder has. What both have must be the same.
    ///
    /// # Errors
    /// When they are results of something else, contradict each other, or cannot be read or written.
    pub fn take_over(&self, other: &Path) -> Result<(), Problem> {
        let other = Self::hold(other)?;
        let from = other.origin()?.ok_or_else(|| {
            Problem::Usage(format!(
                "{} is no folder with results: it has no batch.json",
                other.folder.display()
            ))
        })?;
        match self.origin()? {
            None => self.begin(&from)?,
            // Shards may have begun with seeds of their own: each grade holds its seed.
            Some(own) if (&own.lab, own.scenarios) == (&from.lab, from.scenarios) => {}
            Some(own) => {
                return Err(Problem::Usage(format!(
                    "{} holds results of {}, by other scenarios than those of {}",
                    other.folder.display(),
                    from.lab,
                    own.lab
                )));
            }
        }
        let grades = other.folder.join("grades");
        for entry in grades.read_dir().map_err(trouble("reading", &grades))? {
            let path = entry.map_err(trouble("reading", &grades))?.path();
            let bytes = fs::read(&path).map_err(trouble("reading", &path))?;
            let Read { row, grade } = serde_json::from_slice(&bytes).map_err(trouble("reading", &path))?;
            let file = grade_file(&row.submission);
            if let Ok(own) = fs::read(self.folder.join(&file)) {
                let own: Read = serde_json::from_slice(&own).map_err(trouble("reading", &file))?;
                if own.row != row {
                    return Err(Problem::Usage(format!(
                        "`{}` was graded twice, with different results: remove one of them",
                        row.submission
                    )));
                }
            } else {
                self.write_json(&file, &serde_json::json!({ "row": row, "grade": grade }))?;
            }
        }
        Ok(())
    }

    /// All rows, sorted by the submissions' names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn rows(&self) -> Result<Vec<Row>, Problem> {
        let grades = self.folder.join("grades");
        let mut rows = Vec::new();
        for entry in grades.read_dir().map_err(trouble("reading", &grades))? {
            let path = entry.map_err(trouble("reading", &grades))?.path();
            let bytes = fs::read(&path).map_err(trouble("reading", &path))?;
            let Read { row, .. } = serde_json::from_slice(&bytes).map_err(trouble("reading", &path))?;
            rows.push(row);
        }
        rows.sort_by(|a, b| a.submission.cmp(&b.submission));
        Ok(rows)
    }

    fn write_json(&self, file: &Path, what: &impl Serialize) -> Result<(), Problem> {
        let text = serde_json::to_string_pretty(what).map_err(trouble("writing", file))?;
        self.write(file, text.as_bytes())
    }

    /// Writes a file of the folder: all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), Problem> {
        let path = self.folder.join(file);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
        // A batch that is killed leaves such a file behind: beside the results it would be taken for one.
        let mut new = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(&self.folder)
            .map_err(trouble("writing in", &self.folder))?;
        new.write_all(bytes).map_err(trouble("writing", &path))?;
        new.persist(&path).map(drop).map_err(trouble("writing", &path))
    }
}

fn grade_file(name: &str) -> PathBuf {
    Path::new("grades").join(file_name(name) + ".json")
}

/// A number that changes with what a lab's submissions are measured by.
fn scenarios(kit: &Kit, request: &Request) -> Result<u64, Problem> {
    let lab = &request.lab;
    let mut folders = vec![kit.root.join("grader/scenarios").join(&lab.slug)];
    folders.extend(request.hidden.iter().flat_map(|folder| [folder.clone(), folder.join(&lab.slug)]));
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let entries = folder.read_dir().map_err(trouble("reading", folder))?;
        let mut own: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        own.retain(|path| path.is_file());
        own.sort();
        files.extend(own);
    }
    let mut hasher = DefaultHasher::new();
    lab.editable.hash(&mut hasher);
    for file in files {
        file.file_name().hash(&mut hasher);
        fs::read(&file).map_err(trouble("reading", &file))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}
