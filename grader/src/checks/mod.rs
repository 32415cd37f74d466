//! Checks: what a script cannot say, such as three hundred transfers, or four clients at once.
//!
//! A check stands among a lab's scenarios: a file with the same front matter, and the line
//! `#: check NAME` in place of steps. What it does is a function in a file of this folder, and
//! a row in [`CHECKS`].
//!
//! - [`stand`]: what a check finds: programs, a folder, a session, bytes from a seed.
//! - [`file_server`]: the checks of lab 05.
//! - `mboard`: a message board's replies, read strictly; `mboard_udp`, `mboard_udp_waits`,
//!   `mboard_tcp`: the checks of labs 09 and 11.
//! - `threads`: that of lab 12.
//! - `own`: checks that the tests of this folder need.

pub mod file_server;
mod mboard;
mod mboard_tcp;
mod mboard_udp;
mod mboard_udp_waits;
mod own;
mod sockets;
pub mod stand;
mod threads;

pub use stand::{Stand, Stop};

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name in a scenario's front matter.
    pub name: &'static str,
    /// What it does. It passes when this returns `Ok`.
    pub run: fn(&mut Stand) -> Result<(), Stop>,
}

/// All checks.
pub const CHECKS: &[Check] = &[
    Check { name: "file-server-inside", run: file_server::inside::run },
    Check { name: "file-server-patience", run: file_server::patience::run },
    Check { name: "file-server-refuses", run: file_server::refuses::run },
    Check { name: "file-server-transfers", run: file_server::transfers::run },
    Check { name: "sockets-another-number", run: sockets::another_number },
    Check { name: "sockets-reserved-port", run: sockets::reserved_port },
    Check { name: "mboard-udp-board", run: mboard_udp::board },
    Check { name: "mboard-udp-bytes", run: mboard_udp::bytes },
    Check { name: "mboard-udp-largest", run: mboard_udp::largest },
    Check { name: "mboard-udp-rubbish", run: mboard_udp::rubbish },
    Check { name: "mboard-udp-large-reply", run: mboard_udp::large_reply },
    Check { name: "mboard-udp-a-second", run: mboard_udp_waits::a_second },
    Check { name: "mboard-udp-undisturbed", run: mboard_udp_waits::undisturbed },
    Check { name: "mboard-tcp-board", run: mboard_tcp::board },
    Check { name: "mboard-tcp-bytes", run: mboard_tcp::bytes },
    Check { name: "mboard-tcp-pieces", run: mboard_tcp::pieces },
    Check { name: "mboard-tcp-largest", run: mboard_tcp::largest },
    Check { name: "mboard-tcp-too-long", run: mboard_tcp::too_long },
    Check { name: "mboard-tcp-hostile", run: mboard_tcp::hostile },
    Check { name: "mboard-tcp-silent", run: mboard_tcp::silent },
    Check { name: "mboard-tcp-steady", run: mboard_tcp::steady },
    Check { name: "mboard-tcp-never-reads", run: mboard_tcp::never_reads },
    Check { name: "threads-fetch", run: threads::fetch },
    Check { name: "own-passes", run: own::passes },
    Check { name: "own-fails", run: own::fails },
    Check { name: "own-panics", run: own::panics },
    Check { name: "own-never-ends", run: own::never_ends },
];

/// The check of this name.
pub fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
