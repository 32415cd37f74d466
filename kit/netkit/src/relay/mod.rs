//! A relay for datagrams: what comes to it goes on to a server, and what the server answers
//! goes back, but for those datagrams that a rule names.
//!
//! - [`rules`]: what becomes of which datagram. No socket is known there.
//! - This file: the sockets, and the thread that carries datagrams from one to the other.
//!
//! The server cannot tell from an address who stands behind a relay. So each sender has a socket
//! of its own towards the server, as behind a router that translates addresses, and answers
//! find their way back. It needs no privileges.

pub mod rules;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use rules::{Action, Refused, Rule, Side, Undelivered};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most senders that are remembered: each needs a descriptor. Beyond them the one who has
/// not sent for the longest time is forgotten, and answers to it are lost.
const MOST_SENDERS: usize = 128;

/// No datagram is longer than its length field can say.
const LARGEST: usize = 65_535;

/// So many datagrams are carried before something else may have the relay.
const AT_ONCE: usize = 256;

/// Which way a datagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    To,
    /// From the server, to whom it answers.
    From,
}

/// A relay that runs until this is dropped.
#[derive(Debug)]
pub struct Relay {
    /// Where it takes datagrams.
    pub address: SocketAddr,
    /// Where they go.
    pub target: SocketAddr,
    carrier: Arc<Mutex<Carrier>>,
    /// When this end is closed, the thread ends.
    _alive: UnixStream,
}

/// A sender, with the socket that the server sees in its place.
#[derive(Debug)]
struct Sender {
    /// Counted from 1, in the order in which they came.
    number: u64,
    address: SocketAddr,
    socket: UdpSocket,
}

/// A datagram on its way, with the number of the sender that it comes from or goes to.
#[derive(Debug, Clone)]
struct Datagram {
    sender: u64,
    bytes: Vec<u8>,
}

/// The sockets, and the rules for what comes to them.
#[derive(Debug)]
struct Carrier {
    front: UdpSocket,
    target: SocketAddr,
    ready: Arc<Epoll>,
    /// The one that sent last stands last.
    senders: VecDeque<Sender>,
    senders_so_far: u64,
    to: Side<Datagram>,
    from: Side<Datagram>,
    buffer: Vec<u8>,
}

impl Relay {
    /// Starts a relay to a server. `on_act` is called, on the relay's thread, when a rule has
    /// come to act.
    ///
    /// # Errors
    /// When a socket or the thread cannot be made.
    pub fn start(target: SocketAddr, on_act: impl Fn() + Send + 'static) -> io::Result<Self> {
        let front = UdpSocket::bind((loopback(target), 0))?;
        front.set_nonblocking(true)?;
        let ready = Arc::new(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?);
        let (alive, ends) = UnixStream::pair()?;
        // Which one is ready is of no interest: all are looked at.
        ready.add(&front, EpollEvent::new(EpollFlags::EPOLLIN, FRONT))?;
        ready.add(&ends, EpollEvent::new(EpollFlags::EPOLLIN, END))?;
        let address = front.local_addr()?;
        let carrier = Arc::new(Mutex::new(Carrier {
            front,
            target,
            ready: Arc::clone(&ready),
            senders: VecDeque::new(),
            senders_so_far: 0,
            to: Side::default(),
            from: Side::default(),
            buffer: vec![0; LARGEST],
        }));
        let shared = Arc::clone(&carrier);
        std::thread::Builder::new().name("relay".into()).spawn(move || {
            // It holds its end of the pair, so that the other can be seen to be closed.
            let _ends = ends;
            carry(&ready, &shared, on_act);
        })?;
        Ok(Self { address, target, carrier, _alive: alive })
    }

    /// Carries all that has come, now. Whether there was anything.
    pub fn carry(&self) -> bool {
        lock(&self.carrier).carry() > 0
    }

    /// Makes a rule for the datagram of this number, of all that come from now on.
    ///
    /// # Errors
    /// It has come, or another rule names it.
    pub fn add(&self, direction: Direction, action: Action, number: u64) -> Result<(), Refused> {
        lock(&self.carrier).side(direction).add(action, number)
    }

    /// Delivers a datagram that is held back.
    ///
    /// # Errors
    /// There is nothing to deliver.
    pub fn deliver(&self, direction: Direction, number: u64) -> Result<(), Undelivered> {
        let mut carrier = lock(&self.carrier);
        let datagram = carrier.side(direction).deliver(number)?;
        carrier.send(direction, &datagram);
        Ok(())
    }

    /// The rules of one direction, as they stand, and how many datagrams have come there.
    pub fn rules(&self, direction: Direction) -> (Vec<Rule>, u64) {
        let mut carrier = lock(&self.carrier);
        let side = carrier.side(direction);
        (side.rules().to_vec(), side.came())
    }

