//! `mboard-tcp-client ADDRESS publish TEXT` and `mboard-tcp-client ADDRESS last N`.
//!
//! [`run`] is the program, [`next_message`] reads one message of a reply to `4:N`. Add as many
//! functions of your own as you like.

use std::ffi::OsString;
use std::io::{self, Read};

use labkit::Failure;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-tcp-client ADDRESS publish TEXT | mboard-tcp-client ADDRESS last N";

/// The whole program.
///
/// 1. Take the address and two words from `arguments`:
///    `let (server, [command, argument]) = labkit::client_arguments(USAGE, arguments)?;`. The first
///    word is `publish` or `last`; anything else, and an N that is not decimal digits, is a
///    [`Failure::Usage`].
/// 2. Connect, send `1:TEXT` or `4:N`, and end your side of the connection: that is the end of the
///    request. (`labkit::message(argument)` gives the text's bytes.)
/// 3. Read the reply. `0:` and nothing more for a text that was published; for the last messages, a
///    line each: `TIME IP:PORT TEXT`, the text through `labkit::printable`.
///
/// # Errors
/// A wrong command line, a connection that cannot be made or is lost, a reply that is an error or
/// makes no sense, or output that cannot be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("client::run (src/client.rs)").into())
}

/// The next message of a reply: its size in eight hexadecimal digits, then as many bytes. `None`
/// when the reply ends where one could begin.
///
/// # Errors
/// What reading fails with; a size that is none, or is larger than
/// [`LARGEST_MESSAGE`](crate::LARGEST_MESSAGE); an end too early.
pub fn next_message(from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let _ = from; // Keeps the compiler quiet. Delete it when you use `from`.
    Err(labkit::not_written("client::next_message (src/client.rs)"))
}
