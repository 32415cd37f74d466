//! Ends: every socket that a session knows of, with or without a descriptor, and what
//! changed between two looks.
//!
//! A socket is followed by its *cookie*, which the kernel keeps for its whole life: the
//! server's end of a connection has it before `accept` gives it a descriptor, and keeps
//! it past `close`, as an orphan and in TIME-WAIT.

use crate::address::{Address, UnixAddress};
use crate::kernel::sock_diag::{
    AcceptQueue, Protocol, ShutdownHalves, SocketFact, SocketState, Timer, UdpState, UnixState,
};
use crate::kernel::state::TcpState;
use crate::worker::protocol::{OwnSocket, Snapshot};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Who an end belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The session, under this name if it was given one.
    Session(Option<String>),
    /// The session had it and closed it: the name or number it had.
    Closed(String),
    /// Nobody yet: it waits in the accept queue of this listener.
    Listener(String),
    /// A program that the session started.
    Program(String),
    /// Some other process.
    Other,
}

/// One end: a socket at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The kernel's number for the socket.
    pub cookie: u64,
    /// Who has it.
    pub owner: Owner,
    /// Its descriptor in the worker; the lowest, if it has several.
    pub fd: Option<i32>,
    /// Its further descriptors, which dup(2) made, and their names.
    pub also: Vec<(i32, Option<String>)>,
    /// TCP, UDP, or a type of the UNIX domain.
    pub protocol: Protocol,
    /// Its own address, when it has one.
    pub local: Option<Address>,
    /// The other end's address, when it has one.
    pub remote: Option<Address>,
    /// Its state.
    pub state: SocketState,
    /// Bytes that wait to be received; for UDP the size of the first datagram.
    pub unread: u32,
    /// Bytes sent that the other end has not acknowledged.
    pub unacknowledged: u32,
    /// A listener's accept queue.
    pub accept_queue: Option<AcceptQueue>,
    /// A timer that runs.
    pub timer: Option<Timer>,
    /// Which directions are shut down, where the kernel tells.
    pub shutdown: Option<ShutdownHalves>,
    /// Of a socket of the UNIX domain: itself and the one that it is connected to.
    pub unix: Option<UnixPair>,
}

/// How two sockets of the UNIX domain find each other: they may have no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixPair {
    /// Its own inode.
    pub inode: u64,
    /// The inode of the other end; 0 while that one has no descriptor.
    pub peer: Option<u64>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A socket is there that was not.
    Appeared(End),
    /// A socket is not there any more.
    Vanished(End),
    /// A socket is not as it was.
    Became(Box<End>, Box<End>),
}

impl Change {
    /// The end as it was, if it was there, and as it is, if it is there.
    pub fn sides(&self) -> (Option<&End>, Option<&End>) {
        match self {
            Self::Appeared(end) => (None, Some(end)),
            Self::Vanished(end) => (Some(end), None),
            Self::Became(before, after) => (Some(before), Some(after)),
        }
    }
}

/// What the session knows beyond one look.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The names of open sockets, by descriptor.
    pub names: BTreeMap<i32, String>,
    /// Every socket of the session that was ever seen: its label, and whether it had a descriptor.
    pub labels: BTreeMap<u64, String>,
    /// Names of sockets that were closed.
    pub closed: BTreeSet<String>,
    /// The programs' sockets, by inode.
    pub programs: BTreeMap<u64, String>,
}

impl End {
    /// Its name, or its descriptor's number, or what it is.
    pub fn label(&self) -> String {
        match (&self.owner, self.fd) {
            (Owner::Session(Some(name)) | Owner::Closed(name) | Owner::Program(name), _) => name.clone(),
            (Owner::Session(None), Some(fd)) => fd.to_string(),
            // accept would not find it: it is only on its way to the accept queue.
            (Owner::Listener(listener), _) if self.tcp() == Some(TcpState::SynReceived) => {
                format!("in {listener}'s SYN queue")
            }
            (Owner::Listener(listener), _) => format!("in {listener}'s queue"),
            _ => "elsewhere".into(),
        }
    }

    /// Whether a descriptor leads to it.
    pub fn has_fd(&self, fd: i32) -> bool {
        self.fd == Some(fd) || self.also.iter().any(|(other, _)| *other == fd)
    }

    /// All of its descriptors.
    pub fn fds(&self) -> Vec<i32> {
        self.fd.into_iter().chain(self.also.iter().map(|(fd, _)| *fd)).collect()
    }

    /// What one of its descriptors is called.
    pub fn label_of(&self, fd: i32) -> String {
        match self.also.iter().find(|(other, _)| *other == fd) {
            Some((_, name)) => name.clone().unwrap_or_else(|| fd.to_string()),
            None => self.label(),
        }
    }

    /// Whether SHUT_RD makes recv return 0 here, though the other end has sent no FIN.
    pub fn has_shut_receiving(&self) -> bool {
        use TcpState::{Established, FinWait1, FinWait2};
        let no_fin_came = matches!(self.tcp(), Some(Established | FinWait1 | FinWait2));
        no_fin_came && self.fd.is_some() && self.shutdown.is_some_and(|halves| halves.read)
    }

