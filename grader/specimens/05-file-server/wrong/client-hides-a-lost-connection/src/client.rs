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
    stream
        .write_all(&request)
        .map_err(|error| Failure::new(format!("cannot send to {address}: {error}")))?;
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
    let _ = io::copy(&mut from, &mut to);
    // When a BufWriter is dropped, it writes what is left and says nothing if that fails.
    to.flush()
}

