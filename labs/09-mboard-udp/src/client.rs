//! `mboard-udp-client ADDRESS publish TEXT` and `mboard-udp-client ADDRESS last N`.
//!
//! [`run`] is the program, [`ask`] a request with its reply. Datagrams get lost, come twice, come
//! late, and come from anyone: let `ask` be the one place that has to deal with it. Add as many
//! functions of your own as you like.

use std::ffi::OsString;
use std::net::SocketAddrV4;

use labkit::Failure;

/// What `labkit::client_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-udp-client ADDRESS publish TEXT | mboard-udp-client ADDRESS last N";

/// The whole program.
///
/// 1. Take the address and two words from `arguments`:
///    `let (server, [command, argument]) = labkit::client_arguments(USAGE, arguments)?;`. The first
///    word is `publish` or `last`; anything else, and an N that is not decimal digits, is a
///    [`Failure::Usage`].
/// 2. To publish: `labkit::message(argument)` gives the text's bytes, and knows what a lone `-`
///    means. Cut it if it is too long, and say so on standard error (`labkit::report`).
/// 3. For the last N: ask for the ids, then for one message after the other, and print a line each:
///    `TIME IP:PORT TEXT`, the text through `labkit::printable`.
///
/// # Errors
/// A wrong command line, a server that does not answer, an answer that is an error or makes no
/// sense, or output that cannot be written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let _ = arguments; // Keeps the compiler quiet. Delete it when you use `arguments`.
    Err(labkit::not_written("client::run (src/client.rs)").into())
}

/// Sends a request until it is answered; what stands behind the code of the answer.
///
/// A reply is waited for one second (`UdpSocket::set_read_timeout`), and the request is sent three
/// times at most. What comes from anyone but `server` is as if it had not come. And a reply that
/// comes late must not be taken for the answer to the next request: by what could you tell them
/// apart, if not by what stands in them?
///
/// # Errors
/// No answer, or one that is an error or makes no sense.
pub fn ask(server: SocketAddrV4, request: &[u8]) -> Result<Vec<u8>, Failure> {
    let _ = (server, request); // Keeps the compiler quiet. Delete it when you use them.
    Err(labkit::not_written("client::ask (src/client.rs)").into())
}