    /// Its TCP state, if it is a TCP socket.
    pub fn tcp(&self) -> Option<TcpState> {
        self.state.tcp()
    }

    /// Whether it has an address that another socket can send to.
    pub fn has_address(&self) -> bool {
        self.local.as_ref().is_some_and(|local| !local.is_empty() && local.port() != Some(0))
    }

    /// Whether the other is the other end of the same connection.
    pub fn faces(&self, other: &Self) -> bool {
        if let (Some(this), Some(that)) = (self.unix, other.unix) {
            return this.peer == Some(that.inode) && that.peer == Some(this.inode);
        }
        let same = |one: &Option<Address>, other: &Option<Address>| match (one, other) {
            (Some(one), Some(other)) => one.is_same_place(other),
            _ => false,
        };
        self.protocol == other.protocol
            && same(&self.local, &other.remote)
            && same(&self.remote, &other.local)
    }

    /// Whether it waits in this listener's accept queue.
    pub fn waits_in(&self, listener: &Self) -> bool {
        matches!(&self.owner, Owner::Listener(_))
            && self.local.as_ref().is_some_and(|local| listener.holds(local))
    }

    /// Whether `unread` is memory, and not bytes: of a UDP socket that another process has, the
    /// kernel tells nothing else.
    pub fn counts_memory(&self) -> bool {
        self.protocol == Protocol::Udp && self.fd.is_none()
    }

    /// Whether what comes to an address comes to this listener.
    pub(crate) fn holds(&self, address: &Address) -> bool {
        self.local.as_ref().is_some_and(|local| local.takes_for(address))
    }

    /// What is compared to see a change: timers tick without one.
    fn essence(&self) -> impl PartialEq + '_ {
        let queue = self.accept_queue.map(|queue| (queue.waiting, queue.limit));
        let owner = (&self.owner, self.fd, &self.also);
        let unix = (self.unix, self.unix.and(self.shutdown));
        let queues = (self.unread, self.unacknowledged, queue);
        (owner, self.state, &self.local, &self.remote, queues, unix)
    }
}

/// The ends in a snapshot: own ones by descriptor, then the others.
pub fn ends(snapshot: &Snapshot, memory: &Memory) -> Vec<End> {
    let facts: HashMap<u64, &SocketFact> = snapshot.sockets.iter().map(|fact| (fact.cookie, fact)).collect();
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut ends: Vec<End> = Vec::new();
    for own in &snapshot.own {
        // Another descriptor of a socket that was met already.
        if let Some(end) = places.get(&own.cookie).and_then(|place| ends.get_mut(*place)) {
            end.also.push((own.fd, memory.names.get(&own.fd).cloned()));
            continue;
        }
        // By cookie: a socket in TIME-WAIT has left its inode behind.
        let fact = facts.get(&own.cookie).copied();
        if let Some(end) = own_end(own, fact, memory) {
            places.insert(own.cookie, ends.len());
            ends.push(end);
        }
    }
    let listeners: Vec<End> = ends.iter().filter(|end| end.accept_queue.is_some()).cloned().collect();
    let own: HashSet<u64> = snapshot.own.iter().map(|own| own.cookie).collect();
    let rest = snapshot.sockets.iter().filter(|fact| !own.contains(&fact.cookie));
    let others = rest
        .map(|fact| End { owner: owner(fact, memory, &listeners), ..end_of_fact(fact, fact.receive_queue) });
    ends.extend(others);
    ends
}

fn own_end(own: &OwnSocket, fact: Option<&SocketFact>, memory: &Memory) -> Option<End> {
    let owner = Owner::Session(memory.names.get(&own.fd).cloned());
    if let Some(fact) = fact {
        let unread =
            if fact.protocol == Protocol::Udp { own.unread.unwrap_or(0) } else { fact.receive_queue };
        let end = end_of_fact(fact, unread);
        let remote = end.remote.clone().or_else(|| unix_remote(own));
        // One that has a peer has an address to show, if only that it is unnamed.
        let unnamed = remote.as_ref().filter(|_| end.unix.is_some()).map(|_| UnixAddress::Unnamed.into());
        let local = end.local.clone().or(unnamed);
        return Some(End { owner, fd: Some(own.fd), local, remote, ..end });
    }
    // sock_diag lists what is bound or connected. What it leaves out is neither.
    let (protocol, state) = match own.protocol {
        libc::IPPROTO_TCP => (Protocol::Tcp, SocketState::Tcp(TcpState::Closed)),
        libc::IPPROTO_UDP => (Protocol::Udp, SocketState::Udp(UdpState::Unconnected)),
        _ if own.domain == libc::AF_UNIX => unix_without_diag(own)?,
        _ => return None,
    };
    Some(End {
        cookie: own.cookie,
        owner,
        fd: Some(own.fd),
        also: Vec::new(),
        protocol,
        local: own.local.clone(),
        remote: unix_remote(own),
        state,
        unread: own.unread.unwrap_or(0),
        unacknowledged: 0,
        accept_queue: None,
        timer: None,
        shutdown: None,
        unix: (own.domain == libc::AF_UNIX).then_some(UnixPair { inode: own.inode, peer: None }),
    })
}

