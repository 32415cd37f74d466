//! `echo-client ADDRESS MESSAGE`: sends MESSAGE to an echo server and writes what comes back to
//! standard output.
//!
//! [`run`] is the program; [`receive`] is one half of its conversation. Add as many functions of
//! your own as you like.

use std::ffi::OsString;
use std::io::{self, Read, Write};

use labkit::Failure;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "echo-client ADDRESS MESSAGE";

/// The whole program.
///
/// 1. Take the address and the message from `arguments`:
///    `let (address, [message]) = labkit::client_arguments(USAGE, arguments)?;`, and the message's
///    bytes with `labkit::message(message)`, which also knows what a lone `-` means.
/// 2. Connect. If that fails, return a [`Failure`] that says what you tried and why the system
///    refused.
/// 3. Send the whole message, then end your side of the connection: how else would the server know
///    that no more will come? The other side must stay open.
/// 4. [`receive`] to standard output whatever comes back, until the server ends its side.
///
/// Begin with messages of a few bytes. Then think about one of 16 MiB: where are the bytes that the
/// server has sent back, while you are still sending? What must happen at the same time?
///
/// # Errors
/// A wrong command line, a connection that cannot be made, one that is lost, or output that cannot
/// be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("client::run (src/client.rs)").into())
}

/// Writes to `out` every byte that comes from `from`, unchanged, until `from` ends.
///
/// # Errors
/// What reading or writing fails with.
pub fn receive(from: impl Read, out: impl Write) -> io::Result<()> {
    let _ = (from, out); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("client::receive (src/client.rs)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives `bytes` and compares. Passes as long as `receive` is not written.
    fn check(bytes: &[u8]) {
        let mut out = Vec::new();
        match receive(bytes, &mut out) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return,
            result => result.expect("receive failed"),
        }
        assert_eq!(labkit::printable(&out), labkit::printable(bytes));
    }

    #[test]
    fn a_short_reply_is_written_as_it_came() {
        check(b"Hello");
    }

    // What other replies could go wrong? Add them here.
}
