//! Evidence about paths: which part of one is not what it should be. The worker looks at files
//! with the same rights as the session, which is the same user's.

use super::Evidence;
use nix::unistd::{AccessFlags, access};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Longer than this no name in a folder may be: NAME_MAX in the kernel's limits.h.
const LONGEST_NAME: usize = 255;

/// Which part of the path of a bind, connect or sendto is in the way.
pub(super) fn find(function: &str, errno: i32, path: &[u8]) -> Option<Evidence> {
    let path = Path::new(OsStr::from_bytes(path));
    match errno {
        libc::ENOTDIR => no_folder(path),
        libc::ELOOP => in_a_circle(path),
        libc::ENAMETOOLONG => too_long(path),
        libc::EACCES => not_allowed(function, path),
        _ => None,
    }
}

/// The first folder on the way to a file that is not there.
pub(super) fn missing_folder(path: &[u8]) -> Option<PathBuf> {
    let missing = |part: &PathBuf| fs::symlink_metadata(part).is_err();
    folders(Path::new(OsStr::from_bytes(path))).into_iter().find(missing)
}

/// The folders on the way to a file, from the outermost on.
fn folders(path: &Path) -> Vec<PathBuf> {
    let mut parts: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_owned).collect();
    parts.reverse();
    parts.retain(|part| !part.as_os_str().is_empty());
    parts
}

/// The same, and the file itself.
fn parts(path: &Path) -> Vec<PathBuf> {
    let mut parts = folders(path);
    parts.push(path.to_owned());
    parts
}

fn no_folder(path: &Path) -> Option<Evidence> {
    let is_none = |part: &PathBuf| fs::metadata(part).is_ok_and(|part| !part.is_dir());
    let part = folders(path).into_iter().find(is_none)?.display().to_string();
    let why = format!("{part} is a file and no folder, so that nothing can be in it");
    Some(Evidence::reason(why).next("take a path in a folder"))
}

fn in_a_circle(path: &Path) -> Option<Evidence> {
    let circle =
        |part: &PathBuf| fs::metadata(part).is_err_and(|error| error.raw_os_error() == Some(libc::ELOOP));
    let part = parts(path).into_iter().find(circle)?;
    let to = fs::read_link(&part).ok()?;
    let why = format!(
        "{} is a symbolic link to {}, and following such links leads in a circle",
        part.display(),
        to.display()
    );
    Some(
        Evidence::reason(why).next("use a path without that link; `ls -l` in a shell shows where links lead"),
    )
}

fn too_long(path: &Path) -> Option<Evidence> {
    parts(path).into_iter().find_map(|part| {
        let to = fs::read_link(&part).ok()?;
        let longest = to.components().map(|name| name.as_os_str().len()).max()?;
        let why = format!(
            "{} is a symbolic link to a path in which a name has {longest} bytes, and a name has at most {LONGEST_NAME}",
            part.display()
        );
        (longest > LONGEST_NAME).then(|| Evidence::reason(why).next("use a path without that link"))
    })
}

fn not_allowed(function: &str, path: &Path) -> Option<Evidence> {
    let may = |part: &Path, what| access(part, what).is_ok();
    let advice = "`ls -ld` in a shell shows whose it is; take a path in a folder of your own";
    let closed = folders(path).into_iter().find(|part| !may(part, AccessFlags::X_OK));
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let why = if let Some(part) = closed {
        format!("you may not go through the folder {} {}", part.display(), rights(&part))
    } else if function == "bind" && !may(folder, AccessFlags::W_OK) {
        let folder = (folder.display().to_string(), rights(folder));
        format!("bind makes a file, and you may not make one in the folder {} {}", folder.0, folder.1)
    } else if function != "bind" && !may(path, AccessFlags::W_OK) {
        format!(
            "to {} is to write, and you may not write to {} {}",
            if function == "connect" { "connect" } else { "send" },
            path.display(),
            rights(path)
        )
    } else {
        return None;
    };
    Some(Evidence::reason(why).next(advice))
}

/// A file's rights, as `ls -l` writes them.
fn rights(path: &Path) -> String {
    let Ok(mode) = fs::metadata(path).map(|file: Metadata| file.permissions().mode()) else {
        return String::new();
    };
    let letters = "rwxrwxrwx".chars().enumerate();
    let letters = letters.map(|(place, letter)| if mode & (0o400 >> place) == 0 { '-' } else { letter });
    format!("(its rights are {})", letters.collect::<String>())
}
