//! Lab 01: a program that makes a socket, tells its number, and holds it until it is told to close
//! it.
//!
//! - [`sockets`], in `src/sockets.rs`: what the program does. Yours to write.
//! - [`calls`], in `src/calls.rs`: the system calls, as functions. Given; read it.
//! - [`request`], in `src/request.rs`: the command line. Given.
//!
//! `src/main.rs` is where the program starts. It hands the command line and the standard streams to
//! your `run`, and turns what that returns into the exit code and, for a failure, the line on
//! standard error.

pub mod calls;
pub mod request;
pub mod sockets;
