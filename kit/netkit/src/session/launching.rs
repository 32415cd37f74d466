//! Starting a program through a *launcher*: a command that stands in front of the program's own
//! and starts it inside of something, such as namespaces of its own.
//!
//! Between the session and the program there are then other processes, so that what the session
//! would see of a child of its own has to be told: whether the program could be started, which
//! process it is, how it ended. The launcher finds the number of a descriptor in its environment
//! ([`TELLS`]), and writes [lines](Told) to it.

use crate::kernel::process;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::unistd::pipe2;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};

/// The variable that holds the number of the descriptor to which a launcher tells.
pub const TELLS: &str = "NETLAB_LAUNCHER_TELLS";

/// A launcher.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The command; the program and its arguments follow it.
    pub command: Vec<OsString>,
    /// The user and group as whom it runs, if they are not the session's.
    pub user: Option<u32>,
}

impl Launcher {
    /// A command that begins with the launcher; the program is its next argument.
    pub fn as_command(&self) -> Command {
        let mut words = self.command.iter();
        // Without words this is a command that does not start.
        let mut command = Command::new(words.next().map(OsString::as_os_str).unwrap_or_default());
        command.args(words);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }
}

/// What a launcher tells, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The program runs; it is the process that has this number for itself.
    Started(u32),
    /// It cannot be executed: the system's error.
    Failed(i32),
    /// The launcher ends it, for this reason.
    Stopped(String),
    /// It has ended, and left this status (wait(2)).
    Ended(i32),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(pid) => write!(f, "started {pid}"),
            Self::Failed(errno) => write!(f, "failed {errno}"),
            Self::Stopped(reason) => write!(f, "stopped {reason}"),
            Self::Ended(status) => write!(f, "ended {status}"),
        }
    }
}

impl Told {
    fn read(line: &str) -> Option<Self> {
        let (what, number) = line.trim_end().split_once(' ')?;
        match what {
            "stopped" => Some(Self::Stopped(number.to_owned())),
            "started" => number.parse().ok().map(Self::Started),
            "failed" => number.parse().ok().map(Self::Failed),
            "ended" => number.parse().ok().map(Self::Ended),
            _ => None,
        }
    }
}

/// How a program ended.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) status: ExitStatus,
    /// Why its launcher has ended it, if it has.
    pub(super) stopped: Option<String>,
}

/// The two ends of what a launcher tells.
pub(super) struct Line {
    ours: BufReader<File>,
    theirs: Option<OwnedFd>,
}

impl Line {
    pub(super) fn new() -> io::Result<Self> {
        let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
        Ok(Self { ours: BufReader::new(ours.into()), theirs: Some(theirs) })
    }

    /// The launcher's end.
    pub(super) fn theirs(&self) -> Option<RawFd> {
        self.theirs.as_ref().map(AsRawFd::as_raw_fd)
    }

    fn hear(&mut self) -> io::Result<Option<Told>> {
        let mut line = String::new();
        // No line of a launcher is longer.
        self.ours.by_ref().take(256).read_line(&mut line)?;
        Ok(Told::read(&line))
    }

    /// Waits until the program runs: its number here, and the one that it has for itself.
    pub(super) fn program(&mut self, launcher: &mut Child) -> io::Result<(u32, u32)> {
        // From here on the line ends with the launcher.
        self.theirs = None;
        match self.hear()? {
            Some(Told::Started(inside)) => {
                let family = process::processes_below(launcher.id())?;
                let found = family.into_iter().rev().find(|pid| {
                    *pid != launcher.id() && process::number_inside(*pid).is_ok_and(|own| own == inside)
                });
                // One that has ended already is in no list any more.
                Ok((found.unwrap_or(launcher.id()), inside))
            }
            Some(Told::Failed(errno)) => {
                launcher.wait()?;
                Err(io::Error::from_raw_os_error(errno))
            }
            _ => {
                let status = launcher.wait()?;
                let mut said = String::new();
                if let Some(stderr) = &mut launcher.stderr {
                    stderr.take(1 << 10).read_to_string(&mut said)?;
                }
                Err(io::Error::other(format!("what is to start it has ended ({status}): {}", said.trim())))
            }
        }
    }

    /// How the program ended, as the launcher tells it; without a word from it, as it ended itself.
    pub(super) fn ending(mut self, launcher: ExitStatus) -> Ending {
        let mut ending = Ending { status: launcher, stopped: None };
        while let Ok(Some(told)) = self.hear() {
            match told {
                Told::Ended(status) => ending.status = ExitStatus::from_raw(status),
                Told::Stopped(reason) => ending.stopped = Some(reason),
                Told::Started(_) | Told::Failed(_) => {}
            }
        }
        ending
    }
}

/// In the new process: lets a descriptor pass through exec.
pub(super) fn inherit(fd: RawFd) -> io::Result<()> {
    // SAFETY: the descriptor was opened before fork, and is open until exec.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    fcntl(fd.as_fd(), FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(())
}
