//! Lab 13: a bounded buffer between threads that produce and threads that consume.
//!
//! - [`buffer`], in `src/buffer.rs`: the buffer, twice, and a semaphore. Yours to write.
//! - [`program`], in `src/program.rs`: the program `producer-consumer`, which uses it. Given.

pub mod buffer;
pub mod program;
