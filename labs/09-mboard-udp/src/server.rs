//! `mboard-udp-server [ADDRESS]`: a message board, one datagram a request and one a reply.
//!
//! [`run`] is the program. What to answer is the [`Board`](crate::board::Board)'s part. Add as many
//! functions of your own as you like.

use std::ffi::OsString;

use labkit::Failure;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-udp-server [ADDRESS]";

/// The whole program.
///
/// 1. Take the address from `arguments`:
///    `let ([], address) = labkit::server_arguments(USAGE, arguments)?;`.
/// 2. Bind a UDP socket to it. If that fails, return a [`Failure`] that says what you tried and why
///    the system refused.
/// 3. Print `listening on IP:PORT`, with the port that the socket really has, and flush it.
/// 4. For ever: receive a datagram and who sent it, ask the board, send the reply back there.
///
/// There is nothing to accept and nobody to close. How large must the buffer be? And what may an
/// error of one receive or send mean for the server?
///
/// # Errors
/// A wrong command line, or an address that it cannot have. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("server::run (src/server.rs)").into())
}
