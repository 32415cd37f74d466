//! What every submission is built with: the kit's own packages, and what they need. They are built once and kept in
//! cargo's target folder; a copy of what came of that is where each build begins.
//!
//! Nothing of a submission is ever in there: a submission is built in the copy alone. The room's files of these
//! packages have all one modification time, so that cargo takes them for what was built; the key of what is kept is
//! made from what is in them.

use crate::apart;
use crate::build::{self, Wanted, Workshop};
use crate::kit::{Kit, trouble};
use crate::model::Problem;
use crate::overlay;
use crate::scores;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

/// What the kept folders' names begin with.
const NAME: &str = "given-";

/// Puts what was built once into an empty target folder. Where that is not to be had the build does without: it
/// takes longer.
pub fn lay_out(kit: &Kit, workshop: &Workshop, target: &Path) {
    let Ok(kept) = kept(kit, workshop) else { return };
    if copy(&kept, target).is_err() {
        // Half of it is of no use. Cargo says what it makes of an empty one.
        let owner = fs::metadata(target).map(|metadata| (metadata.uid(), metadata.gid()));
        let _ = fs::remove_dir_all(target);
        let _ = fs::create_dir(target);
        if let Ok((user, group)) = owner {
            let _ = chown(target, Some(user), Some(group));
        }
    }
}

/// The folder with what was built once; it is made if it is not there.
fn kept(kit: &Kit, workshop: &Workshop) -> Result<PathBuf, Problem> {
    let folder = scores::folder(kit);
    let name = format!("{NAME}{:016x}", key(kit)?);
    let kept = folder.join(&name);
    if kept.is_dir() {
        return Ok(kept);
    }
    let place = tempfile::Builder::new().prefix("grade-").tempdir().map_err(trouble("creating", &kept))?;
    let (room, target) = (place.path().join("room"), place.path().join("target"));
    overlay::furnish(&room, kit, None, &[])?;
    build::neutral(&room)?;
    build::own_target(&target)?;
    for features in [None, Some("labkit/schedules")] {
        let wanted = Wanted { package: "labkit".into(), programs: Vec::new(), features };
        let job = build::cargo(&wanted, &room, &target);
        let finished = apart::command(&workshop.confinement, &workshop.worker, job, workshop.limit);
        let good = finished.is_ok_and(|finished| finished.status.is_some_and(|status| status.success()));
        if !good {
            return Err(Problem::Trouble("labkit cannot be built".into()));
        }
    }
    fs::create_dir_all(&folder).map_err(trouble("creating", &folder))?;
    // Complete when it gets its name: another grading may be looking for it, or doing the same.
    let new = tempfile::Builder::new().prefix(".new-").tempdir_in(&folder);
    let new = new.map_err(trouble("creating", &kept))?;
    copy(&target, new.path()).map_err(trouble("copying to", &kept))?;
    let old = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let is_old =
        |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(NAME));
    for path in old.filter(is_old).filter(|path| *path != kept) {
        // It may be in use: whoever loses it builds without.
        let _ = fs::remove_dir_all(path);
    }
    match fs::rename(new.path(), &kept) {
        Ok(()) => drop(new.keep()),
        // Another one was faster.
        Err(_) if kept.is_dir() => {}
        Err(error) => return Err(trouble("renaming", &kept)(error)),
    }
    Ok(kept)
}

/// What the kept folder is made from. Which compiler it was cargo knows itself.
fn key(kit: &Kit) -> Result<u64, Problem> {
    let mut hasher = DefaultHasher::new();
    let mut todo: Vec<PathBuf> =
        overlay::GIVEN.iter().chain(&["Cargo.toml", "Cargo.lock"]).map(|path| kit.root.join(path)).collect();
    while let Some(path) = todo.pop() {
        path.strip_prefix(&kit.root).unwrap_or(&path).hash(&mut hasher);
        if path.is_dir() {
            let entries = path.read_dir().map_err(trouble("reading", &path))?;
            let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            entries.sort();
            todo.extend(entries);
        } else {
            fs::read(&path).map_err(trouble("reading", &path))?.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Copies a folder with modification times, by which cargo judges. What is copied has the owner of the new
/// folder.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let owner = fs::metadata(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let (source, copied) = (entry.path(), to.join(entry.file_name()));
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            fs::create_dir(&copied)?;
            chown(&copied, Some(owner.uid()), Some(owner.gid()))?;
            copy(&source, &copied)?;
        } else if metadata.is_file() {
            fs::copy(&source, &copied)?;
            File::options().write(true).open(&copied)?.set_modified(metadata.modified()?)?;
            chown(&copied, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    Ok(())
}
