//! Lab 05: a server that gives away the files of a folder, and a client that fetches one.
//!
//! - [`server`], in `src/server.rs`: the program `file-server`. Yours to write.
//! - [`client`], in `src/client.rs`: the program `file-client`. Yours to write.
//!
//! The two files in `src/bin` are where the programs start. They are given: each hands the command
//! line to your `run`, and turns what it returns into the exit code and, for a failure, the line on
//! standard error.

pub mod client;
pub mod server;

/// A name has at most so many bytes; the NUL that ends it is not counted.
pub const LONGEST_NAME: usize = 255;
