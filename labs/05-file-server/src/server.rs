//! `file-server ROOT [ADDRESS]`: gives away the files below the folder ROOT, one a connection.
//!
//! [`run`] is the program; [`read_name`] and [`open`] are the two steps of it that need no network.
//! Add as many functions of your own as you like.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use labkit::Failure;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "file-server ROOT [ADDRESS]";

/// The whole program.
///
/// 1. Take ROOT and the address from `arguments`:
///    `let ([root], address) = labkit::server_arguments(USAGE, arguments)?;`
/// 2. Find out whether ROOT is a folder. If it is not, return a [`Failure`] with the system's
///    words. (Which call fails for everything that is no folder?)
/// 3. Listen, and announce it, as in lab 02.
/// 4. For ever: accept a client, [`read_name`], [`open`], send the file, close.
///
/// Begin with that. Then, one after the other:
///
/// - A file may be larger than the memory. How much of it do you hold at a time? (With
///   [`labkit::send_file`] the kernel moves the bytes from the file to the socket, and this program
///   never sees them.)
/// - What the client has sent behind the NUL is to be ignored. But a `close` while something is
///   unread sends RST, and RST throws away what the client has not got yet. What is to be done
///   before you close?
/// - A client that makes no progress for 5 s is dropped, so that one that stops cannot keep all
///   others waiting. In mid-reply it is dropped with RST ([`labkit::reset`]): it must not take a part
///   for the whole. `set_read_timeout` and `set_write_timeout` make a call return after a while, but
///   what does the time of one call say about progress? And what has happened to the bytes of a call
///   that was given up? [`labkit::acknowledged`] tells how many bytes
///   have arrived.
///
/// # Errors
/// A wrong command line, a ROOT that is no folder, or an address on which it cannot listen. No
/// client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("server::run (src/server.rs)").into())
}

/// Reads a request: a name of at most [`LONGEST_NAME`](crate::LONGEST_NAME) bytes, ended by a NUL,
/// which is not part of the name. Whatever comes behind it does not matter.
///
/// `from` is the connection; in the tests below it is in memory, and no network is needed.
///
/// # Errors
/// What reading fails with; a name that is too long, or that ends before its NUL
/// (`io::Error::new(io::ErrorKind::InvalidData, "…")` makes an error of your own).
pub fn read_name(from: impl Read) -> io::Result<Vec<u8>> {
    let _ = from; // Keeps the compiler quiet. Delete it when you use `from`.
    Err(labkit::not_written("server::read_name (src/server.rs)"))
}

/// Opens the file of this name below the folder `root`.
///
/// The name comes from a stranger. It may hold `..` and slashes, may begin with a slash, and there
/// may be symbolic links on the way. Where does it lead in the end, and who can tell? (The bytes of
/// a name become a path by `Path::new(OsStr::from_bytes(name))`, with
/// `std::os::unix::ffi::OsStrExt`.)
///
/// # Errors
/// There is no such file, it may not be read, it is no regular file, or it is not below `root`.
pub fn open(root: &Path, name: &[u8]) -> io::Result<File> {
    let _ = (root, name); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("server::open (src/server.rs)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most three bytes a call, as a socket may at any time.
    struct InPieces<'a>(&'a [u8]);

    impl Read for InPieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = buffer.len().min(3);
            self.0.read(&mut buffer[..n])
        }
    }

    /// Reads a request and compares its name; `None` means that it is an error. Passes as long as
    /// `read_name` is not written.
    fn check(request: &[u8], name: Option<&[u8]>) {
        match read_name(InPieces(request)) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            result => assert_eq!(result.ok().as_deref(), name, "{}", labkit::printable(request)),
        }
    }

    #[test]
    fn a_name_ends_at_its_nul() {
        check(b"hello.txt\0", Some(b"hello.txt"));
    }

    #[test]
    fn a_name_without_its_nul_is_none() {
        check(b"hello", None);
    }

    // What other requests could go wrong? Add them here. For `open`, a test can make a folder of its
    // own below `std::env::temp_dir()`.
}
