//! The launcher: `grade`, started again in front of a program. It is the last of ours that runs
//! before the program, inside of what keeps the program apart. It sets limits, starts it, tells
//! the session which process it is and how it ended, watches what it uses, and ends all that
//! it leaves behind.
//!
//! In a PID namespace it is the first process: when it ends, the kernel kills all others. Elsewhere
//! it is the one to which orphans come (PR_SET_CHILD_SUBREAPER), and kills them itself.

use super::clearing::{self, reap};
use super::landlock::{self, Rules};
use super::limits::Limits;
use super::seccomp;
use netkit::session::launching::{TELLS, Told};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::stat::{Mode, umask};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, ExitCode};
use std::time::Duration;

/// The first argument of such a process; the second is an [`Order`], then the program and its
/// arguments follow.
const ARGUMENT: &str = "netlab-confine";

/// How often it is looked at what the program uses.
const LOOK: Duration = Duration::from_millis(50);

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// What the program may use.
    pub limits: Limits,
    /// What it may touch, where it sees all of the machine.
    pub rules: Option<Rules>,
}

impl Order {
    /// The launcher's command, without the program's.
    ///
    /// # Errors
    /// When a path cannot be written as JSON, since it is not UTF-8.
    pub fn command(&self, launcher: &OsStr) -> io::Result<Vec<OsString>> {
        Ok(vec![launcher.to_owned(), ARGUMENT.into(), serde_json::to_string(self)?.into()])
    }
}

/// Whether this process was started to start a program.
pub fn is_asked() -> bool {
    std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT))
}

/// Starts the program and waits for its end.
pub fn serve() -> ExitCode {
    let mut words = std::env::args_os().skip(2);
    let order = words.next().and_then(|order| serde_json::from_str::<Order>(order.to_str()?).ok());
    let (Some(order), Some(program)) = (order, words.next()) else { return ExitCode::FAILURE };
    // Without a session it is the one who reads standard error that is told why it was stopped.
    let mut session = session();
    let mut stderr =
        io::stderr().as_fd().try_clone_to_owned().ok().filter(|_| session.is_none()).map(File::from);
    let mut command = Command::new(program);
    command.args(words).env_remove(TELLS);
    let child = match prepare(&order, &mut command).and_then(|()| command.spawn()) {
        Ok(child) => child,
        Err(error) => {
            tell(&mut session, &Told::Failed(error.raw_os_error().unwrap_or(libc::EIO)));
            // For who looks at this process only.
            let _ = writeln!(io::stderr(), "{error}");
            return ExitCode::from(127);
        }
    };
    tell(&mut session, &Told::Started(child.id()));
    // What the program closes is to be closed: nobody else may hold it.
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = nix::unistd::dup2_stdin(&null);
        let _ = nix::unistd::dup2_stdout(&null);
        let _ = nix::unistd::dup2_stderr(&null);
    }
    let Ok(status) = attend(&child, &order.limits, &mut [&mut session, &mut stderr]) else {
        return ExitCode::FAILURE;
    };
    kill_all();
    clearing::end_own();
    tell(&mut session, &Told::Ended(status));
    // As shells tell it, again for who looks at this process only.
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

/// The way to the session, if one listens.
fn session() -> Option<File> {
    let number: RawFd = std::env::var(TELLS).ok()?.parse().ok()?;
    // SAFETY: the session has given this number to a descriptor that was opened for this process.
    let inherited = File::from(unsafe { OwnedFd::from_raw_fd(number) });
    // The copy is closed in the program, as everything that Rust opens.
    inherited.as_fd().try_clone_to_owned().ok().map(File::from)
}

fn tell(session: &mut Option<File>, told: &Told) {
    if let Some(session) = session {
        // Who does not listen any more has ended the program.
        let _ = writeln!(session, "{told}");
    }
}

/// Sees to it that the program begins with everything in force.
fn prepare(order: &Order, command: &mut Command) -> io::Result<()> {
    // The program belongs to the same user: it could look into this process otherwise.
    nix::sys::prctl::set_dumpable(false)?;
    nix::sys::prctl::set_child_subreaper(true)?;
    // The usual one, whatever the session needs for itself.
    umask(Mode::S_IWGRP | Mode::S_IWOTH);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::from(Signal::SIGCHLD)), None)?;
    let filters = seccomp::filters()?;
    let limits = order.limits.clone();
    let mut rules = order.rules.as_ref().map(landlock::rules).transpose()?;
    let apart = rules.is_none();
    let in_new_process = move || {
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        // A group of its own, for signals; and where the kernel shares out the processor by sessions
        // (sched_autogroup_enabled), the launcher gets its half however many the program becomes.
        nix::unistd::setsid()?;
        limits.set(apart)?;
        nix::sys::prctl::set_no_new_privs()?;
        if let Some(rules) = rules.take() {
            rules.restrict_self().map_err(io::Error::other)?;
        }
        filters.iter().try_for_each(|filter| seccompiler::apply_filter(filter).map_err(io::Error::other))
    };
    // SAFETY: this process has one thread, so that no lock can be held by another.
    unsafe { command.pre_exec(in_new_process) };
    Ok(())
}

/// Waits until the program has ended, or ends it when it uses too much; its status (wait(2)).
/// All others that end meanwhile are taken in.
fn attend(child: &Child, limits: &Limits, listeners: &mut [&mut Option<File>]) -> io::Result<i32> {
    let ends = SigSet::from(Signal::SIGCHLD);
    let pause = libc::timespec {
        tv_sec: 0,
        tv_nsec: libc::c_long::from(u32::try_from(LOOK.as_nanos()).unwrap_or(u32::MAX)),
    };
    let mut stopped = false;
    loop {
        while let Some((pid, status)) = reap(libc::WNOHANG)? {
            if u32::try_from(pid) == Ok(child.id()) {
                return Ok(status);
            }
        }
        if !stopped && let Some(reason) = limits.exceeded(&clearing::descendants(process::id())) {
            let told = Told::Stopped(reason);
            listeners.iter_mut().for_each(|listener| tell(listener, &told));
            end_all_but_ours(child);
            stopped = true;
        }
        // SAFETY: a set and a time, and no interest in what the signal says of itself.
        unsafe { libc::sigtimedwait(ends.as_ref(), std::ptr::null_mut(), &raw const pause) };
    }
}

/// Kills the program and all of its descendants; the program is still to be waited for.
fn end_all_but_ours(child: &Child) {
    kill_all();
    if let Ok(pid) = i32::try_from(child.id()) {
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

/// Kills all others: in a PID namespace of its own all at once (kill(2)).
fn kill_all() {
    if process::id() == 1 {
        let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
    } else {
        clearing::kill_descendants(process::id());
    }
}
