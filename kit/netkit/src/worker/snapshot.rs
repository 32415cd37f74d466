//! Looking at the kernel from where the sockets are.

use super::alone;
use super::descriptors::{self, Descriptors, Touched};
use super::near::Near;
use super::protocol::{OwnSocket, Snapshot, Watch};
use crate::address::{Address, sockaddr};
use crate::kernel::process::Target;
use crate::kernel::queues;
use crate::kernel::sock_diag::{Protocol, SockDiag, SocketFact};
use nix::errno::Errno;
use socket2::{SockAddr, SockRef};
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{BorrowedFd, RawFd};

/// Looks at descriptors and sockets.
pub(super) struct Looker {
    descriptors: Descriptors,
    /// The conversation with the kernel, or why there is none.
    diag: Result<SockDiag, String>,
    near: Near,
    /// The sockets as they were when they were asked last, by descriptor.
    known: HashMap<RawFd, OwnSocket>,
}

/// What a socket was made as.
#[derive(Debug, Clone, Copy)]
struct Made {
    domain: i32,
    kind: i32,
    protocol: i32,
    cookie: u64,
}

impl Looker {
    /// Opens the netlink socket, and moves it out of the student's way.
    pub(super) fn open(own_from: RawFd) -> Self {
        Self {
            descriptors: Descriptors::new(own_from),
            diag: SockDiag::open_at_or_above(own_from).map_err(|error| error.to_string()),
            near: Near::default(),
            known: HashMap::new(),
        }
    }

    /// The conversation with the kernel.
    ///
    /// # Errors
    /// This system has none.
    pub(super) fn diag(&mut self) -> io::Result<&mut SockDiag> {
        self.diag.as_mut().map_err(|reason| io::Error::other(reason.clone()))
    }

    /// All sockets of this network namespace.
    pub(super) fn all(&mut self) -> io::Result<Vec<SocketFact>> {
        let diag = self.diag()?;
        let mut all = inet(diag)?;
        all.extend(diag.dump_unix()?);
        Ok(all)
    }

    /// What concerns the session, when calls have touched so much since the last look.
    pub(super) fn snapshot(&mut self, watch: &Watch, touched: &Touched) -> io::Result<Snapshot> {
        let (targets, changed) = self.descriptors.look(touched);
        let mut own = Vec::with_capacity(targets.len());
        for (fd, target) in (0..).zip(targets) {
            let Some(Target::Socket(inode)) = target else { continue };
            let before = self.known.get(&fd).filter(|before| before.inode == *inode);
            let now = match before {
                Some(before) if only_calls_change(before) && !changed.contains(inode) => before.clone(),
                _ => match own_socket(fd, *inode, before.map(Made::as_before)) {
                    Some(now) => now,
                    None => continue,
                },
            };
            if before != Some(&now) {
                self.known.insert(fd, now.clone());
            }
            own.push(now);
        }
        if self.known.len() > own.len() {
            self.known.retain(|fd, _| own.binary_search_by_key(fd, |own| own.fd).is_ok());
        }
        let descriptors = descriptors::list(targets);
        let descriptor_limit = self.descriptors.own_from();
        let diag = match &mut self.diag {
            Ok(diag) => diag,
            Err(reason) => {
                let (sockets, unseen) = (alone::look(&own), Some(reason.clone()));
                return Ok(Snapshot { descriptor_limit, descriptors, own, sockets, unseen });
            }
        };
        let near = self.near.look(diag, &own, watch);
        let full = near.is_none();
        let mut sockets = match near {
            Some(sockets) => sockets,
            None => inet(diag)?,
        };
        // A machine has many UNIX sockets: they are looked at only where one may concern us.
        if own.iter().any(|own| own.domain == libc::AF_UNIX) || !watch.inodes.is_empty() {
            sockets.extend(diag.dump_unix()?);
        }
        let sockets = concerning(sockets, &own, watch);
        self.near.remember(&sockets, &own, full);
        Ok(Snapshot { descriptor_limit, descriptors, own, sockets, unseen: None })
    }
}

/// All TCP and UDP sockets of this network namespace.
fn inet(diag: &mut SockDiag) -> io::Result<Vec<SocketFact>> {
    let mut all = diag.dump(Protocol::Tcp)?;
    all.extend(diag.dump(Protocol::Udp)?);
    Ok(all)
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
        .filter(|(fact, near)| **near && fact.unix.is_none())
        .filter_map(|(fact, _)| {
            Some((fact.protocol, fact.remote.as_ref()?.canonical(), fact.local.canonical()))
        })
        .collect();
    // Sockets of the UNIX domain: whom they are connected to, and who waits to be accepted.
    let partners: HashSet<u64> = all
        .iter()
        .zip(&near)
        .filter(|(_, near)| **near)
        .filter_map(|(fact, _)| fact.unix.as_ref())
        .flat_map(|unix| unix.peer.iter().chain(&unix.waiting).copied())
        .collect();
    let partner = |fact: &SocketFact| {
        let connected_to_ours = fact.unix.as_ref().and_then(|unix| unix.peer);
        fact.unix.is_some()
            && (fact.inode.is_some_and(|inode| partners.contains(&inode))
                || connected_to_ours.is_some_and(|peer| inodes.contains(&peer)))
    };
    let opposite = |fact: &SocketFact| {
        fact.remote.as_ref().is_some_and(|remote| {
            pairs.contains(&(fact.protocol, fact.local.canonical(), remote.canonical()))
        })
    };
    let kept: Vec<bool> =
        all.iter().zip(&near).map(|(fact, near)| *near || opposite(fact) || partner(fact)).collect();
    all.into_iter().zip(kept).filter_map(|(fact, kept)| kept.then_some(fact)).collect()
}

