//! Files that a session writes: what it saves and exports.
//!
//! A file is there whole or not at all: it is written beside its place and then moved
//! there. What somebody else has written is never overwritten.

use crate::outcome::Failure;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The files that this session has written, and what it wrote there.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<PathBuf, String>);

impl Files {
    /// Writes a file, whole or not at all.
    pub(crate) fn write(&mut self, path: &str, text: &str) -> Result<(), Failure> {
        let failed = |error: &io::Error| cannot(path, error);
        let place = Path::new(path);
        match fs::symlink_metadata(place) {
            // Moving a file to the place of a device or a pipe would put an end to it.
            Ok(_) if fs::metadata(place).is_ok_and(|there| !there.is_file() && !there.is_dir()) => {
                return straight(place, text).map_err(|error| failed(&error));
            }
            Ok(there) if there.is_dir() => return Err(failed(&ErrorKind::IsADirectory.into())),
            Ok(_) if !self.wrote(place) => {
                return Err(Failure::new(format!("{path} is there already, and was left as it is")).next(
                    "give another name; a file is written again only while it is as this session left it",
                ));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&error)),
        }
        let beside = beside(place);
        let written = straight(&beside, text).and_then(|()| fs::rename(&beside, place));
        if let Err(error) = written {
            // If it cannot be removed either, it was never there.
            let _ = fs::remove_file(&beside);
            return Err(failed(&error));
        }
        // Where the path leads cannot be told only if the file is gone again already.
        if let Ok(full) = fs::canonicalize(place) {
            self.0.insert(full, text.to_owned());
        }
        Ok(())
    }

    /// Whether a file is as this session has written it.
    fn wrote(&self, place: &Path) -> bool {
        let known = fs::canonicalize(place).ok().and_then(|full| self.0.get(&full));
        known.is_some_and(|text| fs::read(place).is_ok_and(|there| there == text.as_bytes()))
    }
}

/// A name beside the file's own that nobody else uses: `.NAME.PID`.
fn beside(place: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    place.with_file_name(name)
}

/// Writes until it is with the disk: a full disk may be told of only then.
fn straight(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    match file.sync_all() {
        // Pipes and terminals have nothing to be brought to a disk.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(()),
        synced => synced,
    }
}

fn cannot(path: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("cannot write {path}: {error}; nothing was written"));
    match error.kind() {
        ErrorKind::NotFound => {
            failure.next("its folder is not there; the path counts from where netlab was started")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            failure.next("you may not write there; give a path in a folder of your own, such as ~ or /tmp")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => failure
            .next("make room, or give a path on another disk, and type it again: the session is as it was"),
        ErrorKind::FileTooLarge => {
            failure.next("a limit stands on the size of files: see `ulimit -f` in the shell")
        }
        ErrorKind::IsADirectory => {
            failure.next(format!("that is a folder; name a file in it, as in {path}/first"))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

    use super::*;

    /// A folder of its own, gone at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("netkit-files-{name}-{}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).display().to_string()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn only_what_it_wrote_is_written_again() {
        let folder = Folder::new("again");
        let mut files = Files::default();
        let path = folder.path("a");
        files.write(&path, "one").unwrap();
        files.write(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        fs::write(&path, "mine").unwrap();
        let failure = files.write(&path, "three").unwrap_err();
        assert!(failure.message.contains("is there already"), "{failure:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        // A link that leads nowhere is somebody's, too.
        std::os::unix::fs::symlink("nowhere", folder.path("link")).unwrap();
        assert!(files.write(&folder.path("link"), "x").is_err());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "nothing is left beside");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = Folder::new("not");
        let mut files = Files::default();
        for (path, why) in [
            (folder.path("no/such"), "No such file"),
            (folder.path(""), "s a directory"),
            ("/dev/full".into(), "No space left"),
            ("/proc/x".into(), "cannot write /proc/x"),
        ] {
            let failure = files.write(&path, "text").unwrap_err();
            assert!(failure.message.contains(why), "{path}: {failure:?}");
        }
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }

    #[test]
    fn a_device_stays_a_device() {
        use std::os::unix::fs::FileTypeExt;
        Files::default().write("/dev/null", "text").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
