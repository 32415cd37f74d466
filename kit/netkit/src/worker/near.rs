//! A look at a session's own sockets alone, without reading the whole machine's.
//!
//! To list all sockets the kernel walks through its whole table of connections, which takes
//! 300 us a family even when it is all but empty; to find one by its two addresses takes 2
//! (measured on Linux 6.18). So, between full looks, each socket that is known is asked for
//! by its addresses, and so is the other end of each. Whenever that may not be all, or an
//! answer is not what was expected, there is no near look, and the full one is made.

use super::protocol::{OwnSocket, Watch};
use crate::address::Address;
use crate::kernel::queues;
use crate::kernel::sock_diag::{Protocol, SockDiag, SocketFact, SocketState};
use crate::kernel::state::TcpState;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// With more sockets in the kernel's tables than this, one full look is cheaper.
const MOST: usize = 60;

/// How old the last full look may be while there is a listener: only a full one finds
/// those that strangers have connected to it, before the listener counts them.
const LISTENERS_LOOK: Duration = Duration::from_millis(500);

/// What is remembered from look to look.
#[derive(Default)]
pub(super) struct Near {
    /// The connections that were seen, by cookie.
    connections: HashMap<u64, Connection>,
    /// The listeners that were seen. One whose descriptor was closed goes on listening as long
    /// as an accept on it is blocked: the call holds it (`fdget` in include/linux/file.h).
    listeners: HashMap<u64, SocketAddr>,
    /// What is bound and nothing else, with its address, as a full look has found it: after a
    /// connect that was refused, getsockname tells of a port that the kernel has taken back.
    bound: HashMap<u64, SocketAddr>,
    looked_at_all: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Connection {
    protocol: Protocol,
    local: SocketAddr,
    remote: SocketAddr,
}

impl Connection {
    fn of(fact: &SocketFact) -> Option<Self> {
        let (local, remote) = (fact.local.inet()?, fact.remote.as_ref()?.inet()?);
        Some(Self { protocol: fact.protocol, local, remote })
    }

    fn turned(self) -> Self {
        Self { protocol: self.protocol, local: self.remote, remote: self.local }
    }
}

impl Near {
    /// Remembers what a look has found: only what it still has to be asked for.
    pub(super) fn remember(&mut self, found: &[SocketFact], own: &[OwnSocket], all: bool) {
        if all {
            self.looked_at_all = Some(Instant::now());
        }
        let open: HashSet<u64> = own.iter().map(|own| own.cookie).collect();
        let there: HashSet<u64> = found.iter().map(|fact| fact.cookie).collect();
        // The connection of a socket that has a descriptor stays: in TIME-WAIT the
        // descriptor itself does not know it any more.
        self.connections.retain(|cookie, _| open.contains(cookie) || there.contains(cookie));
        let seen = found.iter().filter_map(|fact| Some((fact.cookie, Connection::of(fact)?)));
        self.connections.extend(seen);
        let bound = found.iter().filter(|fact| fact.state == SocketState::Tcp(TcpState::Bound));
        self.bound = bound.filter_map(|fact| Some((fact.cookie, fact.local.inet()?))).collect();
        let listeners = found.iter().filter(|fact| fact.accept_queue().is_some());
        self.listeners = listeners.filter_map(|fact| Some((fact.cookie, fact.local.inet()?))).collect();
    }

    /// All sockets that may concern the session; `None` when only a full look can tell.
    pub(super) fn look(
        &self,
        diag: &mut SockDiag,
        own: &[OwnSocket],
        watch: &Watch,
    ) -> Option<Vec<SocketFact>> {
        // What programs do with their sockets is known to them alone.
        let placed = own.iter().filter(|own| own.local.is_some()).count();
        if !watch.inodes.is_empty() || placed + self.connections.len() > MOST {
            return None;
        }
        let mut found = Found::default();
        for socket in own {
            self.own(diag, socket, &mut found)?;
        }
        for (cookie, connection) in &self.connections {
            // One that is not there any more is gone: its addresses are its whole life long the same.
            if !found.cookies.contains(cookie) {
                found.add(ask(diag, *connection)?.filter(|fact| fact.cookie == *cookie));
            }
        }
        for (cookie, local) in &self.listeners {
            if !found.cookies.contains(cookie) {
                let listener = diag.receiver(Protocol::Tcp, *local).ok()?;
                found.add(listener.filter(|fact| fact.cookie == *cookie));
            }
        }
        let others: Vec<Connection> =
            found.facts.iter().filter_map(Connection::of).map(Connection::turned).collect();
        for other in others {
            // Mostly both ends are the session's own, and are there already.
            if !found.facts.iter().any(|fact| Connection::of(fact) == Some(other)) {
                found.add(ask(diag, other)?);
            }
        }
        self.queues_are_known(&found.facts, watch).then_some(found.facts)
    }

