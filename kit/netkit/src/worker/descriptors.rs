//! The student's descriptors, number by number.
//!
//! `/proc/self/fd` lists them as well. But it takes a number of the student's while it is
//! read, and the kernel walks through its whole table for it, up to the worker's own at the
//! top: 17 us with a limit of 20,000 (Linux 6.18). A number that is asked what it is answers
//! within 0.2 us, and which numbers can be in use is known: the kernel gives the lowest that
//! is free (`alloc_fd` in fs/file.c). What a number leads to changes by calls alone, so only
//! those that a call was made on are asked again: with 10,000 sockets, one line is one question.

use super::call::Call;
use crate::kernel::process::{self, Descriptor, Target};
use std::collections::BTreeSet;
use std::os::fd::RawFd;

/// The most descriptors that one call makes: socketpair(2)'s two.
const A_CALL: usize = 2;

/// What calls may have changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    /// How many calls there were: each may have made new descriptors.
    calls: usize,
    /// The descriptors that they were made on.
    fds: BTreeSet<RawFd>,
}

impl Touched {
    /// By one call.
    pub(super) fn by(call: &Call) -> Self {
        Self { calls: 1, fds: call.descriptors().collect() }
    }

    /// And by others.
    pub(super) fn join(&mut self, other: &Self) {
        self.calls += other.calls;
        self.fds.extend(&other.fds);
    }
}

/// Looks at the descriptors below the worker's own.
pub(super) struct Descriptors {
    /// From this number on they are the worker's own.
    own_from: RawFd,
    /// What each number led to when it was asked last, up to the highest that was open.
    known: Vec<Option<Target>>,
}

impl Descriptors {
    /// Of a process that has its standard streams so far.
    pub(super) fn new(own_from: RawFd) -> Self {
        Self { own_from, known: Vec::new() }
    }

    /// From this number on they are the worker's own.
    pub(super) fn own_from(&self) -> RawFd {
        self.own_from
    }

    /// What each number leads to, and the inodes of the sockets that the calls may have changed.
    pub(super) fn look(&mut self, touched: &Touched) -> (&[Option<Target>], BTreeSet<u64>) {
        let mut changed = BTreeSet::new();
        // Each new one is at most as high as the number of those that were there before it,
        // the standard streams among them.
        let end = self.known.len().max(3).saturating_add(touched.calls.saturating_mul(A_CALL));
        self.known.resize(end.min(usize::try_from(self.own_from).unwrap_or(0)), None);
        for (fd, known) in (0..).zip(&mut self.known) {
            let was_touched = touched.fds.contains(&fd);
            if known.is_some() && !was_touched {
                continue;
            }
            // A call on another number of the same socket changes it as well.
            let before = std::mem::replace(known, process::identity(fd).map(|identity| identity.target(fd)));
            changed.extend([&before, &*known].into_iter().filter_map(|target| match target {
                Some(Target::Socket(inode)) => Some(*inode),
                _ => None,
            }));
        }
        let top = self.known.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.known.truncate(top);
        (&self.known, changed)
    }
}

/// As a list, in the order of their numbers.
pub(super) fn list(known: &[Option<Target>]) -> Vec<Descriptor> {
    let open = (0..).zip(known).filter_map(|(fd, target)| Some((fd, target.clone()?)));
    open.map(|(fd, target)| Descriptor { fd, target }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    #[test]
    fn what_was_opened_is_found_and_what_was_closed_is_not() {
        let mut descriptors = Descriptors::new(RawFd::MAX);
        // Other tests open and close some in this process at the same time: they are calls, too.
        let others = Touched { calls: 1000, fds: BTreeSet::new() };
        let has = |found: &[Descriptor], fd| found.iter().any(|descriptor| descriptor.fd == fd);
        let sockets: Vec<UdpSocket> =
            (0..8).map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket")).collect();
        let found = list(descriptors.look(&others).0);
        assert!(sockets.iter().all(|socket| has(&found, socket.as_raw_fd())), "{found:?}");
        assert!(found.is_sorted_by_key(|descriptor| descriptor.fd));
        // Above a hole there is still one.
        let last = sockets.into_iter().next_back().expect("there are eight");
        assert!(has(&list(descriptors.look(&Touched::default()).0), last.as_raw_fd()));
    }
}
