//! Sockets of the UNIX domain in sock_diag: other bytes than those of IP, the same [`SocketFact`].
//!
//! Layouts: `struct unix_diag_req`, `struct unix_diag_msg` and `UNIX_DIAG_*` in
//! `linux/unix_diag.h`.
//!
//! The server's end of a connection that nobody has accepted yet is in no answer: unix_diag
//! leaves out sockets without an inode (`sk_diag_dump` in `net/unix/diag.c`). What is known
//! of it is in its listener's answer: the inodes of the clients that wait.

use std::io;

use serde::{Deserialize, Serialize};

use super::SockDiag;
use super::answer::{Answer, malformed};
use super::fact::{Protocol, ShutdownHalves, SocketFact, SocketState, UnixState};
use super::wire::{self, Reader};
use crate::address::sockaddr;

const NAME: u16 = 0;
const FILE: u16 = 1;
const PEER: u16 = 2;
const WAITING: u16 = 3;
const QUEUES: u16 = 4;
const SHUTDOWN: u16 = 6;
const UID: u16 = 7;

/// `UDIAG_SHOW_*`: name, file, peer, waiting connections, queues, user.
const SHOW: u32 = 1 | 2 | 4 | 8 | 0x10 | 0x40;

/// What only a socket of the UNIX domain has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnixFact {
    /// The inode of the socket that it is connected to; 0 while that one has no descriptor,
    /// for it was not accepted yet or is closed.
    pub peer: Option<u64>,
    /// Of a listener: the inodes of the clients whose connections wait for accept.
    pub waiting: Vec<u64>,
    /// The file that it is bound to.
    pub file: Option<FileId>,
}

/// What tells a file from every other: paths can be written in many ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileId {
    /// The inode of the file, which is not the socket's.
    pub inode: u64,
    /// The major number of the device that the file is on, and the minor one.
    pub device: (u32, u32),
}

impl SockDiag {
    /// Every socket of the UNIX domain; none where the kernel has no diagnostics for them.
    ///
    /// # Errors
    /// The kernel refused, or its answer made no sense.
    pub fn dump_unix(&mut self) -> io::Result<Vec<SocketFact>> {
        let dump = |sequence| request(sequence);
        match self.converse(Answer::new(Protocol::UnixStream, 0, true), dump) {
            Ok(answer) => Ok(named(answer.facts)),
            // __sock_diag_cmd in net/core/sock_diag.c, without the module unix_diag.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(Vec::new()),
            Err(error) => Err(super::about("list the UNIX sockets", &error)),
        }
    }
}

/// The other ends by their names, which the kernel gives as inodes.
fn named(mut facts: Vec<SocketFact>) -> Vec<SocketFact> {
    let names: std::collections::HashMap<u64, _> =
        facts.iter().filter_map(|fact| Some((fact.inode?, fact.local.clone()))).collect();
    for fact in &mut facts {
        fact.remote =
            fact.unix.as_ref().and_then(|unix| unix.peer).and_then(|peer| names.get(&peer)).cloned();
    }
    facts
}

fn request(sequence: u32) -> Vec<u8> {
    let mut body = vec![libc::AF_UNIX as u8, 0, 0, 0];
    body.extend(u32::MAX.to_ne_bytes()); // whatever their state
    body.extend(0u32.to_ne_bytes()); // whatever their inode
    body.extend(SHOW.to_ne_bytes());
    body.extend([0xff; 8]); // whatever their cookie
    wire::dump(&body, sequence)
}