    /// The entry of a socket that has a descriptor, if it has one.
    fn own(&self, diag: &mut SockDiag, own: &OwnSocket, found: &mut Found) -> Option<()> {
        let inet = own.domain == libc::AF_INET || own.domain == libc::AF_INET6;
        let protocol = match own.protocol {
            libc::IPPROTO_TCP if inet => Protocol::Tcp,
            libc::IPPROTO_UDP if inet => Protocol::Udp,
            // Those of the UNIX domain are always all looked at.
            _ if own.domain == libc::AF_UNIX => return Some(()),
            _ => return None,
        };
        // Without an address it is in no table.
        let Some(local) = own.local.as_ref().and_then(Address::inet) else { return Some(()) };
        let connection = own
            .remote
            .as_ref()
            .and_then(Address::inet)
            .map(|remote| Connection { protocol, local, remote })
            .or_else(|| self.connections.get(&own.cookie).copied());
        let fact = match (connection, protocol) {
            (Some(connection), _) => ask(diag, connection)?,
            (None, Protocol::Udp) => diag.receiver(protocol, local).ok()?,
            (None, Protocol::Tcp) => match queues::tcp_state(own.fd).ok()? {
                TcpState::Listen => diag.receiver(protocol, local).ok()?,
                TcpState::Closed if self.bound.get(&own.cookie) == Some(&local) => Some(bound(own, local)),
                _ => return None,
            },
            (None, _) => return None,
        };
        let fact = fact.filter(|fact| fact.cookie == own.cookie)?;
        found.add(Some(fact));
        Some(())
    }

    /// Whether as many connections were found for each listener as wait in its queue, and
    /// whether there may be others that it does not count yet.
    fn queues_are_known(&self, facts: &[SocketFact], watch: &Watch) -> bool {
        let listeners: Vec<&SocketFact> = facts.iter().filter(|fact| fact.accept_queue().is_some()).collect();
        let fresh = self.looked_at_all.is_some_and(|looked| looked.elapsed() < LISTENERS_LOOK);
        listeners.is_empty()
            || fresh
                && listeners.iter().all(|listener| {
                    let waiting = facts.iter().filter(|fact| {
                        fact.inode.is_none()
                            && fact.remote.is_some()
                            && !watch.cookies.contains(&fact.cookie)
                            && listener.local.takes_for(&fact.local)
                    });
                    waiting.count() >= listener.receive_queue as usize
                })
    }
}

/// Sockets that were found, each once.
#[derive(Default)]
struct Found {
    facts: Vec<SocketFact>,
    cookies: HashSet<u64>,
}

impl Found {
    fn add(&mut self, fact: Option<SocketFact>) {
        if let Some(fact) = fact
            && self.cookies.insert(fact.cookie)
        {
            self.facts.push(fact);
        }
    }
}

/// `None` when the kernel does not answer; that there is no such socket is an answer.
fn ask(diag: &mut SockDiag, connection: Connection) -> Option<Option<SocketFact>> {
    let answer: io::Result<_> = diag.exact(connection.protocol, connection.local, connection.remote);
    answer.ok()
}

/// What a full look says of a TCP socket that is bound and nothing else. No look-up by
/// addresses finds it; all that there is to say its descriptor knows.
fn bound(own: &OwnSocket, local: SocketAddr) -> SocketFact {
    SocketFact {
        protocol: Protocol::Tcp,
        local: local.into(),
        remote: None,
        state: SocketState::Tcp(TcpState::Bound),
        receive_queue: 0,
        send_queue: 0,
        inode: Some(own.inode),
        cookie: own.cookie,
        uid: nix::unistd::geteuid().as_raw(),
        timer: None,
        shutdown: None,
        unix: None,
    }
}
