//! What threads do with the semaphore.

use producer_consumer::buffer::Semaphore;
use schedules::scenario::{Actor, call, ended, must, pause, quiet, start};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn acquire(semaphore: &Semaphore) {
    call("acquire()", || semaphore.acquire(), |()| String::new());
}

fn release(semaphore: &Semaphore) {
    call("release()", || semaphore.release(), |()| String::new());
}

/// Threads that each acquire and release twice; never more than `permits` of them are in between.
fn share(permits: usize, names: &[&str]) {
    let semaphore = Arc::new(Semaphore::new(permits));
    let inside = Arc::new(AtomicUsize::new(0));
    let thread = |name: &&str| {
        let (semaphore, inside) = (semaphore.clone(), inside.clone());
        start(*name, move || {
            for _ in 0..2 {
                acquire(&semaphore);
                let now = inside.fetch_add(1, SeqCst) + 1;
                must(now <= permits, format!("with {permits} permits, at most {permits} have one"), || {
                    format!("{now} threads have acquired and not released")
                });
                pause();
                inside.fetch_sub(1, SeqCst);
                release(&semaphore);
            }
        })
    };
    ended(names.iter().map(thread).collect());
}

pub fn one_permit() {
    share(1, &["t1", "t2"]);
}

pub fn two_permits() {
    share(2, &["t1", "t2", "t3"]);
}

pub fn one_permit_for_three() {
    share(1, &["t1", "t2", "t3"]);
}

/// Threads that wait for a permit, and others that release one each, as soon as all of them wait.
fn wake(waiting: &[&str], releasing: &[(&str, usize)]) {
    let semaphore = Arc::new(Semaphore::new(0));
    let released = Arc::new(AtomicUsize::new(0));
    let waiter = |name: &&str| {
        let (semaphore, released) = (semaphore.clone(), released.clone());
        start(*name, move || {
            acquire(&semaphore);
            must(released.load(SeqCst) > 0, "acquire waits while there is no permit", || {
                "it came back, and nobody has released one".into()
            });
        })
    };
    let mut all: Vec<Actor> = waiting.iter().map(waiter).collect();
    quiet();
    let releaser = |(name, times): &(&str, usize)| {
        let (semaphore, released, times) = (semaphore.clone(), released.clone(), *times);
        start(*name, move || {
            for _ in 0..times {
                released.fetch_add(1, SeqCst);
                release(&semaphore);
            }
        })
    };
    all.extend(releasing.iter().map(releaser));
    ended(all);
}

pub fn one_waits() {
    wake(&["waiter"], &[("releaser", 1)]);
}

pub fn two_wait() {
    wake(&["waiter-1", "waiter-2"], &[("releaser", 2)]);
}

pub fn two_wait_for_two() {
    wake(&["waiter-1", "waiter-2"], &[("releaser-1", 1), ("releaser-2", 1)]);
}
