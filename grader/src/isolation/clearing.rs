//! Ending all processes that come from one: where no PID namespace ends them together.
//!
//! Orphans come to the nearest ancestor that takes them in (PR_SET_CHILD_SUBREAPER): below such a process
//! stands all that it has started, and all that that has, whatever it did.

use netkit::kernel::process;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io;

/// All processes that come from this one.
pub fn descendants(of: u32) -> Vec<u32> {
    let all = process::processes_below(of).unwrap_or_default();
    all.into_iter().filter(|pid| *pid != of).collect()
}

/// Kills all of them.
pub fn kill_descendants(of: u32) {
    let mut known = Vec::new();
    loop {
        // Who is stopped starts no other: in the end all are known.
        let new: Vec<u32> = descendants(of).into_iter().filter(|pid| !known.contains(pid)).collect();
        if new.is_empty() {
            break;
        }
        new.iter().for_each(|pid| signal(*pid, Signal::SIGSTOP));
        known.extend(new);
    }
    known.into_iter().for_each(|pid| signal(pid, Signal::SIGKILL));
}

fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        // One that has ended is what is wanted.
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// Kills all descendants of this process, and waits for them.
pub fn end_own() {
    kill_descendants(std::process::id());
    // It ends with ECHILD: nobody is left.
    while reap(0).is_ok() {}
}

/// Waits for a child of this process, as `how` says (waitpid(2)): which one, with its status.
///
/// # Errors
/// There is none.
pub fn reap(how: i32) -> io::Result<Option<(i32, i32)>> {
    let mut status = 0;
    // SAFETY: the call writes the status and nothing else.
    match unsafe { libc::waitpid(-1, &raw mut status, how) } {
        0 => Ok(None),
        -1 if Errno::last() == Errno::EINTR => Ok(None),
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Some((pid, status))),
    }
}
