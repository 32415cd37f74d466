//! `file-client ADDRESS NAME FILE`: fetches the file NAME from a file server and keeps it as FILE.
//!
//! [`run`] is the program; [`request`] and [`keep`] are its two halves, which need no network. Add as
//! many functions of your own as you like.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;

use labkit::Failure;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "file-client ADDRESS NAME FILE";

/// The whole program.
///
/// 1. Take the words from `arguments`:
///    `let (address, [name, file]) = labkit::client_arguments(USAGE, arguments)?;`
/// 2. Make the [`request`]. A NAME that is too long is a wrong command line: `Failure::Usage { reason,
///    usage }`.
/// 3. Connect, send the request, and [`keep`] what comes. Whatever fails, say what you tried and why
///    the system refused.
///
/// # Errors
/// A wrong command line, a connection that cannot be made, one that is lost, or a FILE that cannot
/// be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("client::run (src/client.rs)").into())
}

/// The bytes that ask for a file: its name and a NUL. `None` if the name has more than
/// [`LONGEST_NAME`](crate::LONGEST_NAME) bytes.
///
/// `std::os::unix::ffi::OsStrExt` gives an argument's bytes.
pub fn request(name: &OsStr) -> Option<Vec<u8>> {
    let _ = name; // Keeps the compiler quiet. Delete it when you use `name`.
    None
}

/// Writes to `file` every byte that comes from `from` until it ends: all of them, or none, and then
/// `file` is as it was before.
///
/// Nobody may ever find a part under this name, not even while the bytes still come. Which call puts
/// a whole file in its place in one step, and what is to be done when the connection breaks off
/// before that?
///
/// # Errors
/// What reading or writing fails with.
pub fn keep(from: impl Read, file: &Path) -> io::Result<()> {
    let _ = (from, file); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("client::keep (src/client.rs)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_kept() {
        let file = std::env::temp_dir().join(format!("file-client-{}", std::process::id()));
        match keep(&b"Hello"[..], &file) {
            // Passes as long as `keep` is not written.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            result => {
                result.expect("keep failed");
                assert_eq!(std::fs::read(&file).expect("there is no file"), b"Hello");
                std::fs::remove_file(&file).expect("the file cannot be removed");
            }
        }
    }

    // What other replies could go wrong? Add them here: an empty one, a long one, one that breaks
    // off. And is anything left behind?
}
