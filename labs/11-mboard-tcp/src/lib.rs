//! Lab 11: a message board over TCP. The handout is README.md beside this crate's `Cargo.toml`.
//!
//! - [`board`]: the messages, and the answer to each request: yours.
//! - [`server`]: the program `mboard-tcp-server`: yours.
//! - [`client`]: the program `mboard-tcp-client`: yours.

pub mod board;
pub mod client;
pub mod server;

/// The most bytes of a request, its code and colon among them.
pub const LARGEST_REQUEST: usize = 16 << 20;

/// The most bytes of a message in a reply: a text as long as can be, and what stands before it.
pub const LARGEST_MESSAGE: usize = LARGEST_REQUEST + 64;
