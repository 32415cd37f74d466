//! Threads: those of [`std::thread`], under another name. See [`sync`](crate::sync).

#[cfg(feature = "schedules")]
use schedules::thread as origin;
#[cfg(not(feature = "schedules"))]
use std::thread as origin;

pub use origin::{
    Builder, JoinHandle, Result, Scope, ScopedJoinHandle, Thread, current, panicking, scope, sleep, spawn,
    yield_now,
};
