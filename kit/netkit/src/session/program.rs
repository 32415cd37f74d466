//! One program: its process, what it has written, what it holds of the system.

use super::launching::Ending;
use super::output::Output;
use super::programs::{end_all, lock};
use crate::address::Address;
use crate::kernel::process::{self, Target};
use crate::kernel::thread;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{self, Write};
use std::os::fd::RawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdin, ExitStatus};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

/// A program that was started.
#[derive(Debug)]
pub struct Program {
    pub(super) pid: u32,
    /// The number that it has for itself: another one in a PID namespace of its own.
    pub(super) inside: u32,
    /// The process that the session started: the program itself, or its launcher.
    pub(super) leader: u32,
    /// Bytes on their way to its standard input; `None` once that was closed.
    pub(super) input: Option<Sender<Vec<u8>>>,
    /// Stands in the environment of all its processes, to find those that left its group.
    pub(super) mark: String,
    pub(super) stdout: Arc<Mutex<Output>>,
    pub(super) stderr: Arc<Mutex<Output>>,
    pub(super) ending: Arc<Mutex<Option<Ending>>>,
    /// Where it could be reached when that was last asked.
    pub(super) address: Option<Address>,
    /// What it held when it was marked.
    pub(crate) marked: Option<Holdings>,
}

/// What a program and its descendants hold of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Open descriptors.
    pub descriptors: usize,
    /// Processes, those included that have ended and were not waited for.
    pub processes: usize,
}

/// One of a program's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Program {
    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The number that it has for itself.
    pub(crate) fn pid_inside(&self) -> u32 {
        self.inside
    }

    /// How it ended, if it has.
    pub fn ending(&self) -> Option<ExitStatus> {
        lock(&self.ending).as_ref().map(|ending| ending.status)
    }

    /// How it ended, in words.
    pub fn ending_in_words(&self) -> Option<String> {
        let Ending { status, stopped } = lock(&self.ending).clone()?;
        if let Some(reason) = stopped {
            return Some(format!("was stopped: {reason}"));
        }
        Some(match (status.code(), status.signal()) {
            (Some(code), _) => format!("ended with exit code {code}"),
            (None, Some(libc::SIGXCPU)) => "ended by SIGXCPU: it used more processor time than it may".into(),
            (None, Some(libc::SIGXFSZ)) => "ended by SIGXFSZ: it wrote a larger file than it may".into(),
            (None, Some(signal)) => {
                let name =
                    Signal::try_from(signal).map_or_else(|_| signal.to_string(), |signal| signal.to_string());
                format!("ended by {name}")
            }
            (None, None) => "ended".into(),
        })
    }

    /// What it has written to one of its outputs.
    pub fn output(&self, which: Which) -> MutexGuard<'_, Output> {
        lock(match which {
            Which::Stdout => &self.stdout,
            Which::Stderr => &self.stderr,
        })
    }

    /// Gives bytes to its standard input. Returns at once: a thread writes them, so that
    /// a program that does not read holds up nobody. `false` when the input is closed.
    pub(crate) fn give(&self, bytes: Vec<u8>) -> bool {
        self.input.as_ref().is_some_and(|input| input.send(bytes).is_ok())
    }

    /// Closes its standard input, once all bytes given are written.
    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    /// Sends a signal to all processes of its group.
    pub(crate) fn signal(&self, signal: Signal) {
        let Ok(group) = i32::try_from(self.pid) else { return };
        // It fails only when nobody is left in the group.
        let _ = killpg(Pid::from_raw(group), signal);
    }

    /// Ends all of its processes: its group and its launcher's, and those that have left it.
    pub(crate) fn kill(&self) {
        self.signal(Signal::SIGKILL);
        if let (true, Ok(leader)) = (self.leader != self.pid, i32::try_from(self.leader)) {
            let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
        }
        end_all(|mark| mark == self.mark.as_bytes());
    }

    /// What it holds now.
    pub fn holdings(&self) -> Holdings {
        let family = process::processes_below(self.pid).unwrap_or_default();
        let open = |pid: &u32| process::descriptors(*pid, RawFd::MAX).map_or(0, |open| open.len());
        Holdings { descriptors: family.iter().map(open).sum(), processes: family.len() }
    }

    /// Whether all threads of all of its processes are asleep.
    pub(crate) fn is_asleep(&self) -> bool {
        let family = process::processes_below(self.pid).unwrap_or_default();
        let threads = family.iter().flat_map(|pid| {
            let tids = process::threads(*pid).unwrap_or_default();
            tids.into_iter().filter_map(|tid| thread::look(*pid, tid).ok())
        });
        // One that has ended in between sleeps well enough.
        threads.into_iter().all(|thread| matches!(thread.state, 'S' | 'Z' | 'X'))
    }

    /// The inodes of its sockets and of its descendants'.
    pub(super) fn sockets(&self) -> Vec<u64> {
        let family = process::processes_below(self.pid).unwrap_or_default();
        let descriptors = family.into_iter().filter_map(|pid| process::descriptors(pid, RawFd::MAX).ok());
        descriptors
            .flatten()
            .filter_map(|descriptor| match descriptor.target {
                Target::Socket(inode) => Some(inode),
                _ => None,
            })
            .collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes what it is given to a program's standard input, on a thread of its own.
pub(super) fn feed(mut stdin: ChildStdin) -> io::Result<Sender<Vec<u8>>> {
    let (sender, bytes) = channel::<Vec<u8>>();
    std::thread::Builder::new().name("program-input".into()).spawn(move || {
        for bytes in bytes {
            // A program that closed its input, or has ended, wants no more.
            if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                return;
            }
        }
    })?;
    Ok(sender)
}
