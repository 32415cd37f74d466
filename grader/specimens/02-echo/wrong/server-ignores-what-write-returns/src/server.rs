//! `echo-server [ADDRESS]`: sends every byte back to where it came from.

use std::ffi::{OsString, c_int, c_short, c_ulong};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};

use labkit::Failure;

pub const USAGE: &str = "echo-server [ADDRESS]";

/// How long, in milliseconds, no client is accepted after accept has failed.
const PAUSE: c_int = 100;

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let listener = TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    Ok(serve(&listener)?)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

/// Waits for whichever socket is ready, and takes one step with each that is.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let mut clients: Vec<Client> = Vec::new();
    let mut accepting = true;
    loop {
        let mut ready: Vec<PollFd> = clients
            .iter()
            .map(|client| PollFd::new(client.stream.as_raw_fd(), client.waits_for()))
            .collect();
        if accepting {
            ready.push(PollFd::new(listener.as_raw_fd(), POLLIN));
        }
        wait(&mut ready, if accepting { -1 } else { PAUSE })?;

        let mut states = ready.iter();
        clients.retain_mut(|client| match states.next() {
            Some(state) if state.is_ready() => client.step().unwrap_or_else(|error| {
                let peer = client.peer;
                labkit::report("echo-server", format_args!("lost {peer}: {error}"));
                false
            }),
            _ => true,
        });
        accepting = accept(listener, &mut clients);
    }
}

/// Accepts one client if there is one; false when accept has failed and would fail again at once.
fn accept(listener: &TcpListener, clients: &mut Vec<Client>) -> bool {
    match listener
        .accept()
        .and_then(|(stream, peer)| Client::new(stream, peer))
    {
        Ok(client) => clients.push(client),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => {
            labkit::report("echo-server", format_args!("cannot accept: {error}"));
            return false;
        }
    }
    true
}

struct Client {
    stream: TcpStream,
    peer: SocketAddr,
    buffer: Vec<u8>,
}

impl Client {
    fn new(stream: TcpStream, peer: SocketAddr) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            peer,
            buffer: vec![0; 64 * 1024],
        })
    }

    fn waits_for(&self) -> c_short {
        POLLIN
    }

    /// One step; false when the client has ended its side and everything has been sent.
    fn step(&mut self) -> io::Result<bool> {
        match self.stream.read(&mut self.buffer) {
            Ok(0) => return Ok(false),
            Ok(n) => {
                // Wrong: it may have taken fewer than n bytes, or none.
                let _ = later(self.stream.write(&self.buffer[..n]))?;
            }
            other => {
                later(other)?;
            }
        }
        Ok(true)
    }
}

/// The system call poll(2), which the standard library does not offer.
#[repr(C)]
pub struct PollFd {
    fd: RawFd,
    events: c_short,
    revents: c_short,
}

pub const POLLIN: c_short = 1;

impl PollFd {
    pub fn new(fd: RawFd, events: c_short) -> Self {
        Self {
            fd,
            events,
            revents: 0,
        }
    }

    /// Ready, or ended, or in error: the next call on it does not block and tells which.
    pub fn is_ready(&self) -> bool {
        self.revents != 0
    }
}

unsafe extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
}

/// Waits until one of `fds` is ready, a signal comes, or `timeout` milliseconds are over (-1: never).
pub fn wait(fds: &mut [PollFd], timeout: c_int) -> io::Result<()> {
    // SAFETY: `fds` is an array of that many `struct pollfd`, and outlives the call.
    if unsafe { poll(fds.as_mut_ptr(), fds.len() as c_ulong, timeout) } >= 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        error => Err(error),
    }
}

/// How many bytes went through: 0 when there is nothing to do at the moment.
pub fn later(result: io::Result<usize>) -> io::Result<usize> {
    use io::ErrorKind::{Interrupted, WouldBlock};
    match result {
        Err(error) if matches!(error.kind(), WouldBlock | Interrupted) => Ok(0),
        other => other,
    }
}
