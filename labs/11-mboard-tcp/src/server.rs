//! `mboard-tcp-server [ADDRESS]`: a message board, one request a connection.
//!
//! [`run`] is the program. What to answer is the [`Board`](crate::board::Board)'s part. Add as many
//! functions of your own as you like.

use std::ffi::OsString;
use std::io::{self, Read};

use labkit::Failure;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-tcp-server [ADDRESS]";

/// The whole program.
///
/// 1. Take the address from `arguments`:
///    `let ([], address) = labkit::server_arguments(USAGE, arguments)?;`.
/// 2. Listen there. If that fails, return a [`Failure`] that says what you tried and why the system
///    refused. Print `listening on IP:PORT`, with the port that the socket really has, and flush it.
/// 3. For ever: accept a connection, [`read_request`], ask the board, send the reply, close.
///
/// A client that makes no progress for five seconds is dropped, whether it should send or read
/// (`TcpStream::set_read_timeout`, `set_write_timeout`; [`labkit::acknowledged`] can tell more than
/// they do). And no error of a connection ends the server.
///
/// # Errors
/// A wrong command line, or an address on which it cannot listen. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("server::run (src/server.rs)").into())
}

/// Reads a request up to the end of the client's side; `None` when it is longer than
/// [`LARGEST_REQUEST`](crate::LARGEST_REQUEST).
///
/// Where does a request end? Not where a read ends, and not at a newline.
///
/// # Errors
/// What reading fails with: then there was no request, whatever had come before.
pub fn read_request(from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let _ = from; // Keeps the compiler quiet. Delete it when you use `from`.
    Err(labkit::not_written("server::read_request (src/server.rs)"))
}
