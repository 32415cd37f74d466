//! What a program has to do to do what the session did: the record's calls, with variables
//! in place of descriptors.

use crate::address::{Address, UnixAddress};
use crate::data::{self, Generator, Stream};
use crate::language::{self, Line, Word};
use crate::options::{self, Shape};
use crate::outcome::{JobState, Made};
use crate::session::Session;
use crate::session::record::{Entry, KEPT};
use crate::session::replay::{self, Again};
use crate::verbs::{self, Kind, Run};
use crate::worker::call::{Call, Length, Memory, Until, Value};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Nothing: why a program does not do this.
    Note(String),
}

/// A call with variables.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// The number of its line.
    pub number: u32,
    /// What the line calls: `recv-exact`, where the call is a loop over `recv`.
    pub verb: String,
    /// The call's name in C.
    pub function: String,
    /// Its arguments, in C's order.
    pub arguments: Vec<Argument>,
    /// Whether it is made once, or until something is reached.
    pub until: Until,
    /// The socket that it makes.
    pub opens: Option<Socket>,
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
    /// An `int` by reference.
    Integer(i32),
    /// A `struct linger` that is switched on.
    Linger(i32),
    /// Room for an `int`.
    IntegerOut,
}

/// The value of an option, where it is of a kind that the programs are written for: an int, or
/// a `struct linger` that is switched on.
fn option_value(call: &Call, memory: &Memory) -> Option<Argument> {
    let int = |place: usize| Some(i32::from_ne_bytes(memory.bytes.get(place..place + 4)?.try_into().ok()?));
    let linger = options::of_call(call)?.shape == Shape::Linger;
    match (memory.length, memory.bytes.len()) {
        (Length::Told, 8) if linger && int(0) == Some(1) => int(4).map(Argument::Linger),
        (Length::Told, 4) => int(0).map(Argument::Integer),
        (Length::Exchanged, 4) => Some(Argument::IntegerOut),
        _ => None,
    }
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

    /// Whether a call has an argument of a kind.
    pub(super) fn any(&self, test: impl Fn(&Argument) -> bool) -> bool {
        self.calls().any(|call| call.arguments.iter().any(&test))
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

    /// Whether it receives bytes.
    pub(super) fn receives(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument, Argument::Room(_)))
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

/// A plan under way.
struct Planner<'a> {
    session: &'a Session,
    plan: Plan,
    open: BTreeMap<i32, Socket>,
    names: BTreeMap<String, Socket>,
    /// The sockets whose address stands in a line: it will be the same in every run.
    fixed: BTreeSet<Socket>,
    cancelled: BTreeSet<u32>,
    jobs: u32,
}

impl<'a> Planner<'a> {
    fn new(session: &'a Session) -> Self {
        let news = session.record().entries().iter().flat_map(|entry| &entry.outcome.jobs);
        let cancelled = news.filter(|job| matches!(job.what, JobState::Cancelled(_)));
        Self {
            session,
            plan: Plan { key: Stream::new(session.seed()).key(), ..Plan::default() },
            open: BTreeMap::new(),
            names: BTreeMap::new(),
            fixed: BTreeSet::new(),
            cancelled: cancelled.map(|job| job.number).collect(),
            jobs: 0,
        }
    }

    fn action(&mut self, entry: &Entry, step: &replay::Step) -> Action {
        let Ok(Some(line)) = language::parse(&step.text) else { return Action::Note("it is no line".into()) };
        let Some(verb) = line.verb.bare().and_then(verbs::find) else {
            return Action::Note("it failed: there is no such verb".into());
        };
        let note = |text: &str| Action::Note(text.to_owned());
        match (step.again, verb.run) {
            (Again::Sleep, _) => {
                let time = line.arguments.first().and_then(Word::bare).and_then(language::values::duration);
                Action::Sleep(time.unwrap_or_default())
            }
            (Again::Interrupted, _) => note("the call was interrupted, and is left out"),
            (Again::Nothing, _) => note("it failed before a call was made"),
            (Again::Look, _) => note("netlab looked at the sockets here"),
            (Again::Aside, _) => note(""),
            (_, Run::Session(_)) if verb.name == "wait" => note("netlab waited here"),
            (_, Run::Session(_)) => note("netlab did this, and a program does it in another way"),
            (_, Run::Call(_) | Run::Planned(_)) if line.background => self.start(&line, verb.name, step),
            (_, Run::Call(_) | Run::Planned(_)) => match &entry.outcome.made {
                Some(made) => self.make(&line, verb.name, made, step.number),
                None => note("no call was made"),
            },
        }
    }

