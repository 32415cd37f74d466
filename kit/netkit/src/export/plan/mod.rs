//! What a program has to do to do what the session did: the record's calls, with variables
//! in place of descriptors.
//!
//! - `make`: from the record to the plan.
//! - `option`: the values of options.
//! - `reserved`: what cannot be the name of a variable.

mod make;
pub(super) mod option;
mod reserved;

use crate::address::Address;
use crate::session::Session;
use crate::session::replay::{self, Again};
use crate::worker::call::Until;
use make::Planner;
use std::time::Duration;

/// A whole session, as a program does it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// The variables of the sockets, by [`Socket`].
    pub sockets: Vec<String>,
    /// What the random bytes of the session are made with.
    pub key: u64,
}

/// A socket, in the order in which they were made.
pub(super) type Socket = usize;

/// One line of the session.
#[derive(Debug)]
pub(super) struct Step {
    /// Its number.
    pub number: u32,
    /// The line; empty where a job is told of that ended after it.
    pub line: String,
    /// What is done.
    pub action: Action,
}

/// What is done at a step.
#[derive(Debug)]
pub(super) enum Action {
    /// A call.
    Make(Planned),
    /// A call on a thread of its own, as a job of this number.
    Start(u32, Planned),
    /// The end of a job: here the session saw its result.
    Join(u32),
    /// Time passes.
    Sleep(Duration),
    /// Nothing, for there is nothing to be done: why.
    Nothing(String),
    /// Nothing, though the session did something: why.
    LeftOut(String),
    /// The file of a socket is removed that an earlier run of the program left behind: it
    /// would be in the way of the bind that follows.
    Clear(Vec<u8>),
}

/// A call with variables.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// The number of its line.
    pub number: u32,
    /// What the line calls: `recv-exact`, where the call is a loop over `recv`.
    pub verb: String,
    /// What a program says is called, and on which socket: `recv-exact c`.
    pub said: String,
    /// The call's name in C.
    pub function: String,
    /// Its arguments, in C's order.
    pub arguments: Vec<Argument>,
    /// Whether it is made once, or until something is reached.
    pub until: Until,
    /// The sockets that it makes: socketpair makes two.
    pub opens: Vec<Socket>,
    /// The error that it returned in the session.
    pub failed: Option<i32>,
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    /// A socket of the session.
    Socket(Socket),
    /// A number that was no open descriptor.
    Descriptor(i32),
    /// A number.
    Number(i64),
    /// A number with a name in C.
    Constant(i64, String),
    /// An address.
    Address(Address),
    /// The address that a socket has.
    AddressOf(Socket),
    /// Room for an address.
    AddressOut,
    /// Bytes.
    Data(Vec<Piece>),
    /// Room for bytes.
    Room(u64),
    /// No address: connect(2) takes a datagram socket's peer away.
    NoAddress,
    /// A string that ends with a zero byte: a path.
    Text(Vec<u8>),
    /// Sockets that poll(2) looks at.
    Polled(Vec<Polled>),
    /// Room for two descriptors.
    PairOut,
    /// The value of an option.
    Given(option::Given),
    /// Room for the value of an option.
    OptionRoom(option::Room),
}

/// A socket that poll(2) looks at.
#[derive(Debug, Clone)]
pub(super) struct Polled {
    /// The socket.
    pub socket: Socket,
    /// What the session calls it.
    pub said: String,
    /// The events that are asked for.
    pub events: i16,
}

/// A part of the bytes that are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As they are.
    Bytes(Vec<u8>),
    /// A part of the session's random stream.
    Random {
        /// How many bytes.
        size: u64,
        /// From where on.
        offset: u64,
    },
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Random { size, .. } => *size,
        }
    }
}

impl Plan {
    /// The plan of a session.
    pub(super) fn of(session: &Session) -> Self {
        let mut planner = Planner::new(session);
        let record = session.record();
        for step in replay::steps(record) {
            let entries = || record.entries().iter().filter(|entry| entry.number == step.number);
            if let Some(entry) = entries().find(|entry| !entry.outcome.line.is_empty()) {
                let action = planner.action(entry, &step);
                // What is about the session itself is no part of the program.
                if step.again != Again::Aside {
                    planner.plan.steps.push(Step { number: step.number, line: step.text.clone(), action });
                }
            }
            for entry in entries() {
                planner.ended(entry);
            }
        }
        planner.plan
    }

    /// All calls, those of jobs as well.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Make(call) | Action::Start(_, call) => Some(call),
            _ => None,
        })
    }

    /// The call of a job.
    pub(super) fn job(&self, number: u32) -> Option<&Planned> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::Start(job, call) if *job == number => Some(call),
            _ => None,
        })
    }

    /// Whether a job's result is waited for.
    pub(super) fn joins(&self, number: u32) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Join(job) if job == number))
    }

    /// The name of a socket's variable.
    pub(super) fn name(&self, socket: Socket) -> &str {
        self.sockets.get(socket).map_or("unknown", String::as_str)
    }
}

impl Planned {
    /// The socket that the call is about.
    pub(super) fn socket(&self) -> Option<Socket> {
        match self.arguments.first() {
            Some(Argument::Socket(socket)) => Some(*socket),
            _ => None,
        }
    }

    /// All sockets that it uses.
    pub(super) fn uses(&self) -> Vec<Socket> {
        let of = |argument: &Argument| match argument {
            Argument::Socket(socket) | Argument::AddressOf(socket) => vec![*socket],
            Argument::Polled(polled) => polled.iter().map(|polled| polled.socket).collect(),
            _ => Vec::new(),
        };
        let mut sockets: Vec<Socket> = self.arguments.iter().flat_map(of).collect();
        sockets.sort_unstable();
        sockets.dedup();
        sockets
    }

    /// How much room it has for bytes.
    pub(super) fn room(&self) -> Option<u64> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::Room(size) => Some(*size),
            _ => None,
        })
    }

    /// Whether it receives bytes.
    pub(super) fn receives(&self) -> bool {
        self.room().is_some()
    }

    /// What it sends.
    pub(super) fn data(&self) -> Option<&[Piece]> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::Data(pieces) => Some(pieces.as_slice()),
            _ => None,
        })
    }

    /// The constant or number at a place.
    pub(super) fn number_at(&self, place: usize) -> i64 {
        match self.arguments.get(place) {
            Some(Argument::Constant(value, _) | Argument::Number(value)) => *value,
            _ => 0,
        }
    }
}