    /// The senders that are remembered: number, own address, and the one that the server sees.
    pub fn senders(&self) -> Vec<(u64, SocketAddr, SocketAddr)> {
        let carrier = lock(&self.carrier);
        let seen = |sender: &Sender| Some((sender.number, sender.address, sender.socket.local_addr().ok()?));
        let mut senders: Vec<_> = carrier.senders.iter().filter_map(seen).collect();
        senders.sort_unstable();
        senders
    }
}

/// What is ready when the relay is to end, and what else may be.
const END: u64 = 0;
const FRONT: u64 = 1;
const BACK: u64 = 2;

/// The thread: waits until something comes, and carries it.
fn carry(ready: &Epoll, carrier: &Mutex<Carrier>, on_act: impl Fn()) {
    let mut events = [EpollEvent::empty(); 8];
    loop {
        let count = match ready.wait(&mut events, EpollTimeout::NONE) {
            Ok(count) => count,
            Err(Errno::EINTR) => continue,
            // Only a mistake in the arguments is left to fail: nothing more can be carried.
            Err(_) => return,
        };
        if events.iter().take(count).any(|event| event.data() == END) {
            return;
        }
        let acted = {
            let mut carrier = lock(carrier);
            let before = carrier.progress();
            carrier.carry();
            carrier.progress() != before
        };
        if acted {
            on_act();
        }
    }
}

impl Carrier {
    fn side(&mut self, direction: Direction) -> &mut Side<Datagram> {
        match direction {
            Direction::To => &mut self.to,
            Direction::From => &mut self.from,
        }
    }

    fn progress(&self) -> Vec<rules::Progress> {
        self.to.rules().iter().chain(self.from.rules()).map(|rule| rule.progress).collect()
    }

    /// Carries what has come, up to a number of datagrams. How many there were.
    fn carry(&mut self) -> usize {
        let mut count = 0;
        while count < AT_ONCE {
            let (length, address) = match self.front.recv_from(&mut self.buffer) {
                Ok(came) => came,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // An error of an earlier send, which is read here; the next one is not it.
                Err(_) => {
                    count += 1;
                    continue;
                }
            };
            count += 1;
            let bytes = self.buffer[..length].to_vec();
            // Without a socket for the sender there is no way to carry it: it is lost, as
            // datagrams may be.
            let Ok(sender) = self.sender(address) else { continue };
            for datagram in self.to.pass(Datagram { sender, bytes }) {
                self.send(Direction::To, &datagram);
            }
        }
        count + self.carry_back()
    }

    fn carry_back(&mut self) -> usize {
        let mut count = 0;
        let mut place = 0;
        while let Some(sender) = self.senders.get(place).filter(|_| count < AT_ONCE) {
            match sender.socket.recv(&mut self.buffer) {
                Ok(length) => {
                    let datagram = Datagram { sender: sender.number, bytes: self.buffer[..length].to_vec() };
                    for datagram in self.from.pass(datagram) {
                        self.send(Direction::From, &datagram);
                    }
                    count += 1;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => place += 1,
                // That the server's port is unreachable: nobody can be told, and a server
                // that is started there is found by the next datagram.
                Err(_) => count += 1,
            }
        }
        count
    }

    /// The number of the sender with this address, who now is the one that sent last.
    fn sender(&mut self, address: SocketAddr) -> io::Result<u64> {
        let known = self.senders.iter().position(|sender| sender.address == address);
        if let Some(sender) = known.and_then(|place| self.senders.remove(place)) {
            let number = sender.number;
            self.senders.push_back(sender);
            return Ok(number);
        }
        if self.senders.len() >= MOST_SENDERS {
            // Its socket is closed, and leaves the set of those that are waited for.
            self.senders.pop_front();
        }
        let own = if self.target.ip().is_loopback() { loopback(self.target) } else { any(self.target) };
        let socket = UdpSocket::bind((own, 0))?;
        // Connected: nobody but the server is heard on it.
        socket.connect(self.target)?;
        socket.set_nonblocking(true)?;
        self.ready.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, BACK))?;
        self.senders_so_far += 1;
        self.senders.push_back(Sender { number: self.senders_so_far, address, socket });
        Ok(self.senders_so_far)
    }

    /// Sends a datagram on. What cannot be sent is lost, as datagrams may be.
    fn send(&self, direction: Direction, datagram: &Datagram) {
        let sender = self.senders.iter().find(|sender| sender.number == datagram.sender);
        let Some(sender) = sender else { return };
        let _ = match direction {
            Direction::To => sender.socket.send(&datagram.bytes),
            Direction::From => self.front.send_to(&datagram.bytes, sender.address),
        };
    }
}

fn loopback(target: SocketAddr) -> IpAddr {
    if target.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() }
}

fn any(target: SocketAddr) -> IpAddr {
    if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() }
}

fn lock(carrier: &Mutex<Carrier>) -> MutexGuard<'_, Carrier> {
    carrier.lock().unwrap_or_else(PoisonError::into_inner)
}
