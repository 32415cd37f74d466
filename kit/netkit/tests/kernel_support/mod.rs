//! Waiting for the kernel in a test.

#![allow(clippy::panic, reason = "a failed expectation is the report")]

use std::time::{Duration, Instant};

/// Looks again and again until there is something to see. The limit is only there
/// for a test that fails to end.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::yield_now();
    }
    panic!("never seen: {what}");
}
