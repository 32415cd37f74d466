//! A scheduler for programs of threads: it decides who goes on, and so can try one interleaving
//! after the other, find one that breaks a program, and bring it about again.
//!
//! Only the grader has programs with this: it stands behind `labkit::sync` and `labkit::thread` there, in place of
//! the standard library's types.
//!
//! - [`event`]: what a thread did, as data.
//! - `run`: one execution. Only the thread that has the *turn* runs; before each operation that others can
//!   notice the turn may go to another.
//! - `state`: what is known of it, and who can go on.
//! - `stacks`: how the turn goes from one to another.
//! - `guide`: who gets the turn where there is a choice: a schedule is the list of these choices.
//! - [`sync`], [`atomic`](sync::atomic), [`thread`]: what programs see of it.
//! - [`scenario`]: what a test of such a program is made of.
//! - [`search`]: which schedules are tried, and which of those that fail is shown.
//! - [`explorer`]: the program around a set of scenarios.
//!
//! Between two operations on a mutex, a condition variable or an atomic, a thread of a program without
//! `unsafe` can change nothing that others see. So to try all orders of these operations is to try all
//! that can happen, apart from what processors do with atomics that are ordered less than `SeqCst`: here all
//! of them are.

pub mod event;
pub mod explorer;
mod guide;
mod json;
mod run;
pub mod scenario;
pub mod search;
mod stacks;
mod state;
pub mod sync;
pub mod thread;
