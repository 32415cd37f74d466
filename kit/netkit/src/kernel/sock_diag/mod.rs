//! Asking the kernel about sockets, through netlink's sock_diag(7).
//!
//! `wire` knows the bytes, `fact` their meaning, and `answer` puts the messages
//! of an answer together; here is the conversation itself.
//!
//! sock_diag and not `/proc/net/tcp`, because it answers for one socket in
//! microseconds, and alone tells a listener's queue, the halves that are shut
//! down, the cookie, and sockets that are bound and nothing else.

mod answer;
mod fact;
mod unix;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, connect, recv, send, socket,
};

use self::answer::Answer;
use self::wire::Subject;
use super::memory::Memory;
use super::state::TcpState;
use super::tcp_info::TcpInfo;

pub use self::fact::{
    AcceptQueue, Family, Protocol, ShutdownHalves, SocketFact, SocketState, Timer, TimerKind, UdpState,
    UnixState,
};
pub use self::unix::{FileId, UnixFact};

/// The largest datagram that the kernel builds for a dump is 32 KiB
/// (`netlink_recvmsg` in `net/netlink/af_netlink.c`).
const LARGEST_DATAGRAM: usize = 32 * 1024;

/// How often an inconsistent dump is asked for again. See [`SockDiag::dump_family`].
const ATTEMPTS: usize = 10;

/// One socket, with what would be too much to ask of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseUp {
    /// What is known of every socket.
    pub fact: SocketFact,
    /// What TCP has measured and counted; `None` for UDP and in TIME-WAIT.
    pub info: Option<TcpInfo>,
    /// The memory of its buffers.
    pub memory: Option<Memory>,
}

/// An open conversation with the kernel about the sockets of the network
/// namespace in which it was opened.
#[derive(Debug)]
pub struct SockDiag {
    socket: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
    /// Whether something of an answer may still be there.
    unfinished: bool,
    /// Whether each family is asked for apart: the kernel does not list both at once.
    by_family: bool,
}

