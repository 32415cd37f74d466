//! Lab 12: threads that are started, named, joined, left alone, and that share a counter.
//!
//! - [`threads`], in `src/threads.rs`: four functions. Yours to write.
//! - [`program`], in `src/program.rs`: the program `threads`, which uses them. Given.

pub mod program;
pub mod threads;