/// The meaning of a message, or what is wrong with it.
pub(super) fn read(body: &[u8]) -> io::Result<SocketFact> {
    let view = view(body).ok_or_else(|| malformed("a UNIX socket's description that is cut off"))?;
    let odd = |what: &str, number: u8| malformed(&format!("a UNIX socket of the unknown {what} {number}"));
    let protocol = match i32::from(view.kind) {
        libc::SOCK_STREAM => Protocol::UnixStream,
        libc::SOCK_DGRAM => Protocol::UnixDatagram,
        libc::SOCK_SEQPACKET => Protocol::UnixSeqpacket,
        _ => return Err(odd("type", view.kind)),
    };
    let attribute = |wanted| wire::attribute(view.attributes, wanted);
    let number = |wanted| Reader(attribute(wanted)?).u32();
    let peer = number(PEER).map(u64::from);
    // The kernel borrows the numbers of TCP's states.
    let state = match view.state {
        // It also marks a datagram socket that somebody else has connected to
        // (unix_dgram_connect in net/unix/af_unix.c), though that one has no peer.
        1 if protocol == Protocol::UnixDatagram && peer.is_none() => UnixState::Unconnected,
        1 => UnixState::Connected,
        // TCP_CLOSE; 2 is TCP_SYN_SENT, of a connect that waits.
        2 | 7 => UnixState::Unconnected,
        10 => UnixState::Listening,
        number => return Err(odd("state", number)),
    };
    let pair = |wanted| {
        let mut reader = Reader(attribute(wanted)?);
        Some((reader.u32()?, reader.u32()?))
    };
    let (receive_queue, send_queue) = pair(QUEUES).unwrap_or_default();
    let mut waiting = Vec::new();
    let mut inodes = Reader(attribute(WAITING).unwrap_or_default());
    while let Some(inode) = inodes.u32() {
        waiting.push(u64::from(inode));
    }
    // The kernel's own form of a device's number: MINORBITS in linux/kdev_t.h is 20.
    let file = pair(FILE)
        .map(|(inode, device)| FileId { inode: u64::from(inode), device: (device >> 20, device & 0xf_ffff) });
    let unix = UnixFact { peer, waiting, file };
    Ok(SocketFact {
        protocol,
        local: sockaddr::unix_name(attribute(NAME).unwrap_or_default()).into(),
        remote: None,
        state: SocketState::Unix(state),
        receive_queue,
        send_queue,
        inode: (view.inode != 0).then_some(u64::from(view.inode)),
        cookie: u64::from(view.cookie.1) << 32 | u64::from(view.cookie.0),
        uid: number(UID).unwrap_or(0),
        timer: None,
        shutdown: attribute(SHUTDOWN)
            .and_then(|bits| bits.first())
            .map(|bits| ShutdownHalves { read: bits & 1 != 0, write: bits & 2 != 0 }),
        unix: Some(Box::new(unix)),
    })
}

/// `struct unix_diag_msg`, and the attributes after it.
struct View<'a> {
    kind: u8,
    state: u8,
    inode: u32,
    cookie: (u32, u32),
    attributes: &'a [u8],
}

fn view(body: &[u8]) -> Option<View<'_>> {
    let mut reader = Reader(body);
    let _family = reader.u8()?;
    let kind = reader.u8()?;
    let state = reader.u8()?;
    let _padding = reader.u8()?;
    let inode = reader.u32()?;
    let cookie = (reader.u32()?, reader.u32()?);
    Some(View { kind, state, inode, cookie, attributes: reader.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: u8, state: u8) -> Vec<u8> {
        let mut body = vec![1, kind, state, 0];
        for word in [7u32, 1, 2] {
            body.extend(word.to_ne_bytes());
        }
        body
    }

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = (4 + value.len() as u16).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().div_ceil(4) * 4, 0);
        bytes
    }

    #[test]
    fn a_message_is_read() {
        let queues = [3u32.to_ne_bytes(), 5u32.to_ne_bytes()].concat();
        let bytes = [
            body(1, 10),
            attribute(NAME, b"/tmp/x\0"),
            attribute(QUEUES, &queues),
            attribute(WAITING, &9u32.to_ne_bytes()),
            attribute(SHUTDOWN, &[2]),
        ]
        .concat();
        let fact = read(&bytes).unwrap();
        assert_eq!(fact.local.to_string(), "unix:/tmp/x");
        assert_eq!((fact.state.name(), fact.inode, fact.cookie), ("listening", Some(7), 2 << 32 | 1));
        let queue = fact.accept_queue().unwrap();
        assert_eq!((queue.waiting, queue.limit), (3, 5));
        assert_eq!(fact.unix.unwrap().waiting, [9]);
        assert!(fact.shutdown.is_some_and(|halves| halves.write && !halves.read));
    }

    #[test]
    fn nonsense_is_an_error() {
        for (bytes, phrase) in [(vec![1, 1], "cut off"), (body(9, 1), "type 9"), (body(1, 3), "state 3")] {
            assert!(read(&bytes).unwrap_err().to_string().contains(phrase), "{bytes:?}");
        }
    }
}
