//! Where the kit is, and its labs: a lab is a folder in `labs/` with a `lab.toml`.

use crate::model::Problem;
use crate::scenario::{self, Scenario};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A checkout of the kit.
#[derive(Debug, Clone)]
pub struct Kit {
    /// Its root folder.
    pub root: PathBuf,
}

/// A lab, as its `lab.toml` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// Its number.
    pub number: u32,
    /// Its name, which is its package's, too.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// Its programs.
    pub programs: Vec<String>,
    /// The files that students write, relative to the lab's folder.
    pub editable: Vec<PathBuf>,
    /// What the skeleton scores.
    pub skeleton_score: u32,
    /// Its folder's name: `02-echo`.
    #[serde(skip)]
    pub slug: String,
}

impl Kit {
    /// The kit that a folder lies in; or else the one that this program was built from.
    ///
    /// # Errors
    /// When neither is there.
    pub fn find(from: &Path) -> Result<Self, Problem> {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let is_kit =
            |folder: &&Path| folder.join("labs").is_dir() && folder.join("grader/scenarios").is_dir();
        from.ancestors()
            .chain(built_from)
            .find(is_kit)
            .map(|root| Self { root: root.to_owned() })
            .ok_or_else(|| {
                Problem::Usage(format!(
                    "neither {} nor a folder above it holds labs/ and grader/scenarios/: run this inside the kit",
                    from.display()
                ))
            })
    }

    /// All labs, by number.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn labs(&self) -> Result<Vec<Lab>, Problem> {
        let folder = self.root.join("labs");
        let entries = folder.read_dir().map_err(trouble("reading", &folder))?;
        let mut labs = Vec::new();
        for entry in entries {
            let path = entry.map_err(trouble("reading", &folder))?.path();
            if path.join("lab.toml").exists() {
                labs.push(Lab::read(&path)?);
            }
        }
        labs.sort_by_key(|lab| lab.number);
        Ok(labs)
    }

    /// The lab of this number (`2`, `02`) or name (`echo`, `02-echo`).
    ///
    /// # Errors
    /// When there is none, or labs cannot be read.
    pub fn lab(&self, wanted: &str) -> Result<Lab, Problem> {
        let labs = self.labs()?;
        let number = wanted.parse::<u32>().ok();
        let fits = |lab: &&Lab| Some(lab.number) == number || lab.name == wanted || lab.slug == wanted;
        labs.iter().find(fits).cloned().ok_or_else(|| {
            let all: Vec<String> = labs.iter().map(|lab| format!("{} {}", lab.number, lab.name)).collect();
            Problem::Usage(format!("there is no lab `{wanted}`; there are: {}", all.join(", ")))
        })
    }

    /// The scenarios of a lab, in the order of their files' names.
    ///
    /// # Errors
    /// When one cannot be read or is not well formed.
    pub fn scenarios(&self, lab: &Lab) -> Result<Vec<Scenario>, Problem> {
        scenario::read_all(&self.root.join("grader/scenarios").join(&lab.slug))
    }

    /// Where a lab's schedule scenarios are, if it has any: a package `NAME-schedules`.
    pub fn schedules(&self, lab: &Lab) -> Option<PathBuf> {
        Some(self.root.join("grader/schedules").join(&lab.slug)).filter(|folder| folder.is_dir())
    }

    /// The kit's own copy of a lab: the skeleton.
    pub fn lab_folder(&self, lab: &Lab) -> PathBuf {
        self.root.join("labs").join(&lab.slug)
    }
}

impl Lab {
    /// The package of its schedule scenarios, and its program.
    pub fn schedules(&self) -> String {
        format!("{}-schedules", self.name)
    }

    fn read(folder: &Path) -> Result<Self, Problem> {
        let file = folder.join("lab.toml");
        let text = std::fs::read_to_string(&file).map_err(trouble("reading", &file))?;
        let lab: Self = toml::from_str(&text).map_err(trouble("reading", &file))?;
        let slug = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { slug, ..lab })
    }
}

/// Turns an error into a [`Problem`] that says what was done, and to what.
pub(crate) fn trouble<E: std::fmt::Display>(doing: &str, to: &Path) -> impl Fn(E) -> Problem {
    let what = format!("{doing} {}", to.display());
    move |error| Problem::Trouble(format!("{what}: {error}"))
}
