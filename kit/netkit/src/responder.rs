//! A UDP server that answers by rule, at once: what a program under test talks to when nobody can
//! type the answer before the program's patience ends.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// No datagram is longer than its length field can say.
const LARGEST: usize = 65_535;

/// So much of what it was asked is remembered.
const MOST_ASKED: usize = 1000;

/// A responder that runs until this is dropped.
#[derive(Debug)]
pub struct Responder {
    /// Where it takes datagrams.
    pub address: SocketAddr,
    socket: Arc<UdpSocket>,
    script: Arc<Mutex<Script>>,
    /// When this end is closed, the thread ends.
    _alive: UnixStream,
}

/// An answer to one request.
#[derive(Debug)]
struct Rule {
    request: Vec<u8>,
    reply: Vec<u8>,
    /// The socket that it is sent from.
    from: Arc<UdpSocket>,
}

/// What it is to answer, and what it was asked.
#[derive(Debug, Default)]
struct Script {
    rules: Vec<Rule>,
    asked: Vec<Vec<u8>>,
}

/// What a responder was asked so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What it has answers to, in the order in which it was asked. A request that was sent again is
    /// there once: how often a program repeats itself depends on who is faster. What came behind one
    /// that it has no answer to is left out.
    pub answered: Vec<Vec<u8>>,
    /// The first request that it has no answer to.
    pub unanswered: Option<Vec<u8>>,
    /// The requests that it has answers to and was not asked.
    pub missing: Vec<Vec<u8>>,
}

impl Responder {
    /// Starts one on a free port of 127.0.0.1. `on_asked` is called, on its thread, after each
    /// request.
    ///
    /// # Errors
    /// When a socket or the thread cannot be made.
    pub fn start(on_asked: impl Fn() + Send + 'static) -> io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let (alive, ends) = UnixStream::pair()?;
        let script = Arc::new(Mutex::new(Script::default()));
        let (own, shared) = (Arc::clone(&socket), Arc::clone(&script));
        std::thread::Builder::new().name("responder".into()).spawn(move || {
            while is_ready(&own, &ends) {
                answer(&own, &shared);
                on_asked();
            }
        })?;
        Ok(Self { address, socket, script, _alive: alive })
    }

    /// From now on this request is answered so, by `from` if that is another one. Several answers to
    /// one request are sent one after the other, each time that it comes.
    pub fn add(&self, request: Vec<u8>, reply: Vec<u8>, from: Option<&Self>) {
        let from = Arc::clone(&from.unwrap_or(self).socket);
        lock(&self.script).rules.push(Rule { request, reply, from });
    }

    /// Answers all that has come, now. Whether there was anything.
    pub fn answer(&self) -> bool {
        answer(&self.socket, &self.script)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Asked {
        lock(&self.script).asked()
    }
}

impl Script {
    fn has(&self, request: &[u8]) -> bool {
        self.rules.iter().any(|rule| rule.request == request)
    }

    fn asked(&self) -> Asked {
        let mut told = Asked::default();
        for request in &self.asked {
            if !self.has(request) {
                told.unanswered = Some(request.clone());
                break;
            } else if told.answered.last() != Some(request) {
                told.answered.push(request.clone());
            }
        }
        for rule in &self.rules {
            let known = told.answered.iter().chain(&told.missing).any(|request| *request == rule.request);
            if !known {
                told.missing.push(rule.request.clone());
            }
        }
        told
    }
}

/// Waits until a datagram has come; `false` when it is to end.
fn is_ready(socket: &UdpSocket, ends: &UnixStream) -> bool {
    loop {
        let events = PollFlags::POLLIN;
        let mut fds = [PollFd::new(socket.as_fd(), events), PollFd::new(ends.as_fd(), events)];
        match poll(&mut fds, PollTimeout::NONE) {
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return false,
            Ok(_) => return fds[1].revents().is_some_and(|ends| ends.is_empty()),
        }
    }
}

/// Answers all that has come. Whether there was anything.
fn answer(socket: &UdpSocket, script: &Mutex<Script>) -> bool {
    let mut came = false;
    let mut buffer = vec![0; LARGEST];
    // Held all the time: what comes first is to be noted first, whichever thread receives it.
    let mut script = lock(script);
    loop {
        let (length, who) = match socket.recv_from(&mut buffer) {
            Ok(came) => came,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return came,
            // An error of an earlier send, which is read here; the next one is not it.
            Err(_) => continue,
        };
        came = true;
        let request = &buffer[..length];
        if script.asked.len() < MOST_ASKED {
            script.asked.push(request.to_vec());
        }
        for rule in script.rules.iter().filter(|rule| rule.request == request) {
            // What cannot be sent is lost, as datagrams may be.
            let _ = rule.from.send_to(&rule.reply, who);
        }
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}
