//! The overlay: which files are built.
//!
//! Only the files that `lab.toml` names are taken from a submission; manifest, given code,
//! labkit and the lock file are the kit's own. They are put together in a *room*: a small
//! workspace in a temporary folder, where no build script, cargo configuration or toolchain
//! file of a submission ever comes.

use crate::kit::{Kit, Lab, trouble};
use crate::model::{BuildFailure, Problem};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::{Mode, SFlag, fstat};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use toml::{Table, Value};

/// The largest file that is taken from a submission. The solutions' are some ten KiB.
const LARGEST: u64 = 1 << 20;

/// The kit's packages that every submission is built with.
pub const GIVEN: &[&str] = &["kit/labkit", "kit/schedules"];

/// When the room's files of these were changed, for cargo: see [`given`](crate::given).
const LONG_AGO: Duration = Duration::from_secs(1_000_000_000);

/// A file of a submission: its path below the lab's folder, and what is in it.
pub type Editable<'a> = (&'a Path, Vec<u8>);

/// Reads the files of a submission that count.
///
/// # Errors
/// Which file is missing, or is not what may be taken: that is the submission's fault.
pub fn editable<'a>(lab: &'a Lab, submission: &Path) -> Result<Vec<Editable<'a>>, BuildFailure> {
    let read = |path: &'a PathBuf| {
        take(submission, path).map(|bytes| (path.as_path(), bytes)).map_err(|error| {
            let file = submission.join(path);
            let whole = std::path::absolute(&file).unwrap_or(file);
            let missing = if error.kind() == io::ErrorKind::NotFound {
                "\na submission is a folder like the lab's: the one in which src/ lies"
            } else {
                ""
            };
            BuildFailure {
                summary: format!("{} cannot be taken from the submission", path.display()),
                message: format!("{}: {error}{missing}", whole.display()),
            }
        })
    };
    lab.editable.iter().map(read).collect()
}

