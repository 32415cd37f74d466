//! What the labs import: the parts of their programs that are the same in every lab and that no lab
//! is about.
//!
//! - [`arguments`]: a program's command line ([`server_arguments`], [`client_arguments`],
//!   [`message`]);
//! - [`failure`]: how a program ends ([`Failure`], [`finish`], [`report`], [`not_written`]);
//! - [`bytes`]: how bytes are shown in a line of text ([`printable`]);
//! - [`connection`]: three system calls on a connection that the standard library does not have
//!   ([`acknowledged`], [`send_file`], [`reset`]);
//! - [`random`]: [`Random`], numbers that look random and are the same on every run, for tests;
//! - [`sync`], [`thread`]: the standard library's, for the labs in which the grader tries many schedules.
//!
//! No socket is made or used in here: making them, using them and ending them is what the labs
//! teach. Nothing but the standard library is used either, so that a lab builds in no time.

pub mod arguments;
pub mod bytes;
pub mod connection;
pub mod failure;
pub mod random;
pub mod sync;
pub mod thread;

pub use arguments::{DEFAULT_ADDRESS, client_arguments, message, server_arguments};
pub use bytes::printable;
pub use connection::{acknowledged, reset, send_file};
pub use failure::{Failure, finish, not_written, report};
pub use random::Random;
