//! A thread with descriptors of its own.
//!
//! To look at a thread the worker opens files in /proc, and an open file has the lowest
//! number that is free. Were that the student's table, an accept that begins at that moment
//! would get another number than it gets on every other day. So files are opened by a thread
//! that has left the table of the others (unshare(2), CLONE_FILES); it was copied before there
//! was any socket, so that nothing is held open here.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Something to be done on that thread.
type Task = Box<dyn FnOnce() + Send>;

static THREAD: OnceLock<Mutex<Sender<Task>>> = OnceLock::new();

/// Starts the thread: before the first socket is made. Some containers forbid unshare(2);
/// then all is done where it is asked for, and a number may differ once in a while.
pub(super) fn start() -> io::Result<()> {
    let (sender, tasks) = channel::<Task>();
    let (tell, left) = channel();
    std::thread::Builder::new().name("apart".into()).spawn(move || {
        // SAFETY: the call has no pointers, and changes only which table this thread uses.
        let alone = unsafe { libc::unshare(libc::CLONE_FILES) } == 0;
        // Who started the thread waits for this.
        let _ = tell.send(alone);
        tasks.into_iter().for_each(|task| task());
    })?;
    if left.recv() == Ok(true) {
        // It is started once.
        let _ = THREAD.set(Mutex::new(sender));
    }
    Ok(())
}

/// Does something that opens files, where they take no number of the student's.
pub(super) fn run<T: Send + 'static>(work: impl Fn() -> T + Send + Clone + 'static) -> T {
    let (answer, answered) = channel();
    let task = work.clone();
    let sent = THREAD.get().is_some_and(|thread| {
        let task: Task = Box::new(move || {
            // Who asked waits for it.
            let _ = answer.send(task());
        });
        thread.lock().unwrap_or_else(PoisonError::into_inner).send(task).is_ok()
    });
    let done = if sent { answered.recv().ok() } else { None };
    done.unwrap_or_else(work)
}