/// The other end's name, which its descriptor knows even before the connection is accepted.
fn unix_remote(own: &OwnSocket) -> Option<Address> {
    own.remote.clone().filter(|remote| remote.unix().is_some())
}

/// What is known of a socket of the UNIX domain where the kernel has no diagnostics for it.
fn unix_without_diag(own: &OwnSocket) -> Option<(Protocol, SocketState)> {
    let protocol = match own.kind {
        libc::SOCK_STREAM => Protocol::UnixStream,
        libc::SOCK_DGRAM => Protocol::UnixDatagram,
        libc::SOCK_SEQPACKET => Protocol::UnixSeqpacket,
        _ => return None,
    };
    let connected = own.remote.is_some();
    let state = if connected { UnixState::Connected } else { UnixState::Unconnected };
    Some((protocol, SocketState::Unix(state)))
}

fn end_of_fact(fact: &SocketFact, unread: u32) -> End {
    let accept_queue = fact.accept_queue();
    // Without a connection the kernel's counters mean nothing: after a refused connect it
    // shows a send queue of 3 (measured on Linux 6.18).
    let unconnected = matches!(fact.state.tcp(), Some(TcpState::Closed | TcpState::Bound));
    let stream = fact.protocol == Protocol::Tcp && accept_queue.is_none() && !unconnected;
    End {
        cookie: fact.cookie,
        owner: Owner::Other,
        fd: None,
        also: Vec::new(),
        protocol: fact.protocol,
        // A name is not needed in the UNIX domain: one who has none and no peer has no address.
        local: Some(fact.local.clone()).filter(|local| !local.is_empty() || fact.remote.is_some()),
        remote: fact.remote.clone().filter(|_| !unconnected),
        state: fact.state,
        unread: if accept_queue.is_some() { 0 } else { unread },
        unacknowledged: if stream { fact.send_queue } else { 0 },
        accept_queue,
        timer: fact.timer,
        shutdown: fact.shutdown,
        unix: fact.unix.as_ref().and_then(|unix| Some(UnixPair { inode: fact.inode?, peer: unix.peer })),
    }
}

fn owner(fact: &SocketFact, memory: &Memory, listeners: &[End]) -> Owner {
    if let Some(program) = fact.inode.and_then(|inode| memory.programs.get(&inode)) {
        return Owner::Program(program.clone());
    }
    if let Some(label) = memory.labels.get(&fact.cookie) {
        return Owner::Closed(label.clone());
    }
    let listener = listeners.iter().find(|listener| listener.holds(&fact.local));
    match listener {
        Some(listener) if fact.inode.is_none() && fact.remote.is_some() => Owner::Listener(listener.label()),
        _ => Owner::Other,
    }
}

/// Puts the ends without a descriptor into the order in which they were first seen. In the
/// kernel's tables they stand in one that differs from run to run.
pub fn keep_order(before: &[End], after: &mut [End]) {
    let places: HashMap<u64, usize> =
        before.iter().enumerate().map(|(place, end)| (end.cookie, place)).collect();
    let own = after.iter().take_while(|end| end.fd.is_some()).count();
    let place = |end: &End| places.get(&end.cookie).copied().unwrap_or(usize::MAX);
    // It is stable: new ones stay as they come.
    after[own..].sort_by_key(place);
}

/// What changed from one look to the next.
pub fn changes(before: &[End], after: &[End]) -> Vec<Change> {
    let (old, new) = (by_cookie(before), by_cookie(after));
    let mut changes = Vec::new();
    for end in after {
        match old.get(&end.cookie) {
            None => changes.push(Change::Appeared(end.clone())),
            Some(other) if other.essence() != end.essence() => {
                changes.push(Change::Became(Box::new((*other).clone()), Box::new(end.clone())));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|end| !new.contains_key(&end.cookie));
    changes.extend(gone.cloned().map(Change::Vanished));
    changes
}

fn by_cookie(ends: &[End]) -> HashMap<u64, &End> {
    ends.iter().map(|end| (end.cookie, end)).collect()
}

/// The states that a socket must have passed through on its way, though nobody saw it
/// there: on loopback they last for microseconds (RFC 9293, figure 5). Empty when the way
/// is not certain.
pub fn inferred(
    before: Option<TcpState>,
    after: Option<TcpState>,
    other_end: Option<TcpState>,
) -> Vec<TcpState> {
    use TcpState::{
        Bound, CloseWait, Closed, Established, FinWait1, FinWait2, LastAck, SynReceived, SynSent, TimeWait,
    };
    match (before, after) {
        (Some(Closed | Bound), Some(Established | CloseWait)) => vec![SynSent],
        (None, Some(Established | CloseWait)) => vec![SynReceived],
        // To TIME-WAIT there are three ways from FIN-WAIT-1 on; only that one is sure.
        (Some(Established), Some(FinWait2 | TimeWait)) => vec![FinWait1],
        (Some(CloseWait), Some(Closed) | None) if other_end == Some(TimeWait) => vec![LastAck],
        _ => Vec::new(),
    }
}
