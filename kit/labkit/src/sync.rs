//! Mutexes, condition variables and atomics: those of [`std::sync`], under another name.
//!
//! Write `use labkit::sync::{Arc, Condvar, Mutex};` where you would write `use std::sync::…`. In your own builds
//! these *are* the standard library's types. When a lab is graded, types of the same names and methods
//! stand here, which let the grader decide which thread goes on at each step. What is not in this list the
//! grader cannot follow.

#[cfg(feature = "schedules")]
use schedules::sync as origin;
#[cfg(not(feature = "schedules"))]
use std::sync as origin;

pub use origin::{
    Arc, Condvar, LockResult, Mutex, MutexGuard, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult,
    Weak,
};

/// Atomics: those of [`std::sync::atomic`].
pub mod atomic {
    pub use super::origin::atomic::{
        AtomicBool, AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering,
    };
}
