//! Lab 03: four ways to say where a message ends, in a stream of bytes that does not say it.
//!
//! - [`framing`], in `src/framing.rs`: the functions that send and receive messages. Yours to write.
//! - [`error`], in `src/error.rs`: what can go wrong when a message is received. Given.
//! - [`mode`], in `src/mode.rs`: the four ways, and what a message must be like for each. Given.
//! - [`send`] and [`recv`]: the programs `framing-send` and `framing-recv`, which call your functions.
//!   Given; read them.

pub mod error;
pub mod framing;
pub mod mode;
pub mod recv;
pub mod send;
