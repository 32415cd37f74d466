//! What sock_diag's bytes mean: a [`SocketFact`].

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use serde::{Deserialize, Serialize};

use super::unix::UnixFact;
use super::wire::{self, SocketView};
use crate::address::Address;
use crate::kernel::state::TcpState;

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP: a stream between two ends.
    Tcp,
    /// UDP: datagrams.
    Udp,
    /// The UNIX domain, `SOCK_STREAM`: a stream within this machine.
    #[serde(rename = "unix-stream")]
    UnixStream,
    /// The UNIX domain, `SOCK_DGRAM`: datagrams that are neither lost nor reordered.
    #[serde(rename = "unix-dgram")]
    UnixDatagram,
    /// The UNIX domain, `SOCK_SEQPACKET`: a connection that carries whole messages.
    #[serde(rename = "unix-seqpacket")]
    UnixSeqpacket,
}

impl Protocol {
    /// The number in the IP header (IANA; `IPPROTO_*`).
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            // The UNIX domain has one protocol, 0.
            Self::UnixStream | Self::UnixDatagram | Self::UnixSeqpacket => 0,
        }
    }
}

impl Protocol {
    /// Whether it is of the UNIX domain.
    pub fn is_unix(self) -> bool {
        matches!(self, Self::UnixStream | Self::UnixDatagram | Self::UnixSeqpacket)
    }

    /// Whether a socket of it carries single datagrams, without a connection that both
    /// ends have made.
    pub fn is_datagram(self) -> bool {
        matches!(self, Self::Udp | Self::UnixDatagram)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::UnixStream => "UNIX stream",
            Self::UnixDatagram => "UNIX datagram",
            Self::UnixSeqpacket => "UNIX seqpacket",
        })
    }
}

/// The address family a socket was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    /// `AF_INET`.
    #[serde(rename = "IPv4")]
    V4,
    /// `AF_INET6`. Such a socket may talk IPv4 as well; its addresses are then
    /// written like `[::ffff:127.0.0.1]:80`.
    #[serde(rename = "IPv6")]
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: SocketAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// `AF_INET` or `AF_INET6`. Netlink has a single byte for it.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::V4 => libc::AF_INET as u8,
            Self::V6 => libc::AF_INET6 as u8,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// The state of a socket, as far as its protocol has states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SocketState {
    /// A TCP socket is in one of TCP's states.
    Tcp(TcpState),
    /// UDP has no states; a socket has a fixed peer or none.
    Udp(UdpState),
    /// The UNIX domain has three.
    Unix(UnixState),
}

/// What was done with a socket of the UNIX domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnixState {
    /// It has no other end.
    Unconnected,
    /// It has another end.
    Connected,
    /// It waits for connections.
    Listening,
}

/// Whether `connect` was called on a UDP socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UdpState {
    /// Takes datagrams from anyone.
    Unconnected,
    /// Takes datagrams from its peer only.
    Connected,
}

impl SocketState {
    /// Whether connections can come to it.
    pub fn listens(self) -> bool {
        matches!(self, Self::Tcp(TcpState::Listen) | Self::Unix(UnixState::Listening))
    }

    /// The TCP state, if this is one.
    pub fn tcp(self) -> Option<TcpState> {
        match self {
            Self::Tcp(state) => Some(state),
            Self::Udp(_) | Self::Unix(_) => None,
        }
    }

    /// `ESTABLISHED`, ... as in [`TcpState::name`]; `unconnected`, `connected` or `listening`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp(state) => state.name(),
            Self::Udp(UdpState::Unconnected) | Self::Unix(UnixState::Unconnected) => "unconnected",
            Self::Udp(UdpState::Connected) | Self::Unix(UnixState::Connected) => "connected",
            Self::Unix(UnixState::Listening) => "listening",
        }
    }
}