/// Reads one file below a folder. No link is followed on the way: one that leads out of the
/// submission would show somebody else's file, one to a device might never end.
pub(crate) fn take(folder: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let how = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let mut at: OwnedFd = open(folder, how | OFlag::O_DIRECTORY, Mode::empty())?;
    let names: Vec<_> = path.components().collect();
    for (depth, name) in names.iter().enumerate() {
        let Component::Normal(name) = name else {
            return Err(io::Error::other("lab.toml names a path that leaves the lab's folder"));
        };
        // Without O_NONBLOCK a FIFO would be waited for.
        let last = depth + 1 == names.len();
        let kind = if last { OFlag::O_NONBLOCK } else { OFlag::O_DIRECTORY };
        at = openat(&at, *name, how | kind | OFlag::O_NOFOLLOW, Mode::empty()).map_err(
            |errno| match errno {
                Errno::ENOENT => io::Error::new(io::ErrorKind::NotFound, "there is no such file"),
                Errno::ELOOP => io::Error::other("it is a symbolic link, and those are not followed"),
                Errno::ENOTDIR => io::Error::other("its folder is a symbolic link or no folder"),
                errno => errno.into(),
            },
        )?;
    }
    if SFlag::from_bits_truncate(fstat(&at)?.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::from(at).take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    Ok(bytes)
}

/// Sets up the workspace in which a lab is built: the kit's own files, and a submission's over them.
///
/// # Errors
/// When files of the kit cannot be read, or the room cannot be written.
pub fn furnish(room: &Path, kit: &Kit, lab: Option<&Lab>, editable: &[Editable<'_>]) -> Result<(), Problem> {
    // The paths are those of the kit, so that the lab finds labkit where its manifest says,
    // and messages name files as students know them.
    for place in GIVEN {
        copy(&kit.root.join(place), &room.join(place), &["Cargo.toml", "src"], Some(LONG_AGO))?;
    }
    let labs_place = lab.map(|lab| Path::new("labs").join(&lab.slug));
    let schedules = lab.filter(|lab| kit.schedules(lab).is_some());
    let schedules_place = schedules.map(|lab| Path::new("grader/schedules").join(&lab.slug));
    let own: Vec<&PathBuf> = labs_place.iter().chain(&schedules_place).collect();
    for place in &own {
        copy(&kit.root.join(place), &room.join(place), &["Cargo.toml", "src"], None)?;
    }
    let members: Vec<&Path> =
        GIVEN.iter().map(Path::new).chain(own.iter().map(|place| place.as_path())).collect();
    for (path, bytes) in editable {
        let Some(place) = &labs_place else { break };
        let file = room.join(place).join(path);
        fs::write(&file, bytes).map_err(trouble("writing", &file))?;
    }
    let packages = ["labkit".to_owned()].into_iter();
    let packages = packages.chain(lab.map(|lab| lab.name.clone())).chain(schedules.map(Lab::schedules));
    for (name, table) in [("Cargo.toml", manifest(kit, &members)?), ("Cargo.lock", lock(kit, packages)?)] {
        let file = room.join(name);
        let text = toml::to_string(&table).map_err(trouble("writing", &file))?;
        fs::write(&file, text).map_err(trouble("writing", &file))?;
    }
    Ok(())
}

/// Copies these entries of a folder, with all that is in them.
fn copy(from: &Path, to: &Path, entries: &[&str], changed: Option<Duration>) -> Result<(), Problem> {
    fs::create_dir_all(to).map_err(trouble("creating", to))?;
    for entry in entries {
        let (from, to) = (from.join(entry), to.join(entry));
        if from.is_dir() {
            let names = from.read_dir().map_err(trouble("reading", &from))?;
            let names: Vec<String> =
                names.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            copy(&from, &to, &names.iter().map(String::as_str).collect::<Vec<_>>(), changed)?;
        } else {
            fs::copy(&from, &to).map_err(trouble("copying", &from))?;
            if let Some(changed) = changed {
                let file = File::options().write(true).open(&to).map_err(trouble("opening", &to))?;
                file.set_modified(UNIX_EPOCH + changed).map_err(trouble("dating", &to))?;
            }
        }
    }
    Ok(())
}

/// The room's own manifest: what the kit's packages take from its workspace, and a profile.
fn manifest(kit: &Kit, members: &[&Path]) -> Result<Table, Problem> {
    let root = read_toml(&kit.root.join("Cargo.toml"))?;
    let mut workspace = Table::new();
    workspace.insert("resolver".into(), "3".into());
    let members = members.iter().map(|place| Value::String(place.to_string_lossy().into_owned()));
    workspace.insert("members".into(), Value::Array(members.collect()));
    for part in ["package", "lints", "dependencies"] {
        if let Some(value) = root.get("workspace").and_then(|table| table.get(part)) {
            workspace.insert(part.into(), value.clone());
        }
    }
    // As students build it, overflow checks included; but nobody debugs it, and nobody builds it twice.
    let mut profile: Table = [("debug", Value::from(false)), ("incremental", false.into())]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    // It is built once for all submissions, and makes thousands of runs of each.
    let optimized = || Value::Table(Table::from_iter([("opt-level".to_owned(), Value::from(2))]));
    let packages = ["*", "schedules"].map(|name| (name.to_owned(), optimized()));
    profile.insert("package".into(), Value::Table(Table::from_iter(packages)));
    let profiles = Table::from_iter([("dev".to_owned(), Value::Table(profile))]);
    Ok(Table::from_iter([
        ("workspace".to_owned(), Value::Table(workspace)),
        ("profile".to_owned(), Value::Table(profiles)),
    ]))
}

/// The part of the kit's lock file that a lab needs: `cargo build --locked` accepts neither
/// less nor more.
fn lock(kit: &Kit, needed: impl Iterator<Item = String>) -> Result<Table, Problem> {
    let mut lock = read_toml(&kit.root.join("Cargo.lock"))?;
    let packages = match lock.get("package") {
        Some(Value::Array(packages)) => packages.clone(),
        _ => Vec::new(),
    };
    let mut needed: Vec<String> = needed.collect();
    let mut kept = Vec::new();
    while let Some(wanted) = needed.pop() {
        // A dependency is given as `name`, or `name version` where there are several.
        let mut words = wanted.split(' ');
        let (name, version) = (words.next(), words.next());
        let text = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
        let fits = |package: &&Value| {
            text(package, "name").as_deref() == name
                && version.is_none_or(|version| text(package, "version").as_deref() == Some(version))
        };
        for package in
            packages.iter().filter(fits).filter(|package| !kept.contains(*package)).collect::<Vec<_>>()
        {
            kept.push(package.clone());
            let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
            needed.extend(dependencies.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    lock.insert("package".into(), Value::Array(kept));
    Ok(lock)
}

fn read_toml(file: &Path) -> Result<Table, Problem> {
    fs::read_to_string(file).map_err(trouble("reading", file))?.parse().map_err(trouble("reading", file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_below_the_folder_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("src")).unwrap();
        fs::write(path("src/good.rs"), "fine").unwrap();
        fs::write(path("src/large.rs"), vec![b' '; LARGEST as usize + 1]).unwrap();
        symlink("good.rs", path("src/link.rs")).unwrap();
        symlink("src", path("other")).unwrap();
        nix::unistd::mkfifo(&path("src/fifo.rs"), Mode::S_IRWXU).unwrap();
        fs::create_dir(path("src/folder.rs")).unwrap();
        let taken = |name: &str| take(folder.path(), Path::new(name)).map_err(|error| error.to_string());
        assert_eq!(taken("src/good.rs"), Ok(b"fine".to_vec()));
        for (name, problem) in [
            ("src/none.rs", "no such file"),
            ("src/link.rs", "symbolic link"),
            ("other/good.rs", "symbolic link"),
            ("src/fifo.rs", "not a regular file"),
            ("src/folder.rs", "not a regular file"),
            ("src/large.rs", "larger than"),
            ("../good.rs", "leaves"),
            ("/etc/passwd", "leaves"),
        ] {
            let error = taken(name).unwrap_err();
            assert!(error.contains(problem), "{name}: {error}");
        }
    }
}