impl SockDiag {
    /// Opens a conversation. Its descriptor is closed on exec.
    ///
    /// # Errors
    /// Those of socket(2) and connect(2) for `NETLINK_SOCK_DIAG`, which a kernel
    /// without `CONFIG_INET_DIAG` or a sandbox may refuse.
    pub fn open() -> io::Result<Self> {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkSockDiag,
        )
        .map_err(|errno| failed("open a sock_diag socket", errno))?;
        Self::over(socket)
    }

    /// Like [`open`](Self::open), with a descriptor number of at least `lowest`,
    /// out of the way of a student who counts descriptors. For a moment the
    /// lowest free number is taken: do this before anyone looks.
    ///
    /// # Errors
    /// As [`open`](Self::open); also when `lowest` is over the limit of open files.
    pub fn open_at_or_above(lowest: RawFd) -> io::Result<Self> {
        let mut opened = Self::open()?;
        let moved = fcntl(&opened.socket, FcntlArg::F_DUPFD_CLOEXEC(lowest))
            .map_err(|errno| failed(&format!("move a descriptor to {lowest} or above"), errno))?;
        // SAFETY: the kernel has just made this descriptor, and nobody else has it.
        opened.socket = unsafe { OwnedFd::from_raw_fd(moved) };
        Ok(opened)
    }

    /// A conversation over a socket of the family netlink, protocol
    /// `NETLINK_SOCK_DIAG`, that someone else opened, perhaps in another
    /// network namespace.
    ///
    /// # Errors
    /// Those of connect(2): the socket is of another kind.
    pub fn over(socket: OwnedFd) -> io::Result<Self> {
        // Connected to the kernel (port 0): nobody else can then put messages
        // into our queue (netlink_getsockbyportid in af_netlink.c).
        connect(socket.as_raw_fd(), &NetlinkAddr::new(0, 0))
            .map_err(|errno| failed("connect a sock_diag socket to the kernel", errno))?;
        Ok(Self {
            socket,
            sequence: 0,
            buffer: vec![0; LARGEST_DATAGRAM],
            unfinished: true,
            by_family: false,
        })
    }

    /// Every socket of a protocol; of TCP and UDP those of IPv4 first.
    ///
    /// # Errors
    /// As [`dump_family`](Self::dump_family).
    pub fn dump(&mut self, protocol: Protocol) -> io::Result<Vec<SocketFact>> {
        if protocol.is_unix() {
            let mut facts = self.dump_unix()?;
            facts.retain(|fact| fact.protocol == protocol);
            return Ok(facts);
        }
        // The kernel walks through its whole table for each dump, and nearly all of the time
        // goes into that (Linux 6.18, with 20,000 sockets): one walk is half of two.
        if protocol == Protocol::Tcp && !self.by_family {
            match self.dump_both() {
                Ok(facts) => return Ok(facts),
                // One that knows only the newer request says so each time.
                Err(_) => self.by_family = true,
            }
        }
        let mut facts = self.dump_family(protocol, Family::V4)?;
        facts.extend(self.dump_family(protocol, Family::V6)?);
        Ok(facts)
    }

    /// Every TCP socket, by one request for both families (`inet_diag_rcv_msg_compat` in
    /// net/ipv4/inet_diag.c).
    fn dump_both(&mut self) -> io::Result<Vec<SocketFact>> {
        let mut facts = self.consistent("list the TCP sockets", |diag| {
            diag.converse(Answer::new(Protocol::Tcp, 0, true), wire::all_tcp)
        })?;
        facts.sort_by_key(|fact| fact.local.inet().is_some_and(|local| local.is_ipv6()));
        Ok(facts)
    }

    /// Every socket of a protocol and an address family, in the kernel's order.
    ///
    /// The table lives on while it is read: a socket that changes its state in
    /// the meantime may be missing or come twice. When the kernel itself says
    /// that an answer is not consistent (`NLM_F_DUMP_INTR`), the question is put
    /// again, at most ten times, as the kernel's documentation asks
    /// (Documentation/userspace-api/netlink/intro.rst, "Dump consistency").
    ///
    /// # Errors
    /// The kernel refused, its answer made no sense, or it stayed inconsistent.
    pub fn dump_family(&mut self, protocol: Protocol, family: Family) -> io::Result<Vec<SocketFact>> {
        self.consistent(&format!("list the {protocol} sockets of {family}"), |diag| {
            diag.ask(protocol, family, Subject::All)
        })
    }

    /// Asks until the answer is consistent.
    fn consistent(
        &mut self,
        what: &str,
        ask: impl Fn(&mut Self) -> io::Result<Answer>,
    ) -> io::Result<Vec<SocketFact>> {
        for _ in 0..ATTEMPTS {
            let answer = ask(self).map_err(|error| about(what, &error))?;
            if !answer.interrupted {
                return Ok(answer.facts);
            }
        }
        Err(io::Error::other(format!(
            "{what}: the table changed during each of {ATTEMPTS} attempts; try again when the machine is less busy"
        )))
    }

    /// The socket at `local` whose other end is `remote`; `None` if there is none.
    ///
    /// # Errors
    /// The addresses are of different families, the kernel refused, or its answer
    /// made no sense. A kernel without diagnostics for the protocol cannot be
    /// told from one without the socket.
    pub fn exact(
        &mut self,
        protocol: Protocol,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<Option<SocketFact>> {
        Ok(self.close_up(protocol, local, remote)?.map(|found| found.fact))
    }

    /// The same, with what only one socket is asked for.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn close_up(
        &mut self,
        protocol: Protocol,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<Option<CloseUp>> {
        // For a four-tuple that is gone the kernel returns whatever socket would
        // take its segments now, that is, the listener.
        let found = self.look_up(protocol, local, remote)?;
        Ok(found.filter(|found| found.fact.is_end(&local.into(), &remote.into())))
    }

    /// The socket that takes what a stranger sends to `local`: the TCP listener
    /// there, or the unconnected UDP socket. It may be bound to a wildcard
    /// address, even to `[::]` for an IPv4 address: its own address says so.
    /// `None` if nothing is ready there.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn receiver(&mut self, protocol: Protocol, local: SocketAddr) -> io::Result<Option<SocketFact>> {
        let stranger = match local {
            SocketAddr::V4(_) => SocketAddr::from(([0u8; 4], 0)),
            SocketAddr::V6(_) => SocketAddr::from(([0u8; 16], 0)),
        };
        // As above, what comes back is what the kernel makes of the question: that it
        // is ready must be seen.
        let found = self.look_up(protocol, local, stranger)?.map(|found| found.fact);
        Ok(found.filter(|fact| {
            matches!(fact.state, SocketState::Tcp(TcpState::Listen) | SocketState::Udp(UdpState::Unconnected))
        }))
    }

    /// What the kernel finds for a four-tuple, be it the one that was meant or not.
    fn look_up(
        &mut self,
        protocol: Protocol,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<Option<CloseUp>> {
        let what = format!("look up the {protocol} socket at {local} connected to {remote}");
        let family = Family::of(local);
        if family != Family::of(remote) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{what}: one address is IPv4 and the other IPv6; give two of a kind"),
            ));
        }
        // tcp_diag reads "source" as the socket's own side; udp_diag looks from
        // the side of an arriving packet (udp_dump_one in net/ipv4/udp_diag.c:
        // "src and dst are swapped for historical reasons").
        let (source, destination) = match protocol {
            Protocol::Udp => (remote, local),
            _ => (local, remote),
        };
        match self.ask(protocol, family, Subject::One { source, destination }) {
            Ok(Answer { facts, info, memory, .. }) => {
                Ok(facts.into_iter().next().map(|fact| CloseUp { fact, info, memory }))
            }
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(about(&what, &error)),
        }
    }

    /// One question and its whole answer.
    fn ask(&mut self, protocol: Protocol, family: Family, subject: Subject) -> io::Result<Answer> {
        let answer = Answer::new(protocol, 0, matches!(subject, Subject::All));
        self.converse(answer, |sequence| wire::request(family.number(), protocol.number(), subject, sequence))
    }

    /// Sends a request and receives its whole answer.
    fn converse(&mut self, mut answer: Answer, request: impl Fn(u32) -> Vec<u8>) -> io::Result<Answer> {
        // What is left of an answer that made no sense, or of a conversation that
        // someone else had, would be in the way: the kernel refuses a second dump
        // beside the first (EBUSY).
        while self.unfinished && self.receive().is_ok() {}

        self.unfinished = true;
        self.sequence = self.sequence.wrapping_add(1);
        answer.sequence = self.sequence;
        let request = request(self.sequence);
        uninterrupted(|| send(self.socket.as_raw_fd(), &request, MsgFlags::empty()))?;

        while !answer.complete {
            answer.add(self.receive()?)?;
        }
        self.unfinished = false;
        Ok(answer)
    }

    /// The next datagram of an answer.
    fn receive(&mut self) -> io::Result<&[u8]> {
        // The kernel answers within send, and continues a dump within recv: if
        // nothing is there then nothing will come, and waiting for it would be for
        // ever. MSG_TRUNC: recv returns the true length.
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        let length = uninterrupted(|| recv(self.socket.as_raw_fd(), &mut self.buffer, flags))?;
        self.buffer
            .get(..length)
            .ok_or_else(|| answer::malformed(&format!("a datagram of {length} bytes, too long for netlink")))
    }
}

impl AsFd for SockDiag {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The socket, to be moved or given away; [`SockDiag::over`] takes it back.
impl From<SockDiag> for OwnedFd {
    fn from(diag: SockDiag) -> Self {
        diag.socket
    }
}

/// Repeats a call that a signal interrupted before it did anything.
fn uninterrupted(mut call: impl FnMut() -> nix::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            other => return other.map_err(io::Error::from),
        }
    }
}

fn failed(tried: &str, errno: Errno) -> io::Error {
    about(tried, &errno.into())
}

/// The same error with what was tried in front.
fn about(tried: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{tried}: {error}"))
}
