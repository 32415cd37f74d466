//! The launcher: `grade`, started again in front of a program. It is the last of ours that runs
//! before the program, inside of what keeps the program apart; it sets limits, starts it, tells
//! the session which process it is and how it ended, and ends all that the program leaves behind.
//!
//! In a PID namespace it is the first process: when it ends, the kernel kills all others.

use netkit::session::launching::{TELLS, Told};
use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// The first argument of such a process; the program and its arguments follow.
pub const ARGUMENT: &str = "netlab-confine";

/// Whether this process was started to start a program.
pub fn is_asked() -> bool {
    std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT))
}

/// Starts the program and waits for its end.
pub fn serve() -> ExitCode {
    let mut words = std::env::args_os().skip(2);
    let Some(program) = words.next() else { return ExitCode::FAILURE };
    let mut session = session();
    // The program belongs to the same user: it could look into this process otherwise.
    let apart = nix::sys::prctl::set_dumpable(false);
    // The usual one, whatever the session needs for itself.
    umask(Mode::S_IWGRP | Mode::S_IWOTH);
    let mut command = Command::new(program);
    command.args(words).env_remove(TELLS).process_group(0);
    let child = apart.map_err(io::Error::from).and_then(|()| command.spawn());
    let child = match child {
        Ok(child) => child.id(),
        Err(error) => {
            tell(&mut session, Told::Failed(error.raw_os_error().unwrap_or(libc::EIO)));
            return ExitCode::from(127);
        }
    };
    tell(&mut session, Told::Started(child));
    // What the program closes is to be closed: nobody else may hold it.
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = nix::unistd::dup2_stdin(&null);
        let _ = nix::unistd::dup2_stdout(&null);
        let _ = nix::unistd::dup2_stderr(&null);
    }
    match wait_for(child) {
        Ok(status) => {
            tell(&mut session, Told::Ended(status));
            // As shells tell it, for who looks at this process only.
            let code = if libc::WIFEXITED(status) {
                libc::WEXITSTATUS(status)
            } else {
                128 + libc::WTERMSIG(status)
            };
            ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
        }
        Err(_) => ExitCode::FAILURE,
    }
}

/// The way to the session, if one listens.
fn session() -> Option<File> {
    let number: RawFd = std::env::var(TELLS).ok()?.parse().ok()?;
    // SAFETY: the session has given this number to a descriptor that was opened for this process.
    let inherited = File::from(unsafe { OwnedFd::from_raw_fd(number) });
    // The copy is closed in the program, as everything that Rust opens.
    inherited.as_fd().try_clone_to_owned().ok().map(File::from)
}

fn tell(session: &mut Option<File>, told: Told) {
    if let Some(session) = session {
        // Who does not listen any more has ended the program.
        let _ = writeln!(session, "{told}");
    }
}

/// Waits until a child has ended, and takes in all others that end meanwhile: in a PID namespace
/// orphans become children of this process.
fn wait_for(child: u32) -> io::Result<i32> {
    loop {
        let mut status = 0;
        // SAFETY: the status is written by the call only.
        match unsafe { libc::waitpid(-1, &raw mut status, 0) } {
            -1 if Errno::last() == Errno::EINTR => {}
            -1 => return Err(io::Error::last_os_error()),
            pid if u32::try_from(pid) == Ok(child) => return Ok(status),
            _ => {}
        }
    }
}
