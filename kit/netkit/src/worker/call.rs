//! A system call as data: what to call, with what, and what came back.
//!
//! A verb describes its call with these types and nothing else; how it is made
//! (`make`) and how it is written (`render::call`) follow from the
//! description. So a new verb needs no new code in the worker.

use crate::address::Address;
use crate::kernel::sock_diag::Protocol;
use serde::{Deserialize, Serialize};

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its name in C: `send`.
    pub function: String,
    /// The number of the system call behind it: send(2) is made as `sendto`, as the C
    /// library does it.
    pub number: i64,
    /// Its arguments, in C's order.
    pub arguments: Vec<Value>,
    /// Whether to make it once, or again and again until something is reached.
    pub until: Until,
    /// Whether what it returns is a new descriptor.
    pub opens: bool,
    /// What kind of socket it is made on, where the session knows: two sockets of different
    /// kinds may have the same port. The worker need not know.
    #[serde(skip)]
    pub protocol: Option<Protocol>,
}

impl Call {
    /// The descriptors that it is made on.
    pub fn descriptors(&self) -> impl Iterator<Item = i32> + '_ {
        self.arguments.iter().filter_map(|argument| match argument {
            Value::Descriptor(fd) => Some(*fd),
            _ => None,
        })
    }
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A descriptor.
    Descriptor(i32),
    /// A plain number.
    Number(i64),
    /// A number that has a name in C.
    Constant(i64, String),
    /// An address and its length.
    Address(Address),
    /// Room for an address and its length, filled in by the kernel.
    AddressOut,
    /// No address: `AF_UNSPEC`, by which connect(2) takes a datagram socket's peer away.
    NoAddress,
    /// A string that ends with a zero byte: a path.
    Text(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Room for two descriptors, as socketpair(2) takes it, and the names they will have.
    PairOut([String; 2]),
    /// Bytes and their number.
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Room for bytes, and how much room.
    Room(u64),
    /// A struct or an array, which the kernel reads, or writes, or both.
    Memory(Memory),
    /// Sockets whose readiness is asked for, and their number: poll(2). [`Return::memory`] is
    /// then the array as the kernel has filled it in.
    Polled(Vec<Polled>),
    /// An argument of the system call that C does not show: send(2) is sendto(2)
    /// without an address.
    Hidden(i64),
}

/// A piece of memory that a call points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// What is in it before the call.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// What is in it, as C writes it: `[1]`, `{1, 0}`. Nothing where only the kernel fills it.
    pub shown: String,
    /// How the kernel is told how large it is.
    pub length: Length,
    /// Whether the kernel writes into it: [`Return::memory`] is then what it wrote.
    pub filled: bool,
}

/// A socket in an array of `struct pollfd`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polled {
    /// The descriptor.
    pub fd: i32,
    /// What the session calls it.
    pub name: String,
    /// The events that are asked for: POLLIN and its like, joined.
    pub events: i16,
    /// The call that POLLIN is about on this socket: `accept`, `recv`, `recvfrom`.
    pub reads: String,
    /// The call that POLLOUT is about: `send`, or `connect` where one is under way.
    pub writes: String,
}

/// How a call is told the size of a [`Memory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Length {
    /// Not at all, as in ioctl(2): what is asked for says it.
    Untold,
    /// By the number of bytes in the next argument, as in setsockopt(2).
    Told,
    /// By a pointer to that number, where the kernel puts how much it wrote: getsockopt(2).
    Exchanged,
}

/// When a call has been made often enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// One call, whatever it returns.
    Returned,
    /// Send what is left, until all bytes are sent.
    AllSent,
    /// Receive until so many bytes are there.
    Received(u64),
    /// Receive a byte at a time until these bytes are there, or the limit is reached.
    Found {
        /// The bytes that end it; they are part of what was received.
        #[serde(with = "serde_bytes")]
        delimiter: Vec<u8>,
        /// The most bytes to receive.
        limit: u64,
    },
    /// Receive until the end of the stream, or the limit is reached.
    Ended {
        /// The most bytes to receive.
        limit: u64,
    },
}

