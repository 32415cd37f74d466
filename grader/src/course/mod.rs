//! What an instructor writes out of the kit for a course.
//!
//! - [`handout`]: the repository that students get.
//! - [`package`]: what Gradescope and PrairieLearn take.
//! - [`similarity`]: sources and skeleton, laid out for a search for copies.
//!
//! All of them copy by an allow-list ([`Copier`]): what is not named stays behind.

pub mod handout;
pub mod package;
pub mod similarity;

use crate::kit::{Kit, Lab, trouble};
use crate::model::Problem;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Copies what is named from the kit to a new folder.
#[derive(Debug)]
pub struct Copier<'a> {
    kit: &'a Kit,
    to: PathBuf,
}

/// What the kit itself consists of, as far as it is built and run: a file, or all of a folder.
const KIT: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    ".cargo/config.toml",
    "kit/labkit/Cargo.toml",
    "kit/labkit/src",
    "kit/netkit/Cargo.toml",
    "kit/netkit/src",
    "kit/netlab/Cargo.toml",
    "kit/netlab/src",
    "kit/schedules/Cargo.toml",
    "kit/schedules/src",
    "grader/Cargo.toml",
    "grader/src",
    // The lessons at the prompt are the book's chapters, and both are built into netlab.
    "book/book.toml",
    "book/src",
    "grader/templates",
];

/// How the workspace names the schedule scenarios of all labs.
const SCHEDULES: &str = ", \"grader/schedules/*\"";

/// What a lab consists of besides its sources.
const LAB: &[&str] = &["README.md", "lab.toml", "Cargo.toml"];

impl<'a> Copier<'a> {
    /// A new folder, which must be empty if it is there.
    ///
    /// # Errors
    /// When it is not empty, or cannot be made.
    pub fn to(kit: &'a Kit, folder: &Path) -> Result<Self, Problem> {
        fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
        let mut entries = folder.read_dir().map_err(trouble("reading", folder))?;
        if entries.next().is_some() {
            let folder = folder.display();
            return Err(Problem::Usage(format!(
                "{folder} is not empty: name a new folder, or empty this one"
            )));
        }
        Ok(Self { kit, to: folder.to_owned() })
    }

    /// The kit, with these labs and what grades them.
    ///
    /// # Errors
    /// When something cannot be copied.
    pub fn kit(&self, labs: &[Lab]) -> Result<(), Problem> {
        KIT.iter().try_for_each(|entry| self.entry(Path::new(entry)))?;
        for crate_folder in ["kit/labkit", "kit/netkit", "kit/netlab", "kit/schedules", "grader"] {
            self.without_benches(&Path::new(crate_folder).join("Cargo.toml"))?;
        }
        for lab in labs {
            let folder = Path::new("labs").join(&lab.slug);
            LAB.iter().try_for_each(|entry| self.entry(&folder.join(entry)))?;
            self.sources(&folder.join("src"))?;
            self.scenarios(&Path::new("grader/scenarios").join(&lab.slug))?;
            if self.kit.schedules(lab).is_some() {
                let folder = Path::new("grader/schedules").join(&lab.slug);
                self.entry(&folder.join("Cargo.toml"))?;
                self.sources(&folder.join("src"))?;
            }
        }
        if labs.iter().all(|lab| self.kit.schedules(lab).is_none()) {
            // Cargo wants each pattern to stand for something.
            let path = self.to.join("Cargo.toml");
            let text = fs::read_to_string(&path).map_err(trouble("reading", &path))?;
            self.write(Path::new("Cargo.toml"), text.replace(SCHEDULES, "").as_bytes())?;
        }
        self.lock()
    }

    /// A file or folder of the kit, at the same place. Links are nobody's.
    fn entry(&self, path: &Path) -> Result<(), Problem> {
        let from = self.kit.root.join(path);
        let about = from.symlink_metadata().map_err(trouble("reading", &from))?;
        if about.is_dir() {
            for entry in from.read_dir().map_err(trouble("reading", &from))? {
                let name = entry.map_err(trouble("reading", &from))?.file_name();
                self.entry(&path.join(name))?;
            }
            return Ok(());
        }
        if about.is_file() {
            let bytes = fs::read(&from).map_err(trouble("reading", &from))?;
            self.write(path, &bytes)?;
        }
        Ok(())
    }

    /// The sources in a folder.
    fn sources(&self, folder: &Path) -> Result<(), Problem> {
        self.only(folder, &["rs"])
    }

    /// The scenarios in a folder, and what they must give.
    fn scenarios(&self, folder: &Path) -> Result<(), Problem> {
        self.only(folder, &["netlab", "snap"])
    }

    fn only(&self, folder: &Path, endings: &[&str]) -> Result<(), Problem> {
        let from = self.kit.root.join(folder);
        for entry in from.read_dir().map_err(trouble("reading", &from))? {
            let path = folder.join(entry.map_err(trouble("reading", &from))?.file_name());
            let ending = path.extension().and_then(|ending| ending.to_str());
            if self.kit.root.join(&path).is_dir() {
                self.only(&path, endings)?;
            } else if ending.is_some_and(|ending| endings.contains(&ending)) {
                self.entry(&path)?;
            }
        }
        Ok(())
    }

    /// Benches compare with solutions, and stay behind; so does what a manifest says of them.
    fn without_benches(&self, manifest: &Path) -> Result<(), Problem> {
        let path = self.to.join(manifest);
        let text = fs::read_to_string(&path).map_err(trouble("reading", &path))?;
        let mut kept = String::new();
        let mut skip = false;
        for line in text.lines() {
            if line.starts_with('[') {
                skip = line == "[[bench]]";
            }
            if !skip {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        self.write(manifest, kept.as_bytes())
    }

    /// A lock file names each lab: those that were left out go from it, and nothing else changes.
    fn lock(&self) -> Result<(), Problem> {
        let path = self.to.join("Cargo.lock");
        let text = fs::read_to_string(&path).map_err(trouble("reading", &path))?;
        let gone: Vec<String> = self
            .kit
            .labs()?
            .iter()
            .filter(|lab| !self.to.join("labs").join(&lab.slug).exists())
            .map(|lab| format!("name = \"{}\"", lab.name))
            .collect();
        let packages = text.split("\n[[package]]\n");
        let kept: Vec<&str> = packages
            .filter(|package| !gone.iter().any(|name| package.lines().next() == Some(name)))
            .collect();
        self.write(Path::new("Cargo.lock"), kept.join("\n[[package]]\n").as_bytes())
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
        let to = self.to.join(path);
        let folder = to.parent().unwrap_or(&self.to);
        fs::create_dir_all(folder).map_err(trouble("creating", folder))?;
        fs::write(&to, bytes).map_err(trouble("writing", &to))
    }

    /// Writes a file that can be run.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn write_program(&self, path: &Path, text: &str) -> Result<(), Problem> {
        self.write(path, text.as_bytes())?;
        let to = self.to.join(path);
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755))
            .map_err(trouble("making a program of", &to))
    }
}

/// The labs of these numbers or names; all of them, if none is named.
///
/// # Errors
/// When there is no such lab.
pub fn labs(kit: &Kit, wanted: &[String]) -> Result<Vec<Lab>, Problem> {
    if wanted.is_empty() { kit.labs() } else { wanted.iter().map(|lab| kit.lab(lab)).collect() }
}
