//! The checks of lab 05, file server.
//!
//! - [`refuses`]: names that get nothing; [`inside`]: names that lead out of ROOT.
//! - [`transfers`]: three hundred of them, with descriptors, threads and memory watched.
//! - [`patience`]: clients that stop, and clients that are only slow.
//! - `talk`: what a client of these checks does.

pub mod inside;
pub mod patience;
pub mod refuses;
mod talk;
pub mod transfers;
