//! Looking at the kernel from where the sockets are.

use super::OWN_DESCRIPTORS;
use super::protocol::{OwnSocket, Snapshot, Watch};
use crate::address::{Address, sockaddr};
use crate::kernel::process::{self, Target};
use crate::kernel::queues;
use crate::kernel::sock_diag::{Protocol, SockDiag, SocketFact};
use nix::errno::Errno;
use socket2::SockRef;
use std::collections::HashSet;
use std::io;
use std::os::fd::BorrowedFd;

/// Looks at descriptors and sockets.
pub(super) struct Looker {
    diag: SockDiag,
}

impl Looker {
    /// Opens the netlink socket, and moves it out of the student's way.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { diag: SockDiag::open_at_or_above(OWN_DESCRIPTORS)? })
    }

    /// All TCP and UDP sockets of this network namespace.
    pub(super) fn all(&mut self) -> io::Result<Vec<SocketFact>> {
        let mut all = self.diag.dump(Protocol::Tcp)?;
        all.extend(self.diag.dump(Protocol::Udp)?);
        Ok(all)
    }

    /// What concerns the session.
    pub(super) fn snapshot(&mut self, watch: &Watch) -> io::Result<Snapshot> {
        let descriptors = process::descriptors(std::process::id(), OWN_DESCRIPTORS)?;
        let own: Vec<OwnSocket> = descriptors
            .iter()
            .filter_map(|descriptor| match descriptor.target {
                Target::Socket(inode) => own_socket(descriptor.fd, inode),
                _ => None,
            })
            .collect();
        let sockets = concerning(self.all()?, &own, watch);
        Ok(Snapshot { descriptors, own, sockets })
    }
}

/// The sockets of the session: its own, those that it follows, those that wait in its
/// listeners' queues, and the other ends of all these.
fn concerning(all: Vec<SocketFact>, own: &[OwnSocket], watch: &Watch) -> Vec<SocketFact> {
    let inodes: HashSet<u64> =
        own.iter().map(|socket| socket.inode).chain(watch.inodes.iter().copied()).collect();
    let cookies: HashSet<u64> = watch.cookies.iter().copied().collect();
    let ours = |fact: &SocketFact| {
        fact.inode.is_some_and(|inode| inodes.contains(&inode)) || cookies.contains(&fact.cookie)
    };
    let listening: Vec<&Address> = all
        .iter()
        .filter(|fact| ours(fact) && fact.accept_queue().is_some())
        .map(|fact| &fact.local)
        .collect();
    let waiting = |fact: &SocketFact| {
        fact.inode.is_none()
            && fact.remote.is_some()
            && listening.iter().any(|listener| listener.takes_for(&fact.local))
    };
    let near: Vec<bool> = all.iter().map(|fact| ours(fact) || waiting(fact)).collect();
    let pairs: HashSet<_> = all
        .iter()
        .zip(&near)
        .filter(|(_, near)| **near)
        .filter_map(|(fact, _)| {
            Some((fact.protocol, fact.remote.as_ref()?.canonical(), fact.local.canonical()))
        })
        .collect();
    let opposite = |fact: &SocketFact| {
        fact.remote.as_ref().is_some_and(|remote| {
            pairs.contains(&(fact.protocol, fact.local.canonical(), remote.canonical()))
        })
    };
    let kept: Vec<bool> = all.iter().zip(&near).map(|(fact, near)| *near || opposite(fact)).collect();
    all.into_iter().zip(kept).filter_map(|(fact, kept)| kept.then_some(fact)).collect()
}

/// What a descriptor says of its socket; `None` when a call has closed it meanwhile.
fn own_socket(fd: i32, inode: u64) -> Option<OwnSocket> {
    // SAFETY: the descriptor was open a moment ago. If a call on another thread closes it
    // now, the look-ups below fail with EBADF; none of them changes anything.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let socket = SockRef::from(&borrowed);
    let domain = integer_option(fd, libc::SO_DOMAIN)?;
    let kind = integer_option(fd, libc::SO_TYPE)?;
    let protocol = integer_option(fd, libc::SO_PROTOCOL)?;
    let cookie = queues::identity(fd).ok()?.cookie;
    let local = socket.local_addr().ok();
    let local = local.and_then(|address| {
        let length = address.len();
        sockaddr::decode(address.as_storage(), length)
    });
    let local = local.filter(|address| !address.is_empty());
    let unread = queues::unread(fd).ok();
    Some(OwnSocket { fd, inode, cookie, domain, kind, protocol, local, unread })
}

/// An option of SOL_SOCKET that is an int. nix wants to know each option by its own type.
fn integer_option(fd: i32, option: i32) -> Option<i32> {
    let mut value = 0_i32;
    let mut length = size_of::<i32>() as libc::socklen_t;
    // SAFETY: both pointers are to locals of the sizes that the call is told.
    let result = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            option,
            std::ptr::from_mut(&mut value).cast(),
            std::ptr::from_mut(&mut length),
        )
    };
    Errno::result(result).ok().map(|_| value)
}