impl fmt::Display for SocketState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the kernel knows about one socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketFact {
    /// TCP, UDP, or a type of the UNIX domain.
    pub protocol: Protocol,
    /// The socket's own address.
    pub local: Address,
    /// The other end; `None` when there is none.
    pub remote: Option<Address>,
    /// Its state.
    pub state: SocketState,
    /// TCP: bytes that arrived and were not read; a FIN counts as one. UDP: bytes
    /// of *memory* that waiting datagrams take, which is more than they hold. UNIX domain:
    /// bytes that were not read, of datagrams those of the first.
    /// On a listener: connections that wait for `accept`; see
    /// [`accept_queue`](Self::accept_queue).
    pub receive_queue: u32,
    /// TCP: bytes written that the other end has not acknowledged; a SYN or FIN
    /// counts as one. UDP: bytes of memory not yet sent. UNIX domain: bytes of memory that
    /// the other end has not read. On a listener: the
    /// limit of its accept queue.
    pub send_queue: u32,
    /// The inode, as in `socket:[INODE]` of `/proc/PID/fd`. `None` when no
    /// descriptor belongs to the socket: before `accept`, after `close`, in
    /// TIME-WAIT and SYN-RECEIVED.
    pub inode: Option<u64>,
    /// The kernel's number for the socket (`SO_COOKIE`), never used twice.
    pub cookie: u64,
    /// The user who made the socket; 0 when no descriptor belongs to it.
    pub uid: u32,
    /// The timer that runs on the connection, if one does.
    pub timer: Option<Timer>,
    /// Which directions are shut down; `None` when the kernel does not tell,
    /// as for TIME-WAIT and SYN-RECEIVED.
    pub shutdown: Option<ShutdownHalves>,
    /// What only a socket of the UNIX domain has.
    pub unix: Option<Box<UnixFact>>,
}

/// A TCP timer. (`idiag_timer`, `idiag_expires`, `idiag_retrans`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// What it is for.
    pub kind: TimerKind,
    /// Milliseconds until it fires.
    pub expires_ms: u32,
    /// How often it has fired without an answer since the last one.
    pub retransmits: u8,
}

/// What a TCP timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimerKind {
    /// Send again what was not acknowledged.
    Retransmit,
    /// Ask an idle peer whether it still lives.
    Keepalive,
    /// The end of TIME-WAIT, or of FIN-WAIT-2 after `close`.
    TimeWait,
    /// Ask a peer whose window is closed whether it opened.
    ZeroWindowProbe,
    /// A number that is newer than this program.
    Unknown(u8),
}

/// Which directions of a socket are shut down (shutdown(2), or a FIN).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShutdownHalves {
    /// Nothing more will arrive: the other end's FIN came, or `SHUT_RD`.
    pub read: bool,
    /// Nothing more may be written: `SHUT_WR`.
    pub write: bool,
}

/// A listener's queue of connections that wait for `accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptQueue {
    /// Connections in it.
    pub waiting: u32,
    /// The smaller of listen's argument and `net.core.somaxconn`.
    pub limit: u32,
}

impl AcceptQueue {
    /// Whether further handshakes are held up. The kernel compares with `>`
    /// (`sk_acceptq_is_full`), so `limit + 1` connections fit.
    pub fn is_full(self) -> bool {
        self.waiting > self.limit
    }
}

impl SocketFact {
    /// The accept queue, if this is a listener.
    pub fn accept_queue(&self) -> Option<AcceptQueue> {
        self.state.listens().then_some(AcceptQueue { waiting: self.receive_queue, limit: self.send_queue })
    }

    /// Whether this is the end of a connection that sits at `local`, its other
    /// end being `remote`. `[::ffff:127.0.0.1]:80` is the same as `127.0.0.1:80`.
    pub fn is_end(&self, local: &Address, remote: &Address) -> bool {
        self.remote.as_ref().is_some_and(|own| self.local.is_same_place(local) && own.is_same_place(remote))
    }