/// What one call returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The return value; -1 when it failed.
    pub value: i64,
    /// The error number, when it failed.
    pub errno: Option<i32>,
    /// How long it took, in microseconds.
    pub microseconds: u64,
    /// The address that the kernel filled in.
    pub address: Option<Address>,
    /// The two descriptors that the kernel filled in.
    pub pair: Option<[i32; 2]>,
    /// What the kernel wrote into the call's [`Memory`].
    #[serde(with = "serde_bytes")]
    pub memory: Option<Vec<u8>>,
    /// The bytes that it received.
    #[serde(with = "serde_bytes")]
    pub data: Option<Vec<u8>>,
}

/// What became of a [`Call`] with all its repetitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What the last call returned. Its `data` is all that was received by all calls.
    pub last: Return,
    /// What the first calls returned, at most [`Done::SHOWN`]; without their data.
    pub first: Vec<Return>,
    /// How many calls were made.
    pub calls: u64,
    /// How many bytes were sent or received in all.
    pub bytes: u64,
    /// Why no further call was made.
    pub end: End,
}

impl Done {
    /// How many single calls of a loop are kept for showing.
    pub const SHOWN: usize = 3;
}

/// Why a loop over calls ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It reached what it was made for (a single call always does).
    Reached,
    /// The stream ended before.
    StreamEnded,
    /// The limit was reached before.
    LimitReached,
    /// A call failed.
    Failed,
}

impl Call {
    /// A call that is made once. `number` is one of `libc::SYS_*`.
    pub fn once(function: &str, number: i64, arguments: Vec<Value>) -> Self {
        Self {
            function: function.into(),
            number,
            arguments,
            until: Until::Returned,
            opens: false,
            protocol: None,
        }
    }

    /// The same call, made until something is reached.
    #[must_use]
    pub fn until(mut self, until: Until) -> Self {
        self.until = until;
        self
    }

    /// The same call, which returns a new descriptor.
    #[must_use]
    pub fn opening(mut self) -> Self {
        self.opens = true;
        self
    }

    /// The descriptor that the call is about: its first argument, if it has one.
    pub fn descriptor(&self) -> Option<i32> {
        match self.arguments.first() {
            Some(Value::Descriptor(fd)) => Some(*fd),
            _ => None,
        }
    }

    /// The address that the call names.
    pub fn address(&self) -> Option<&Address> {
        self.arguments.iter().find_map(|argument| match argument {
            Value::Address(address) => Some(address),
            _ => None,
        })
    }
}

impl Call {
    /// The sockets that it polls.
    pub fn polled(&self) -> Option<&[Polled]> {
        self.arguments.iter().find_map(|argument| match argument {
            Value::Polled(polled) => Some(polled.as_slice()),
            _ => None,
        })
    }
}

impl Polled {
    /// The size of a `struct pollfd`: an int and two shorts.
    pub const SIZE: usize = size_of::<libc::pollfd>();

    /// It as a `struct pollfd`, with no answer in it.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.fd.to_ne_bytes()[..], &self.events.to_ne_bytes(), &[0; 2]].concat()
    }
}

impl Return {
    /// What poll(2) found of the socket at a place in the array, `revents`.
    pub fn found(&self, place: usize) -> Option<i16> {
        let one = self.memory.as_deref()?.chunks_exact(Polled::SIZE).nth(place)?;
        Some(i16::from_ne_bytes(one.get(6..8)?.try_into().ok()?))
    }
}

impl Memory {
    /// Memory that the kernel only reads: setsockopt(2).
    pub fn told(bytes: Vec<u8>, shown: impl Into<String>) -> Self {
        Self { bytes, shown: shown.into(), length: Length::Told, filled: false }
    }

    /// Room that the kernel fills: getsockopt(2).
    pub fn room(size: usize) -> Self {
        Self { bytes: vec![0; size], shown: String::new(), length: Length::Exchanged, filled: true }
    }
}

impl Return {
    /// What the kernel wrote, where it is an int.
    pub fn integer(&self) -> Option<i32> {
        let bytes = self.memory.as_deref()?.try_into().ok()?;
        Some(i32::from_ne_bytes(bytes))
    }

    /// Whether the call succeeded.
    pub fn ok(&self) -> bool {
        self.errno.is_none()
    }
}
