//! The worker: the process in which the session's sockets live.
//!
//! The prompt keeps descriptors of its own and must not block; the sockets therefore
//! live in a process apart. Its descriptors are exactly those that the student made,
//! from 3 on, and a call that blocks there blocks only one of its threads.
//!
//! - [`call`]: a system call as data, and what came back.
//! - [`close_look`]: everything of one socket.
//! - `make`: making it, the one place that touches memory for the kernel.
//! - [`protocol`]: what the session asks of a worker, and what a worker answers.
//! - [`serve`](serve()): the worker's side.
//! - [`Worker`]: the session's side.
//!
//! A program that opens sessions starts with
//! `if netkit::worker::is_worker() { return netkit::worker::serve(); }`, since the
//! worker is the same program started again.

mod alone;
mod apart;
pub mod call;
pub mod close_look;
mod descriptors;
mod flight;
mod make;
mod near;
mod process;
pub mod protocol;
mod room;
mod serve;
mod settle;
mod snapshot;

pub use process::Worker;
pub use serve::{is_worker, serve};

/// The most bytes that one call may ask to receive.
pub const MOST_ROOM: usize = 256 << 20;