    fn make(&mut self, line: &Line, verb: &str, made: &Made, number: u32) -> Action {
        let failed = made.done.last.errno;
        let Some(mut planned) = self.planned(line, verb, &made.call, number) else {
            return unknown(&made.call);
        };
        planned.failed = failed;
        let socket = planned.socket();
        match (made.call.function.as_str(), made.call.address()) {
            ("bind", Some(address)) if failed.is_none() && address.port() != Some(0) => {
                self.fixed.extend(socket.filter(|_| !is_unnamed(address)));
            }
            ("close", _) if failed.is_none() => {
                self.open.retain(|_, open| Some(*open) != socket);
                self.names.retain(|_, named| Some(*named) != socket);
            }
            _ => {}
        }
        if let (Some(socket), None) = (planned.opens, failed) {
            self.open.insert(i32::try_from(made.done.last.value).unwrap_or(-1), socket);
            self.names.extend(line.name.clone().map(|name| (name, socket)));
        }
        Action::Make(planned)
    }

    fn start(&mut self, line: &Line, verb: &'static str, step: &replay::Step) -> Action {
        self.jobs += 1;
        let job = self.jobs;
        if self.cancelled.contains(&job) {
            return Action::Note("the call was interrupted, and is left out".into());
        }
        let Some(made) = self.job_call(job) else {
            return Action::Note("the call has not returned, and is left out".into());
        };
        let Some(mut planned) = self.planned(line, verb, &made.0, step.number) else {
            return unknown(&made.0);
        };
        planned.failed = made.1;
        Action::Start(job, planned)
    }

    /// The call of a job, as the news of it tell, and the error that it returned.
    fn job_call(&self, job: u32) -> Option<(Call, Option<i32>)> {
        let news = self.session.record().entries().iter().flat_map(|entry| &entry.outcome.jobs);
        let news = news.filter(|news| news.number == job);
        let mut calls = news.map(|news| match &news.what {
            JobState::Running(call) | JobState::SentAway(call) => (call.clone(), None),
            JobState::Blocked(blocked) => (blocked.call.clone(), None),
            JobState::Returned(made, _) | JobState::Cancelled(made) => {
                (made.call.clone(), made.done.last.errno)
            }
        });
        calls.next_back()
    }

    /// Joins the jobs whose results were told of by an entry.
    fn ended(&mut self, entry: &Entry) {
        for news in &entry.outcome.jobs {
            let JobState::Returned(made, _) = &news.what else { continue };
            let Some(planned) = self.plan.job(news.number) else { continue };
            if let (Some(socket), true) = (planned.opens, made.done.last.ok()) {
                let name = self.line_name(planned.number);
                self.open.insert(i32::try_from(made.done.last.value).unwrap_or(-1), socket);
                self.names.extend(name.map(|name| (name, socket)));
            }
            self.plan.steps.push(Step {
                number: entry.number,
                line: String::new(),
                action: Action::Join(news.number),
            });
        }
    }

    fn line_name(&self, number: u32) -> Option<String> {
        let step = self.plan.steps.iter().find(|step| step.number == number && !step.line.is_empty())?;
        language::parse(&step.line).ok()??.name
    }

    /// A call with variables; `None` when it has an argument that a plan does not know.
    fn planned(&mut self, line: &Line, verb: &str, call: &Call, number: u32) -> Option<Planned> {
        let word = |kind: fn(&Kind) -> bool| {
            let arguments = verbs::find(verb)?.arguments.iter();
            let place = arguments.enumerate().find(|(_, argument)| kind(&argument.kind))?.0;
            line.arguments.get(place)
        };
        let mut arguments = Vec::new();
        for value in &call.arguments {
            arguments.push(match value {
                Value::Descriptor(fd) => match self.open.get(fd) {
                    Some(socket) => Argument::Socket(*socket),
                    None => Argument::Descriptor(*fd),
                },
                Value::Number(number) => Argument::Number(*number),
                Value::Constant(value, name) => Argument::Constant(*value, name.clone()),
                Value::Address(address) => {
                    let named =
                        word(|kind| matches!(kind, Kind::Address)).and_then(|word| self.socket_of(word));
                    match named {
                        Some(socket) => Argument::AddressOf(socket),
                        None => Argument::Address(address.clone()),
                    }
                }
                Value::AddressOut => Argument::AddressOut,
                Value::Bytes(bytes) => {
                    let pieces = word(|kind| matches!(kind, Kind::Data)).and_then(|word| self.pieces(word));
                    match pieces {
                        Some(pieces) => Argument::Data(pieces),
                        None if bytes.len() < KEPT => Argument::Data(vec![Piece::Bytes(bytes.clone())]),
                        None => return None,
                    }
                }
                Value::Room(size) => Argument::Room(*size),
                Value::Memory(memory) => option_value(call, memory)?,
                Value::Hidden(_) => continue,
                #[allow(unreachable_patterns, reason = "a kind of argument that no program is written for")]
                _ => return None,
            });
        }
        let opens = call.opens.then(|| self.variable(line.name.as_deref().unwrap_or("fd")));
        let (function, until) = (call.function.clone(), call.until.clone());
        Some(Planned { number, verb: verb.to_owned(), function, arguments, until, opens, failed: None })
    }

