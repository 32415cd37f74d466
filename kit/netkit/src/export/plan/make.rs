//! From the record to the plan.

use super::option;
use super::reserved::is_reserved;
use super::{Action, Argument, Piece, Plan, Planned, Polled, Socket, Step};
use crate::address::{Address, UnixAddress};
use crate::data::{self, Generator, Stream};
use crate::language::{self, Line, Word};
use crate::outcome::{JobState, Made};
use crate::session::Session;
use crate::session::record::{Entry, KEPT};
use crate::session::replay::{self, Again};
use crate::verbs::{self, Kind, Run};
use crate::worker::call::{Call, Length, Memory, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A plan under way.
pub(super) struct Planner<'a> {
    session: &'a Session,
    pub(super) plan: Plan,
    open: BTreeMap<i32, Socket>,
    names: BTreeMap<String, Socket>,
    /// The sockets whose address stands in a line: it will be the same in every run.
    fixed: BTreeSet<Socket>,
    /// The paths that are known to be free, or were bound by the program itself.
    cleared: BTreeSet<Vec<u8>>,
    cancelled: BTreeSet<u32>,
    jobs: u32,
}

impl<'a> Planner<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        let news = session.record().entries().iter().flat_map(|entry| &entry.outcome.jobs);
        let cancelled = news.filter(|job| matches!(job.what, JobState::Cancelled(_)));
        Self {
            session,
            plan: Plan { key: Stream::new(session.seed()).key(), ..Plan::default() },
            open: BTreeMap::new(),
            names: BTreeMap::new(),
            fixed: BTreeSet::new(),
            cleared: BTreeSet::new(),
            cancelled: cancelled.map(|job| job.number).collect(),
            jobs: 0,
        }
    }

    pub(super) fn action(&mut self, entry: &Entry, step: &replay::Step) -> Action {
        let nothing = |text: &str| Action::Nothing(text.to_owned());
        let Ok(Some(line)) = language::parse(&step.text) else { return nothing("it is no line") };
        let Some(verb) = line.verb.bare().and_then(verbs::find) else {
            return nothing("it failed: there is no such verb");
        };
        match (step.again, verb.run) {
            (Again::Sleep, _) => {
                let time = line.arguments.first().and_then(Word::bare).and_then(language::values::duration);
                Action::Sleep(time.unwrap_or_default())
            }
            (Again::Interrupted, _) => interrupted(),
            (Again::Nothing, _) => nothing("it failed before a call was made"),
            (Again::Look, _) => nothing("netlab looked at the sockets here"),
            (Again::Aside, _) => nothing(""),
            (_, Run::Session(_)) if ["wait", "cancel"].contains(&verb.name) => {
                nothing("netlab waited here, or ended a call in the background")
            }
            (_, Run::Session(_) | Run::Following(_)) => {
                Action::LeftOut(format!("`{}` is netlab's own, and no call on a socket", verb.name))
            }
            (_, Run::Call(_) | Run::Planned(_)) if line.background => self.start(&line, verb.name, step),
            (_, Run::Call(_) | Run::Planned(_)) => match &entry.outcome.made {
                Some(made) => self.make(&line, verb.name, made, step.number),
                None => nothing("no call was made"),
            },
        }
    }

    fn make(&mut self, line: &Line, verb: &str, made: &Made, number: u32) -> Action {
        let failed = made.done.last.errno;
        let mut planned = match self.planned(line, verb, &made.call, number) {
            Ok(planned) => planned,
            Err(why) => return Action::LeftOut(why),
        };
        planned.failed = failed;
        let socket = planned.socket();
        match (made.call.function.as_str(), made.call.address()) {
            ("bind", Some(address)) if failed.is_none() => self.bound(address, socket, number),
            ("close", _) if failed.is_none() => {
                self.open.retain(|_, open| Some(*open) != socket);
                self.names.retain(|_, named| Some(*named) != socket);
            }
            _ => {}
        }
        self.opened(&planned, made, line.name.as_deref());
        Action::Make(planned)
    }

    /// The sockets that a call has made are open from here on.
    fn opened(&mut self, planned: &Planned, made: &Made, name: Option<&str>) {
        let last = &made.done.last;
        if !last.ok() {
            return;
        }
        let named = made.call.arguments.iter().find_map(|argument| match argument {
            Value::PairOut(names) => Some(names.to_vec()),
            _ => None,
        });
        let names = named.unwrap_or_else(|| name.map(str::to_owned).into_iter().collect());
        let fds = match last.pair {
            Some(pair) => pair.to_vec(),
            None => vec![i32::try_from(last.value).unwrap_or(-1)],
        };
        self.open.extend(fds.into_iter().zip(planned.opens.iter().copied()));
        self.names.extend(names.into_iter().zip(planned.opens.iter().copied()));
    }

    /// A socket has got the address that was asked for.
    fn bound(&mut self, address: &Address, socket: Option<Socket>, number: u32) {
        if address.port() != Some(0) && address.unix() != Some(&UnixAddress::Unnamed) {
            self.fixed.extend(socket);
        }
        if let Some(UnixAddress::Path(path)) = address.unix()
            && self.cleared.insert(path.clone())
        {
            let action = Action::Clear(path.clone());
            self.plan.steps.push(Step { number, line: String::new(), action });
        }
    }

    fn start(&mut self, line: &Line, verb: &'static str, step: &replay::Step) -> Action {
        self.jobs += 1;
        let job = self.jobs;
        if self.cancelled.contains(&job) {
            return interrupted();
        }
        let Some((call, failed)) = self.job_call(job) else {
            return Action::LeftOut("what came of the call was not seen".into());
        };
        match self.planned(line, verb, &call, step.number) {
            Ok(planned) => Action::Start(job, Planned { failed, ..planned }),
            Err(why) => Action::LeftOut(why),
        }
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
    pub(super) fn ended(&mut self, entry: &Entry) {
        for news in &entry.outcome.jobs {
            let JobState::Returned(made, _) = &news.what else { continue };
            let Some(planned) = self.plan.job(news.number).cloned() else { continue };
            let name = self.line_name(planned.number);
            self.opened(&planned, made, name.as_deref());
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

    /// A call with variables; or why it cannot be written with them.
    fn planned(&mut self, line: &Line, verb: &str, call: &Call, number: u32) -> Result<Planned, String> {
        let place = |kind: fn(&Kind) -> bool| {
            let described = verbs::find(verb).map_or(&[][..], |verb| verb.arguments);
            described.iter().position(|argument| kind(&argument.kind))
        };
        let word = |kind| line.arguments.get(place(kind)?);
        let mut arguments = Vec::new();
        for value in &call.arguments {
            arguments.push(match value {
                Value::Descriptor(fd) => match self.open.get(fd) {
                    Some(socket) => Argument::Socket(*socket),
                    None => Argument::Descriptor(*fd),
                },
                Value::Number(number) => Argument::Number(*number),
                // ppoll(2) says so that there is no limit, poll(2) with -1.
                Value::Constant(0, _) if call.function == "poll" => Argument::Number(-1),
                Value::Constant(value, name) => Argument::Constant(*value, name.clone()),
                Value::Address(address) => {
                    let named =
                        word(|kind| matches!(kind, Kind::Address)).and_then(|word| self.socket_of(word));
                    match named {
                        Some(socket) if self.is_of_other_family(socket, address) => {
                            return Err(
                                "it reaches a port that the kernel chose over another family, IPv4 or IPv6"
                                    .into(),
                            );
                        }
                        Some(socket) => Argument::AddressOf(socket),
                        None => Argument::Address(address.clone()),
                    }
                }
                Value::AddressOut => Argument::AddressOut,
                Value::NoAddress => Argument::NoAddress,
                Value::Text(text) => Argument::Text(text.clone()),
                Value::PairOut(_) => Argument::PairOut,
                Value::Bytes(bytes) => {
                    let pieces = word(|kind| matches!(kind, Kind::Data)).and_then(|word| self.pieces(word));
                    match pieces {
                        Some(pieces) => Argument::Data(pieces),
                        None if bytes.len() < KEPT => Argument::Data(vec![Piece::Bytes(bytes.clone())]),
                        None => {
                            return Err("the bytes are too many to be kept, and differ in each run".into());
                        }
                    }
                }
                Value::Room(size) => Argument::Room(*size),
                Value::Polled(polled) => Argument::Polled(self.polled(polled)?),
                Value::Memory(memory) => memory_of(call, memory)
                    .ok_or_else(|| format!("{} is given memory that has no name in C", call.function))?,
                Value::Hidden(_) => continue,
            });
        }
        let said = match line.arguments.first().and_then(Word::bare) {
            Some(first) if place(|kind| matches!(kind, Kind::Socket | Kind::SocketThat(_))) == Some(0) => {
                format!("{verb} {first}")
            }
            _ => verb.to_owned(),
        };
        let pair = call.arguments.iter().find_map(|argument| match argument {
            Value::PairOut(names) => Some(names.to_vec()),
            _ => None,
        });
        let opens = match pair {
            Some(names) => names.iter().map(|name| self.variable(name)).collect(),
            None if call.opens => vec![self.variable(line.name.as_deref().unwrap_or("fd"))],
            None => Vec::new(),
        };
        Ok(Planned {
            number,
            verb: verb.to_owned(),
            said,
            function: call.function.clone(),
            arguments,
            until: call.until.clone(),
            opens,
            failed: None,
        })
    }

    fn polled(&self, polled: &[crate::worker::call::Polled]) -> Result<Vec<Polled>, String> {
        let one = |polled: &crate::worker::call::Polled| {
            let socket =
                *self.open.get(&polled.fd).ok_or("a program has no variable for one of its sockets")?;
            Ok(Polled { socket, said: polled.name.clone(), events: polled.events })
        };
        polled.iter().map(one).collect()
    }

    /// The socket whose address a word means, if the kernel chose that address.
    fn socket_of(&self, word: &Word) -> Option<Socket> {
        let text = word.bare()?;
        let socket = self.names.get(text).or_else(|| self.open.get(&text.parse().ok()?))?;
        (!self.fixed.contains(socket)).then_some(*socket)
    }

    /// Whether an address that leads to a socket is not of the socket's family: a socket of
    /// IPv6 may be reached over IPv4 as well, and does not tell that address.
    fn is_of_other_family(&self, socket: Socket, address: &Address) -> bool {
        let made = self.plan.calls().find(|call| call.function == "socket" && call.opens.contains(&socket));
        let domain = match made.and_then(|call| call.arguments.first()) {
            Some(Argument::Constant(_, name)) => name,
            _ => return false,
        };
        domain != address.family_name()
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
        if is_reserved(&base) {
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

/// What a call that was interrupted becomes.
fn interrupted() -> Action {
    Action::LeftOut(
        "the call blocked until it was interrupted, and a program has nobody who does that".into(),
    )
}

/// Memory that a call points to.
fn memory_of(call: &Call, memory: &Memory) -> Option<Argument> {
    match memory.length {
        Length::Told => option::given(call, memory).map(Argument::Given),
        Length::Exchanged => option::room(call, memory).map(Argument::OptionRoom),
        // Where poll(2) is made as ppoll(2), its limit is a struct. It is shown as poll has it.
        Length::Untold => memory.shown.parse().ok().map(Argument::Number),
    }
}
