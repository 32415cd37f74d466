//! Four things that one does with threads.

use std::ffi::{OsStr, OsString};
use std::io;

use labkit::sync::{Arc, Mutex};
use labkit::thread::{self, Builder};

/// Says a line. Any thread may call it: `say("hello from t1")`.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// Fetches the file of this name, which takes its time; how many bytes it has. Any thread may call it.
pub type Get = Arc<dyn Fn(&OsStr) -> io::Result<u64> + Send + Sync>;

/// Starts `count` threads with the names `t1`, `t2`, … Each says `hello from ` and its name. Returns when all of them
/// have ended.
///
/// # Errors
/// When the system does not start a thread.
pub fn hello(count: usize, say: Say) -> io::Result<()> {
    let mut threads = Vec::new();
    let mut started = Ok(());
    for number in 1..=count {
        let (name, say) = (format!("t{number}"), say.clone());
        let line = format!("hello from {name}");
        match Builder::new().name(name).spawn(move || say(&line)) {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                started = Err(error);
                break;
            }
        }
    }
    // A second loop: to join in the first one would be to wait for each thread before the next one is started.
    for thread in threads {
        // One that has panicked has said so, and has ended.
        let _ = thread.join();
    }
    started
}

/// Starts `threads` threads, each of which adds 1 to one counter, `times` times; the counter's value when all have
/// ended.
pub fn count(threads: usize, times: u64) -> u64 {
    let counter = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..times {
                    // Read and write under one lock, or another thread's addition in between would be lost.
                    *counter.lock().unwrap() += 1;
                }
            });
        }
    });
    counter.into_inner().unwrap()
}

/// Gets all files at the same time, in a thread each; what came of each, in the order of the names.
pub fn fetch(get: Get, names: &[OsString]) -> Vec<io::Result<u64>> {
    let start = |name: &OsString| {
        let (get, name) = (get.clone(), name.clone());
        Builder::new().spawn(move || get(&name))
    };
    // All are started before the first one is waited for.
    let threads: Vec<_> = names.iter().map(start).collect();
    let end = |thread: io::Result<thread::JoinHandle<io::Result<u64>>>| {
        thread?.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")))
    };
    threads.into_iter().map(end).collect()
}

/// Starts a thread with the name `daemon` that does this work in the background, and returns at once.
///
/// # Errors
/// When the system does not start the thread.
pub fn daemon(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // A handle that is dropped leaves the thread alone; when `main` returns the process ends, and with it all threads.
    let thread = Builder::new().name("daemon".to_owned()).spawn(work)?;
    let _ = thread.join();
    Ok(())
}