    /// The socket whose address a word means, if the kernel chose that address.
    fn socket_of(&self, word: &Word) -> Option<Socket> {
        let text = word.bare()?;
        let socket = self.names.get(text).or_else(|| self.open.get(&text.parse().ok()?))?;
        (!self.fixed.contains(socket)).then_some(*socket)
    }

    /// The bytes of a word, where they are the same in every run.
    fn pieces(&self, word: &Word) -> Option<Vec<Piece>> {
        let piece = |piece: &language::Piece| match piece {
            language::Piece::Bytes(bytes) => Some(Piece::Bytes(bytes.clone())),
            language::Piece::Insert(text) => match Generator::parse(text)?.ok()? {
                Generator::Nonce { label } => {
                    Some(Piece::Bytes(data::nonce(self.session.seed(), &label).into_bytes()))
                }
                Generator::Random { size, offset } => Some(Piece::Random { size, offset }),
                Generator::Letters { size } => {
                    let stream = Stream::new(self.session.seed());
                    Some(Piece::Bytes(stream.letters(usize::try_from(size).ok()?)))
                }
            },
        };
        let mut joined: Vec<Piece> = Vec::new();
        for piece in word.pieces.iter().map(piece) {
            match (joined.last_mut(), piece?) {
                (Some(Piece::Bytes(last)), Piece::Bytes(bytes)) => last.extend(bytes),
                (_, piece) => joined.push(piece),
            }
        }
        Some(joined)
    }

    /// A new variable of this name, or of one like it.
    fn variable(&mut self, name: &str) -> Socket {
        let mut base = name.replace('-', "_").to_lowercase();
        if RESERVED.contains(&base.as_str()) {
            base.push_str("_fd");
        }
        let taken = |name: &str| self.plan.sockets.iter().any(|other| other == name);
        let mut unique = base.clone();
        let mut count = 1;
        while taken(&unique) {
            count += 1;
            unique = format!("{base}_{count}");
        }
        self.plan.sockets.push(unique);
        self.plan.sockets.len() - 1
    }
}

fn is_unnamed(address: &Address) -> bool {
    address.unix() == Some(&UnixAddress::Unnamed)
}

fn unknown(call: &Call) -> Action {
    Action::Note(format!("{} has an argument that is not written to programs", call.function))
}

/// Words that cannot be variables in a program: those of C, Python and Rust, and the names
/// that the programs themselves use.
const RESERVED: &[&str] = &[
    "abstract",
    "accept",
    "address",
    "address_of",
    "and",
    "arc",
    "argc",
    "argv",
    "as",
    "assert",
    "async",
    "auto",
    "await",
    "become",
    "bind",
    "bool",
    "box",
    "break",
    "buffer",
    "bytes",
    "case",
    "char",
    "check",
    "class",
    "close",
    "connect",
    "const",
    "continue",
    "crate",
    "data",
    "def",
    "default",
    "del",
    "do",
    "double",
    "dup",
    "dyn",
    "elif",
    "else",
    "enum",
    "errno",
    "error",
    "except",
    "exit",
    "extern",
    "failed",
    "false",
    "final",
    "finally",
    "float",
    "fn",
    "for",
    "free",
    "from",
    "gen",
    "global",
    "goto",
    "if",
    "impl",
    "import",
    "in",
    "inline",
    "int",
    "io",
    "ipv4",
    "ipv6",
    "is",
    "job",
    "lambda",
    "len",
    "let",
    "libc",
    "linux",
    "listen",
    "long",
    "loop",
    "macro",
    "main",
    "malloc",
    "match",
    "memcpy",
    "mod",
    "move",
    "mut",
    "n",
    "none",
    "nonlocal",
    "not",
    "or",
    "os",
    "override",
    "pass",
    "pause",
    "pipe",
    "poll",
    "print",
    "printf",
    "priv",
    "pub",
    "raise",
    "random",
    "random_bytes",
    "read",
    "recv",
    "recv_all",
    "recv_exact",
    "recv_until",
    "recvfrom",
    "ref",
    "register",
    "restrict",
    "return",
    "room",
    "self",
    "send",
    "send_all",
    "sendto",
    "shout",
    "short",
    "shutdown",
    "signal",
    "signed",
    "sizeof",
    "sleep",
    "socket",
    "socketpair",
    "static",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "super",
    "switch",
    "sys",
    "tell",
    "tell_address",
    "tell_data",
    "thread",
    "threading",
    "time",
    "trait",
    "true",
    "try",
    "type",
    "typedef",
    "typeof",
    "union",
    "unix",
    "unsafe",
    "unsigned",
    "unsized",
    "use",
    "value",
    "virtual",
    "void",
    "volatile",
    "where",
    "while",
    "with",
    "write",
    "yield",
    "str",
    "struct",
    "list",
    "map",
    "to",
    "size",
    "result",
];