    /// Whether the two are the two ends of one connection.
    pub fn is_other_end_of(&self, other: &Self) -> bool {
        if let (Some(this), Some(that)) = (&self.unix, &other.unix) {
            return self.inode.is_some() && this.peer == other.inode && that.peer == self.inode;
        }
        self.protocol == other.protocol
            && other.remote.as_ref().is_some_and(|remote| self.is_end(remote, &other.local))
    }

    /// The meaning of a message, or what is wrong with it.
    pub(super) fn read(view: &SocketView<'_>, protocol: Protocol) -> Result<Self, String> {
        let address = |bytes: [u8; 16], port| address(view.family, bytes, port, view.interface);
        let local = address(view.source, view.source_port)?;
        let remote = address(view.destination, view.destination_port)?;
        let state = TcpState::from_kernel(view.state)
            .ok_or_else(|| format!("its state {} is not known", view.state))?;
        let [low, high] = view.cookie;
        Ok(Self {
            protocol,
            local,
            // A listener that once tried to connect keeps the IP address of that, and no port.
            remote: Some(remote).filter(|remote| !remote.is_empty() && remote.port() != Some(0)),
            state: match (protocol, state) {
                // Bit 13 asks for sockets that are bound and nothing else, but the
                // kernel (6.18) reports them as 7. Its tables hold no CLOSED socket
                // except for the port that it owns.
                (Protocol::Tcp, TcpState::Closed) => SocketState::Tcp(TcpState::Bound),
                (Protocol::Tcp, state) => SocketState::Tcp(state),
                // The kernel borrows TCP's numbers for a connected UDP socket
                // (1) and for any other (7).
                (Protocol::Udp, TcpState::Established) => SocketState::Udp(UdpState::Connected),
                (Protocol::Udp, _) => SocketState::Udp(UdpState::Unconnected),
                _ => return Err("it is not of the UNIX domain".into()),
            },
            receive_queue: view.receive_queue,
            send_queue: view.send_queue,
            inode: (view.inode != 0).then_some(u64::from(view.inode)),
            cookie: u64::from(high) << 32 | u64::from(low),
            uid: view.uid,
            timer: timer(view),
            shutdown: shutdown(view),
            unix: None,
        })
    }
}

fn address(family: u8, bytes: [u8; 16], port: u16, interface: u32) -> Result<Address, String> {
    if family == Family::V4.number() {
        let [a, b, c, d, ..] = bytes;
        Ok(SocketAddr::from((Ipv4Addr::new(a, b, c, d), port)).into())
    } else if family == Family::V6.number() {
        let ip = Ipv6Addr::from(bytes);
        // Only a link-local address needs an interface to be complete.
        let scope = if ip.is_unicast_link_local() { interface } else { 0 };
        Ok(SocketAddr::from(SocketAddrV6::new(ip, port, 0, scope)).into())
    } else {
        Err(format!("its address family {family} is not known"))
    }
}

fn timer(view: &SocketView<'_>) -> Option<Timer> {
    let kind = match view.timer {
        0 => return None,
        1 => TimerKind::Retransmit,
        2 => TimerKind::Keepalive,
        3 => TimerKind::TimeWait,
        4 => TimerKind::ZeroWindowProbe,
        number => TimerKind::Unknown(number),
    };
    Some(Timer {
        kind,
        // Kernels before 5.0 let a timer that is just due go below zero.
        expires_ms: if view.expires > i32::MAX as u32 { 0 } else { view.expires },
        retransmits: view.retransmits,
    })
}

fn shutdown(view: &SocketView<'_>) -> Option<ShutdownHalves> {
    let bits = view.attribute(wire::SHUTDOWN)?.first()?;
    // RCV_SHUTDOWN and SEND_SHUTDOWN of include/net/sock.h.
    Some(ShutdownHalves { read: bits & 1 != 0, write: bits & 2 != 0 })
}
