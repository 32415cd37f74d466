//! The student's descriptors, number by number.
//!
//! `/proc/self/fd` lists them as well. But it takes a number of the student's while it is
//! read, and the kernel walks through its whole table for it, up to the worker's own at the
//! top: 17 us with a limit of 20,000 (Linux 6.18). A number that is asked what it is answers
//! within 0.2 us, and which numbers can be in use is known: the kernel gives the lowest that
//! is free (`alloc_fd` in fs/file.c).

use crate::kernel::process::Target;
use crate::kernel::process::{self, Descriptor};
use std::collections::HashMap;
use std::os::fd::RawFd;

/// The most descriptors that one call makes: socketpair(2)'s two.
const A_CALL: usize = 2;

/// Looks at the descriptors below the worker's own.
pub(super) struct Descriptors {
    /// From this number on they are the worker's own.
    own_from: RawFd,
    /// One above the highest that was open when they were looked at last.
    top: RawFd,
    /// What those that are no sockets lead to, by descriptor and [`process::Identity`].
    targets: HashMap<(RawFd, process::Identity), Target>,
}

impl Descriptors {
    /// Of a process that has its standard streams so far.
    pub(super) fn new(own_from: RawFd) -> Self {
        Self { own_from, top: 3, targets: HashMap::new() }
    }

    /// From this number on they are the worker's own.
    pub(super) fn own_from(&self) -> RawFd {
        self.own_from
    }

    /// All that are open, in the order of their numbers, when so many calls may have made
    /// some since the last time.
    pub(super) fn look(&mut self, calls: usize) -> Vec<Descriptor> {
        // Each new one is at most as high as the number of those that were there before it.
        let made = RawFd::try_from(calls.saturating_mul(A_CALL)).unwrap_or(RawFd::MAX);
        let end = self.top.saturating_add(made).min(self.own_from);
        let mut found = Vec::new();
        for fd in 0..end {
            let Some(identity) = process::identity(fd) else { continue };
            let target = match identity.socket() {
                Some(inode) => Target::Socket(inode),
                None => self.targets.entry((fd, identity)).or_insert_with(|| identity.target(fd)).clone(),
            };
            found.push(Descriptor { fd, target });
        }
        self.top = found.last().map_or(0, |last| last.fd + 1).max(3);
        found
    }
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
        const OTHERS: usize = 1000;
        let has = |found: &[Descriptor], fd| found.iter().any(|descriptor| descriptor.fd == fd);
        let sockets: Vec<UdpSocket> =
            (0..8).map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket")).collect();
        let found = descriptors.look(OTHERS);
        assert!(sockets.iter().all(|socket| has(&found, socket.as_raw_fd())), "{found:?}");
        assert!(found.is_sorted_by_key(|descriptor| descriptor.fd));
        // Above a hole there is still one.
        let last = sockets.into_iter().next_back().expect("there are eight");
        assert!(has(&descriptors.look(0), last.as_raw_fd()));
    }
}
