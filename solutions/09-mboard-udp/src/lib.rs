//! Lab 09: a message board over UDP. The handout is README.md beside this crate's `Cargo.toml`.
//!
//! - [`board`]: the messages, and the answer to each request: yours.
//! - [`server`]: the program `mboard-udp-server`: yours.
//! - [`client`]: the program `mboard-udp-client`: yours.

pub mod board;
pub mod client;
pub mod server;

/// The most bytes that one datagram carries over IPv4: 65,535 that its length field can say, less
/// 20 of IP's header and 8 of UDP's.
pub const LARGEST: usize = 65_507;
