//! Room for the worker's own descriptors, above all that the student may have.
//!
//! A student's sockets are numbered as in any program, up to the limit of open files that
//! netlab was started with (`ulimit -n`). What the worker keeps for itself stands above, and
//! there it also keeps a few numbers taken: a student who has used up all of theirs meets
//! EMFILE at the limit, and the worker, which opens files of /proc for a close look, does not.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::Mode;
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};

/// So many descriptors are the worker's: its stream, twice, its netlink sockets, and those
/// that are kept free for what it opens.
const OWN: u64 = 16;

/// The most that a student may have. The kernel's table grows with the highest number in
/// use, eight bytes each (`alloc_fdtable` in fs/file.c), and some systems set no limit.
const MOST: u64 = 1 << 16;

/// The fewest with which a session makes sense.
const FEWEST: u64 = 8;

/// The worker's part of its descriptors.
pub(super) struct Room {
    first: RawFd,
    null: OwnedFd,
    kept_free: Vec<OwnedFd>,
}

impl Room {
    /// Sets the limits. The first thing that a worker does.
    ///
    /// # Errors
    /// The limit is too low.
    pub(super) fn reserve() -> io::Result<Self> {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let student = soft.min(hard.saturating_sub(OWN)).min(MOST);
        if student < FEWEST {
            let message = format!(
                "this process may have {hard} files open, and a session needs {}: raise the limit (`ulimit -n 1024`)",
                FEWEST + OWN
            );
            return Err(io::Error::other(message));
        }
        setrlimit(Resource::RLIMIT_NOFILE, student + OWN, hard)?;
        let first = RawFd::try_from(student).map_err(io::Error::other)?;
        let null = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
        let null = up(null, first)?;
        Ok(Self { first, null, kept_free: Vec::new() })
    }

    /// The first descriptor that is the worker's own. All below are the student's.
    pub(super) fn first(&self) -> RawFd {
        self.first
    }

    /// `/dev/null`.
    pub(super) fn null(&self) -> &OwnedFd {
        &self.null
    }

    /// A copy of a descriptor, up where the worker keeps its own.
    pub(super) fn move_up(&self, fd: impl AsFd) -> io::Result<OwnedFd> {
        up(fd, self.first)
    }

    /// Takes all numbers that are left, once the worker has what it needs for good.
    pub(super) fn fill(&mut self) {
        // It ends with EMFILE: the last number is taken.
        while let Ok(taken) = up(&self.null, self.first) {
            self.kept_free.push(taken);
        }
    }

    /// Does something for which the worker opens files. If the student has left none, it has
    /// those that were kept free. In that moment, and in no other, a call that a student has
    /// running in the background could take one of them.
    pub(super) fn with<T>(&mut self, what: impl FnOnce() -> T) -> T {
        let crowded =
            matches!(fcntl(&self.null, FcntlArg::F_DUPFD_CLOEXEC(0)).map(close), Err(Errno::EMFILE));
        if crowded {
            self.kept_free.clear();
        }
        let done = what();
        if crowded {
            self.fill();
        }
        done
    }
}

fn up(fd: impl AsFd, lowest: RawFd) -> io::Result<OwnedFd> {
    let copy: RawFd = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: the kernel has just made this descriptor, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

fn close(fd: RawFd) {
    // SAFETY: as above.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}
