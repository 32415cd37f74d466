//! Lab 02: a server that sends back every byte it is sent, and a client that asks it to.
//!
//! - [`server`], in `src/server.rs`: the program `echo-server`. Yours to write.
//! - [`client`], in `src/client.rs`: the program `echo-client`. Yours to write.
//!
//! The two files in `src/bin` are where the programs start. They are given: each hands the command
//! line to your `run`, and turns what it returns into the exit code and, for a failure, the line on
//! standard error.

pub mod client;
pub mod server;
