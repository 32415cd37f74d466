//! `file-client ADDRESS NAME FILE`: fetches the file NAME from a file server and keeps it as FILE.
//!
//! [`run`] is the program. [`request`] makes the bytes that ask for a file, [`keep`] writes those
//! that come back: all of them, or no FILE.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use labkit::Failure;

use crate::LONGEST_NAME;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "file-client ADDRESS NAME FILE";

/// So many bytes are read and written at a time.
const BUFFER: usize = 256 * 1024;

/// The whole program.
///
/// # Errors
/// A wrong command line, a connection that cannot be made, one that is lost, or a FILE that cannot
/// be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (address, [name, file]) = labkit::client_arguments(USAGE, arguments)?;
    let request = request(&name).ok_or_else(|| Failure::Usage {
        reason: format!("NAME is longer than {LONGEST_NAME} bytes"),
        usage: USAGE.to_owned(),
    })?;
    let mut stream = TcpStream::connect(address)
        .map_err(|error| Failure::new(format!("cannot connect to {address}: {error}")))?;
    stream.write_all(&request).map_err(|error| Failure::new(format!("cannot send to {address}: {error}")))?;
    keep(&mut stream, Path::new(&file))
        .map_err(|error| Failure::new(format!("cannot fetch {}: {error}", file.display())))
}

/// The bytes that ask for a file: its name and a NUL. `None` if the name is too long.
pub fn request(name: &OsStr) -> Option<Vec<u8>> {
    // An argument of a program can hold every byte but NUL (execve(2)), so nothing is to be checked
    // but the length.
    let name = name.as_bytes();
    (name.len() <= LONGEST_NAME).then(|| [name, b"\0"].concat())
}

/// Writes to `file` every byte that comes from `from` until it ends: all of them, or none, and then
/// `file` is as it was before.
///
/// They are written to another file first, beside it, since a file can be renamed within one file
/// system only. rename(2) puts it in its place in one step: nobody ever finds a part.
///
/// # Errors
/// What reading or writing fails with.
pub fn keep(from: impl Read, file: &Path) -> io::Result<()> {
    let (part, opened) = open_beside(file)?;
    let kept = copy(from, opened).and_then(|()| fs::rename(&part, file));
    if kept.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&part);
    }
    kept
}

/// A new file in the folder of another one.
fn open_beside(file: &Path) -> io::Result<(PathBuf, File)> {
    // Two clients may fetch the same FILE at a time: each has a number of its own.
    let part = file.with_file_name(format!(".file-client.{}.part", std::process::id()));
    // create_new: never a file that is there already, nor where a link leads to.
    let opened = OpenOptions::new().write(true).create_new(true).open(&part)?;
    Ok((part, opened))
}

/// Copies everything, with a buffer of a fixed size.
fn copy(mut from: impl Read, to: File) -> io::Result<()> {
    let mut to = BufWriter::with_capacity(BUFFER, to);
    // A reset makes this fail (ECONNRESET): what has come is a part. Only an end is an end.
    io::copy(&mut from, &mut to)?;
    // When a BufWriter is dropped, it writes what is left and says nothing if that fails.
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A connection that is lost.
    struct Reset;

    impl Read for Reset {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    /// A folder of its own, gone at the end.
    struct Place(PathBuf);

    impl Place {
        fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let place = std::env::temp_dir().join(format!("file-client-{}-{number}", std::process::id()));
            fs::create_dir_all(&place).unwrap();
            Self(place)
        }

        fn files(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_request_is_the_name_and_a_nul() {
        assert_eq!(request(OsStr::new("hello.txt")).as_deref(), Some(&b"hello.txt\0"[..]));
        assert_eq!(request(OsStr::from_bytes(b"\xff\n")).as_deref(), Some(&b"\xff\n\0"[..]));
        assert_eq!(request(OsStr::from_bytes(&[b'n'; 255])).map(|bytes| bytes.len()), Some(256));
        assert_eq!(request(OsStr::from_bytes(&[b'n'; 256])), None);
    }

    #[test]
    fn what_comes_is_kept_as_it_came() {
        let place = Place::new();
        let file = place.0.join("got");
        for bytes in [&b""[..], b"Hello", b"\0\n\r\n\xff", &vec![7; 2 * BUFFER + 1]] {
            keep(bytes, &file).unwrap();
            assert!(fs::read(&file).unwrap() == bytes);
        }
        assert_eq!(place.files(), ["got"]);
    }

    #[test]
    fn a_part_is_not_kept() {
        let place = Place::new();
        let file = place.0.join("got");
        let error = keep(b"Hel".chain(Reset), &file).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert!(place.files().is_empty());
        fs::write(&file, "before").unwrap();
        keep(b"Hel".chain(Reset), &file).unwrap_err();
        assert_eq!((place.files(), fs::read(&file).unwrap()), (vec!["got".into()], b"before".to_vec()));
    }

    #[test]
    fn a_folder_is_not_replaced() {
        let place = Place::new();
        fs::create_dir(place.0.join("got")).unwrap();
        keep(&b"Hello"[..], &place.0.join("got")).unwrap_err();
        keep(&b"Hello"[..], &place.0.join("none/got")).unwrap_err();
        keep(&b"Hello"[..], Path::new("/")).unwrap_err();
        assert_eq!(place.files(), ["got"]);
    }
}
