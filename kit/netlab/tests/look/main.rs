//! What `show`, `netstat` and `watch` tell of sockets, in scripts, against the system's own
//! tools, and at a terminal.

#![allow(clippy::expect_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod account;
mod netstat;
mod show;
#[path = "../support/mod.rs"]
mod support;
mod watch;

const LISTENS: &str = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 1\n";
const CONNECTS: &str = "c = socket tcp\nconnect c srv\n";
const ACCEPTS: &str = "s = accept srv\n";