/// Whether nothing but a call on it can change this socket: it has no address, so that
/// nothing can be sent to it.
fn only_calls_change(own: &OwnSocket) -> bool {
    let inet = own.domain == libc::AF_INET || own.domain == libc::AF_INET6;
    inet && own.local.is_none() && own.remote.is_none()
}

/// What a descriptor says of its socket; `None` when a call has closed it meanwhile. What it
/// was made as is asked once.
fn own_socket(fd: RawFd, inode: u64, made: Option<Made>) -> Option<OwnSocket> {
    let Made { domain, kind, protocol, cookie } = made.or_else(|| Made::of(fd))?;
    // SAFETY: the descriptor was open a moment ago. If a call on another thread closes it
    // now, the look-ups below fail with EBADF; none of them changes anything.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let socket = SockRef::from(&borrowed);
    let local = known(socket.local_addr()).filter(|address| !address.is_empty());
    // In the UNIX domain the other end may well be without a name.
    let remote = known(socket.peer_addr()).filter(|address| !address.is_empty() || address.unix().is_some());
    let unread = queues::unread(fd).ok();
    Some(OwnSocket { fd, inode, cookie, domain, kind, protocol, local, remote, unread })
}

impl Made {
    fn as_before(own: &OwnSocket) -> Self {
        Self { domain: own.domain, kind: own.kind, protocol: own.protocol, cookie: own.cookie }
    }

    fn of(fd: RawFd) -> Option<Self> {
        Some(Self {
            domain: integer_option(fd, libc::SO_DOMAIN)?,
            kind: integer_option(fd, libc::SO_TYPE)?,
            protocol: integer_option(fd, libc::SO_PROTOCOL)?,
            cookie: queues::identity(fd).ok()?.cookie,
        })
    }
}

/// An address, where there is one.
fn known(address: io::Result<SockAddr>) -> Option<Address> {
    let address = address.ok()?;
    let length = address.len();
    sockaddr::decode(address.as_storage(), length)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;

    /// Looks both ways. What a near look has found must be what a full one finds.
    fn near_as_full(looker: &mut Looker, fds: &[RawFd], watch: &Watch, step: &str) -> bool {
        let own: Vec<OwnSocket> = fds
            .iter()
            .filter_map(|fd| own_socket(*fd, queues::identity(*fd).expect("it is open").inode, None))
            .collect();
        let essence = |facts: Vec<SocketFact>| {
            let mut facts: Vec<SocketFact> = concerning(facts, &own, watch)
                .into_iter()
                // The one does not know what else the kernel counts for a bound socket.
                .map(|fact| SocketFact { timer: None, shutdown: None, ..fact })
                .collect();
            facts.sort_by_key(|fact| fact.cookie);
            facts
        };
        // On a busy machine the kernel may still be at work on the step before.
        let (near, full) = loop {
            let before = essence(looker.all().expect("sock_diag answers"));
            let diag = looker.diag.as_mut().expect("sock_diag");
            let near = looker.near.look(diag, &own, watch).map(essence);
            let after = essence(looker.all().expect("sock_diag answers"));
            if before == after {
                break (near, after);
            }
        };
        looker.near.remember(&full, &own, true);
        if let Some(near) = &near {
            assert_eq!(near, &full, "{step}");
        }
        near.is_some()
    }

    #[test]
    fn a_near_look_finds_what_a_full_one_finds() {
        let mut looker = Looker::open(1000);
        let mut watch = Watch::default();
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let other = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        other.connect(udp.local_addr().expect("an address")).expect("connected");
        let server = TcpListener::bind("127.0.0.1:0").expect("a server");
        let address = server.local_addr().expect("an address");
        let bound =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        bound
            .bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().expect("an address").into())
            .expect("bound");
        let mut fds = vec![udp.as_raw_fd(), other.as_raw_fd(), server.as_raw_fd(), bound.as_raw_fd()];
        assert!(!near_as_full(&mut looker, &fds, &watch, "the first look must be full"));
        assert!(near_as_full(&mut looker, &fds, &watch, "a listener"));
        let client = TcpStream::connect(address).expect("a connection");
        fds.push(client.as_raw_fd());
        assert!(near_as_full(&mut looker, &fds, &watch, "one that waits in the queue"));
        let stranger = TcpStream::connect(address).expect("a connection");
        assert!(!near_as_full(&mut looker, &fds, &watch, "a stranger in the queue needs a full look"));
        assert!(near_as_full(&mut looker, &fds, &watch, "and is known from then on"));
        let (accepted, _) = server.accept().expect("accepted");
        fds.push(accepted.as_raw_fd());
        assert!(near_as_full(&mut looker, &fds, &watch, "accepted"));
        client.shutdown(Shutdown::Write).expect("half-closed");
        assert!(near_as_full(&mut looker, &fds, &watch, "half-closed"));
        accepted.shutdown(Shutdown::Both).expect("closed");
        // The one that ended last may be bound still, or not: that takes a full look.
        near_as_full(&mut looker, &fds, &watch, "TIME-WAIT, with a descriptor");
        let cookie = queues::identity(client.as_raw_fd()).expect("it is open").cookie;
        watch.cookies.push(cookie);
        fds.retain(|fd| *fd != client.as_raw_fd());
        drop(client);
        near_as_full(&mut looker, &fds, &watch, "TIME-WAIT, without one");
        drop(stranger);
        near_as_full(&mut looker, &fds, &watch, "a stranger that left the queue before it was accepted");
    }
}
