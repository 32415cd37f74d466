//! What the session and its worker say to each other, and how it is written on the
//! stream between them: four bytes of length, then postcard.

use super::call::{Call, Done, Return};
use super::close_look::{CloseLook, Subject};
use crate::address::Address;
use crate::kernel::process::Descriptor;
use crate::kernel::sock_diag::SocketFact;
use crate::kernel::thread::ThreadFact;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// Numbers the calls of a session, from 1.
pub type CallId = u64;

/// What a session asks of its worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Make a call, on a thread of its own.
    Make {
        /// Its number.
        id: CallId,
        /// What is called.
        call: Call,
        /// Look before it, and tell that: one message in place of two, and one answer that
        /// is on its way while the call is made.
        look_first: bool,
        /// If it returns at once, look as for [`Request::Look`], without being asked again.
        then_look: Option<Watch>,
    },
    /// Interrupt a call.
    Cancel(CallId),
    /// Look at the kernel once nothing moves any more.
    Look(Watch),
    /// All sockets of the machine (of the worker's network namespace), of TCP, UDP and the
    /// UNIX domain.
    LookAtAll,
    /// Everything of one socket.
    LookClosely(Subject),
    /// Make calls that cannot block, one after another, and tell of all at once.
    MakeAll(Vec<Call>),
    /// The same in a table of descriptors of their own, whose first free one is 3.
    MakeApart(Vec<Call>),
}

/// Which sockets a session wants to see besides its own descriptors'.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Cookies of sockets met before: they keep being followed when they have lost
    /// their descriptor, up to TIME-WAIT and its end.
    pub cookies: Vec<u64>,
    /// Inodes of sockets that belong to programs of the session.
    pub inodes: Vec<u64>,
    /// Whether to wait until two looks agree and every call has returned or blocked.
    pub settle: bool,
}

/// What a worker tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A call has not returned and its thread is asleep in it.
    Blocked(CallId, ThreadFact),
    /// A call is over.
    Done {
        /// Its number.
        id: CallId,
        /// What came of it.
        done: Done,
        /// Whether an [`Event::Looked`] follows without being asked for.
        look_follows: bool,
    },
    /// The answer to [`Request::Look`].
    Looked(Result<Snapshot, String>),
    /// The answer to [`Request::LookAtAll`].
    LookedAtAll(Result<Vec<SocketFact>, String>),
    /// The answer to [`Request::LookClosely`].
    LookedClosely(Result<CloseLook, String>),
    /// The worker cannot work, and why; it ends.
    Failed(String),
    /// The answer to [`Request::MakeAll`] and [`Request::MakeApart`].
    MadeAll(Result<Vec<Return>, String>),
    /// The worker has ended, with what is known of it. Made by the session's side.
    Gone(String),
}

/// What the kernel showed at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// How many descriptors the student may have: the numbers below this one.
    pub descriptor_limit: i32,
    /// All of the student's descriptors.
    pub descriptors: Vec<Descriptor>,
    /// What the sockets among them are; by descriptor.
    pub own: Vec<OwnSocket>,
    /// What sock_diag says of the own sockets, those watched, those not yet accepted
    /// from own listeners, and the other ends of all of them.
    pub sockets: Vec<SocketFact>,
    /// Why only the own sockets are seen, if that is so: the system has no sock_diag.
    pub unseen: Option<String>,
}

/// A socket of the worker, as its descriptor shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSocket {
    /// Its descriptor.
    pub fd: i32,
    /// Its inode.
    pub inode: u64,
    /// Its cookie: the kernel's number for it, the same for its whole life.
    pub cookie: u64,
    /// Its domain: `AF_INET`, as a number.
    pub domain: i32,
    /// Its type: `SOCK_STREAM` and so on, as a number.
    pub kind: i32,
    /// Its protocol: `IPPROTO_TCP` and so on, as a number.
    pub protocol: i32,
    /// Its own address, if getsockname(2) gives one that says something.
    pub local: Option<Address>,
    /// The other end's address, if getpeername(2) gives one. In the UNIX domain sock_diag
    /// does not know it before the connection is accepted.
    pub remote: Option<Address>,
    /// What the next receiving call finds (SIOCINQ): for TCP all unread bytes, for UDP
    /// the size of the first datagram that waits. `None` where the kernel has no answer.
    pub unread: Option<u32>,
}

/// The largest message: a call with the most data, and room for the rest.
const MOST: usize = super::MOST_ROOM + (16 << 20);

/// Writes one message.
///
/// # Errors
/// When the other side is gone.
pub fn write(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    const LENGTH: usize = size_of::<u32>();
    // In one write: each wakes the other side.
    let mut bytes = postcard::to_extend(message, vec![0; LENGTH]).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len() - LENGTH).map_err(io::Error::other)?;
    bytes[..LENGTH].copy_from_slice(&length.to_le_bytes());
    stream.write_all(&bytes)?;
    stream.flush()
}

/// Reads one message; `None` at the end of the stream.
///
/// # Errors
/// When the stream breaks or carries something else.
pub fn read<T: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > MOST {
        return Err(io::Error::other(format!("a message of {length} bytes is longer than any")));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}
