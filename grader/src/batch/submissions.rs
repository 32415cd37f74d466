//! Which submissions there are, and where the lab lies in each.

use crate::kit::{Lab, trouble};
use crate::model::Problem;
use crate::overlay;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// What somebody handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// By what it is known: the name of its folder, or what a list says.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
}

/// All submissions in a folder (each entry is one), or on a list: a path a line, or a name, a tab, and a path.
/// They come sorted by their names.
///
/// # Errors
/// When it cannot be read, or two have the same name.
pub fn read(from: &Path) -> Result<Vec<Submission>, Problem> {
    let mut all = if from.is_dir() { in_folder(from)? } else { on_list(from)? };
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let mut seen = BTreeSet::new();
    match all.iter().find(|submission| !seen.insert(&submission.name)) {
        Some(twice) => Err(Problem::Usage(format!(
            "two submissions in {} are called `{}`: give each a name of its own, with a tab between name and path",
            from.display(),
            twice.name
        ))),
        None if all.is_empty() => {
            Err(Problem::Usage(format!("there is no submission in {}", from.display())))
        }
        None => Ok(all),
    }
}

fn in_folder(folder: &Path) -> Result<Vec<Submission>, Problem> {
    let mut all = Vec::new();
    for entry in folder.read_dir().map_err(trouble("reading", folder))? {
        let entry = entry.map_err(trouble("reading", folder))?;
        let name = name_of(&entry.path());
        // `.git`, `.DS_Store` and the like are nobody's.
        if !name.starts_with('.') {
            all.push(Submission { name, folder: entry.path() });
        }
    }
    Ok(all)
}

fn on_list(file: &Path) -> Result<Vec<Submission>, Problem> {
    let usage = |error| {
        Problem::Usage(format!("reading {}, a folder or a list of submissions: {error}", file.display()))
    };
    let text = std::fs::read_to_string(file).map_err(usage)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let submission = |line: &str| match line.split_once('\t') {
        Some((name, path)) => Submission { name: name.trim().to_owned(), folder: path.trim().into() },
        None => Submission { name: name_of(Path::new(line)), folder: line.into() },
    };
    Ok(lines.map(submission).collect())
}

/// The name of a folder. Bytes that are no UTF-8 are told apart from each other.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    match name.to_str() {
        Some(name) => name.to_owned(),
        None => netkit::data::printable(&format!("{name:?}")),
    }
}

impl Submission {
    /// The folder in it that holds the lab: the submission itself, `labs/02-echo` or `02-echo` in it, or the same in the
    /// only folder that it holds, as archives are often unpacked.
    pub fn lab_folder(&self, lab: &Lab) -> PathBuf {
        let places =
            |folder: &Path| [folder.to_owned(), folder.join("labs").join(&lab.slug), folder.join(&lab.slug)];
        // A link could lead to what somebody else has handed in.
        let is_own = |folder: &PathBuf| {
            let mut below = folder.ancestors().take_while(|folder| *folder != self.folder);
            below.all(|folder| folder.symlink_metadata().is_ok_and(|about| about.is_dir()))
        };
        let holds =
            |folder: &PathBuf| lab.editable.iter().any(|file| folder.join(file).symlink_metadata().is_ok());
        let only = only_folder(&self.folder);
        let all = places(&self.folder).into_iter().chain(only.iter().flat_map(|only| places(only)));
        all.into_iter().filter(is_own).find(holds).unwrap_or_else(|| self.folder.clone())
    }

    /// Its name as a file's.
    pub fn file_name(&self) -> String {
        file_name(&self.name)
    }

    /// A number that changes with what was handed in.
    pub fn fingerprint(&self, lab: &Lab) -> u64 {
        let mut hasher = DefaultHasher::new();
        let folder = self.lab_folder(lab);
        for file in &lab.editable {
            // What cannot be taken has its reason in place of its bytes.
            overlay::take(&folder, file).map_err(|error| error.to_string()).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// A name as a file's: one that could be a path, hidden, or too long is written with its number behind it.
pub(super) fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. @+".contains(c) { c } else { '_' };
    let file: String = name.chars().map(plain).take(60).collect();
    if file == name && !file.starts_with('.') && !file.is_empty() {
        return file;
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    format!("{}-{:016x}", file.trim_start_matches('.'), hasher.finish())
}

/// The folder that is all that a folder holds.
fn only_folder(folder: &Path) -> Option<PathBuf> {
    let entries: Vec<_> = folder.read_dir().ok()?.flatten().take(64).collect();
    let mut folders = entries.iter().filter(|entry| {
        // Archives made on a Mac hold one of these, too.
        entry.file_name() != "__MACOSX" && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    let only = folders.next()?;
    folders.next().is_none().then(|| only.path())
}

/// The part of a batch that one machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    pub this: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// Reads `I/N`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(this, of)| Some((this.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((this, of)) if 1 <= this && this <= of => Ok(Self { this, of }),
            _ => Err("it is given as I/N, such as 1/4, 2/4, 3/4 and 4/4".into()),
        }
    }

    /// The submissions that are its own. All shards together have each of them once.
    pub fn own(self, all: Vec<Submission>) -> Vec<Submission> {
        let numbered = all.into_iter().enumerate();
        numbered
            .filter(|(place, _)| place % self.of == self.this - 1)
            .map(|(_, submission)| submission)
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_submissions() {
        let all: Vec<Submission> =
            (0..10).map(|n| Submission { name: n.to_string(), folder: PathBuf::new() }).collect();
        let mut together: Vec<String> = Vec::new();
        for this in 1..=3 {
            let own = Shard { this, of: 3 }.own(all.clone());
            assert!((3..=4).contains(&own.len()));
            together.extend(own.into_iter().map(|submission| submission.name));
        }
        together.sort();
        assert_eq!(together, all.iter().map(|submission| submission.name.clone()).collect::<Vec<_>>());
        for wrong in ["", "0/3", "4/3", "1", "1/0", "a/b", "-1/3"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_has_names_or_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "# the course\nb\t/x/one\n\n/y/a\n").unwrap();
        let all = read(file.path()).unwrap();
        let all: Vec<_> =
            all.iter().map(|submission| (submission.name.as_str(), submission.folder.to_str())).collect();
        assert_eq!(all, [("a", Some("/y/a")), ("b", Some("/x/one"))]);
        std::fs::write(&file, "/x/a\n/y/a\n").unwrap();
        assert!(read(file.path()).unwrap_err().to_string().contains("called `a`"));
    }

    #[test]
    fn names_that_are_no_file_names_get_one() {
        assert_eq!(file_name("alice"), "alice");
        assert_eq!(file_name("Ärmel, B. <b@x>").split_once("__").map(|(start, _)| start), None);
        for wild in ["../../etc/passwd", ".", "..", "a/b", "", "x\ny", &"long".repeat(100)] {
            let file = file_name(wild);
            assert!(!file.contains('/') && !file.starts_with('.') && file.len() < 300, "{file}");
            assert_ne!(file, wild);
        }
        assert_ne!(file_name("a/b"), file_name("a_b"));
        assert_ne!(file_name("a/b"), file_name("a:b"));
    }
}
