//! A session: the student's sockets, the names they were given, and what happened so far.
//!
//! - [`ends`]: every socket with its state, and what changed between two looks.
//! - [`names`]: what things are called in what is shown.
//! - `line`: running one line; `calls`: making its call; `jobs`: calls in the background.
//! - `looking`: looks at the kernel, and what changed between two.
//! - `lookup`: what the words of a line mean: sockets, addresses, verbs.
//! - `lessons`: a lesson that goes on in the session; `afresh`: a fresh worker for its next step.
//! - [`origin`]: which lines made a socket, and closed it.
//! - [`options`]: the options of its sockets, as the kernel gives them.
//! - `predictions`: what was expected of a call.
//! - `resolve`: names of hosts to addresses.
//! - [`relays`]: relays, through which datagrams for a server go; [`responders`]: UDP servers that
//!   answer by rule.
//! - [`record`]: every line with what came of it; [`passages`]: through which states sockets came.
//! - [`programs`]: programs that run beside the session; [`program`]: one of them; [`launching`]: started by a command in front of theirs; [`output`]: what they have written.
//! - `past`, `replay`, `rewind`: the record read again, to save a session or to go back in it.
//! - `files`: what a session writes.
//! - `flags`: whether calls on a descriptor wait.
//! - `setup`: how a session is set up; `sourcing`: the lines of a file that are still to be run.
//! - `watching`: changes of sockets that become news by themselves.
//! - [`waiting`](self): the one place where a session waits for anything.
//!
//! [`Session::run`] takes a line and returns an [`Outcome`].

mod afresh;
mod before_exec;
mod calls;
pub mod ends;
mod files;
pub(crate) mod flags;
pub mod inside;
mod jobs;
pub mod launching;
mod lessons;
mod line;
mod looking;
mod lookup;
pub mod names;
pub mod options;
pub mod origin;
pub mod output;
pub mod passages;
mod past;
mod predictions;
pub mod program;
pub mod programs;
pub mod record;
pub mod relays;
pub(crate) mod replay;
mod resolve;
pub mod responders;
mod rewind;
mod screen;
mod setup;
mod sourcing;
mod waiting;
mod watching;

pub use jobs::Job;
pub use predictions::Question;
pub use screen::Screen;
pub use setup::{JobNewsTime, OnBlocked, OnLines, Options};
pub use waiting::{Interrupter, Stop};

use crate::address::Address;
use crate::explain;
use crate::language::{self, SyntaxError};
use crate::outcome::{Failure, Outcome};
use crate::worker::Worker;
use crate::worker::protocol::Snapshot;
use ends::{End, Memory};
use names::{Names, Naming};
use programs::Programs;
use record::Record;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use waiting::News;

/// A student's sockets and everything around them.
pub struct Session {
    options: Options,
    worker: Worker,
    /// The worker's number, from 0: news of one before it do not concern the session any more.
    generation: u32,
    on_news: Arc<dyn Fn() + Send + Sync>,
    news: Receiver<News>,
    sender: Sender<News>,
    /// How often something was entered, as those who interrupt count it; and at which of these
    /// a line last began.
    entries: Arc<AtomicU64>,
    begun: Option<u64>,
    names: Names,
    memory: Memory,
    programs: Programs,
    relays: relays::Relays,
    responders: responders::Responders,
    /// Addresses that calls have returned, by the name that the line gave.
    addresses: BTreeMap<String, Address>,
    calls: calls::Calls,
    seen: Snapshot,
    ends: Vec<End>,
    /// The ends as they were when changes were last told.
    told: Vec<End>,
    pending: VecDeque<sourcing::Pending>,
    record: Record,
    resolver: resolve::Resolver,
    /// What is watched in the background.
    watching: Option<watching::Watching>,
    /// What is to be noted of the line that is running.
    notes: Vec<String>,
    files: files::Files,
    lessons: lessons::Lessons,
    predictions: predictions::Predictions,
    depth: u32,
    screen: Screen,
    /// Where the present line stands, if it was not typed: `lesson.netlab:7`.
    place: Option<String>,
    quit: bool,
}

impl Session {
    /// Starts a session with a worker of its own.
    ///
    /// # Errors
    /// When the worker cannot be started or does not answer.
    pub fn start(mut options: Options) -> io::Result<Self> {
        let (sender, news) = channel();
        let on_news: Arc<dyn Fn() + Send + Sync> =
            std::mem::replace(&mut options.on_news, Box::new(|| {})).into();
        let worker = afresh::worker(&options.worker, 0, &sender, &on_news)?;
        let mut session = Self {
            names: Names::new(options.naming, options.seed),
            programs: Programs::new(sender.clone(), options.surroundings.clone()),
            relays: relays::Relays::new(),
            responders: responders::Responders::new(),
            addresses: BTreeMap::new(),
            options,
            worker,
            generation: 0,
            on_news,
            news,
            sender,
            entries: Arc::default(),
            begun: None,
            memory: Memory::default(),
            calls: calls::Calls::default(),
            seen: Snapshot::default(),
            ends: Vec::new(),
            told: Vec::new(),
            pending: VecDeque::new(),
            record: Record::default(),
            resolver: resolve::Resolver::default(),
            watching: None,
            notes: Vec::new(),
            files: files::Files::default(),
            lessons: lessons::Lessons::default(),
            predictions: predictions::Predictions::default(),
            depth: 0,
            screen: Screen::default(),
            place: None,
            quit: false,
        };
        session.look(false).map_err(|failure| io::Error::other(failure.message))?;
        session.notes.extend(session.seen.unseen.as_ref().map(|reason| {
            format!("of other ends nothing is seen here, nor of closed sockets: this system does not tell of them ({reason})")
        }));
        Ok(session)
    }

    /// Runs one line.
    pub fn run(&mut self, text: &str) -> Outcome {
        let mut outcome = Outcome { line: text.to_owned(), ..Outcome::default() };
        let line = match language::parse(text) {
            Ok(Some(line)) => line,
            Ok(None) => return outcome,
            Err(SyntaxError { message, span }) => {
                outcome.failure = Some(explain::line::unreadable(text, Failure::new(message).at(span)));
                return outcome;
            }
        };
        self.begin_line();
        let (number, began) = self.record.begin();
        if let Err(failure) = self.run_line(&line, &mut outcome) {
            outcome.failure = Some(failure);
        }
        if line.fails {
            outcome.expected = outcome.failure.is_some();
            outcome.failure = outcome.failure.or_else(|| Some(not_failed()));
        }
        // A line that went back is no part of what it went back to.
        if self.record.line() >= number {
            self.record.add(number, self.depth, began, &outcome);
        }
        self.compare(&mut outcome);
        self.judge(&mut outcome);
        outcome
    }

    /// What happened to jobs since the last line; empty when nothing did.
    pub fn news(&mut self) -> Option<Outcome> {
        self.take_what_has_come();
        let seen = self.watch_has_news();
        if !seen && !self.jobs_have_news() && !self.relays_have_news() {
            return None;
        }
        let began = self.record.now();
        let mut outcome = Outcome::default();
        outcome.failure = self.conclude(&mut outcome).err();
        self.record.add(self.record.line(), 0, began, &outcome);
        self.judge(&mut outcome);
        Some(outcome)
    }

    /// A handle that interrupts the line that is running, from any thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter::new(self.sender.clone(), Arc::clone(&self.entries))
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write_file(&mut self, path: &str, text: &str) -> Result<(), Failure> {
        self.files.write(path, text)
    }

    /// From which number nonces and random bytes are made.
    pub(crate) fn seed(&self) -> u64 {
        self.options.seed
    }

    /// What happened so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What things are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) fn names_mut(&mut self) -> &mut Names {
        &mut self.names
    }

    /// Every socket that the session knows of, as of the last look.
    pub fn ends(&self) -> &[End] {
        &self.ends
    }

    /// The last look as the kernel gave it.
    pub fn seen(&self) -> &Snapshot {
        &self.seen
    }

    /// The names of the sockets, by descriptor.
    pub fn socket_names(&self) -> &BTreeMap<i32, String> {
        &self.memory.names
    }

    /// The programs of the session.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The worker's process number: `/proc/PID/fd` is what the student made.
    pub fn worker_pid(&self) -> u32 {
        self.worker.pid()
    }

    /// Why the worker is gone, if it is: whatever the line before says then is not about
    /// what was looked at.
    pub fn worker_gone(&self) -> Option<&str> {
        self.calls.gone.as_deref()
    }

    /// Whether `quit` was typed.
    pub fn has_quit(&self) -> bool {
        self.quit
    }

    /// Notes that the session is to end, as `quit` does.
    pub fn leave(&mut self) {
        self.quit = true;
    }

    /// Takes `quit` back: the person was asked and wants to stay.
    pub fn stay(&mut self) {
        self.quit = false;
    }

    /// Tells lines at once, if there is someone to tell them to; returns them otherwise.
    pub(crate) fn tell(&mut self, lines: Vec<String>) -> Vec<String> {
        match &mut self.options.on_lines {
            Some(on_lines) if !lines.is_empty() => on_lines(&lines),
            Some(_) => {}
            None => return lines,
        }
        Vec::new()
    }

    /// Gives the socket of a descriptor a name. Another one that had it loses it.
    fn give_name(&mut self, name: &str, fd: i32) {
        self.memory.names.retain(|_, other| other != name);
        self.memory.names.insert(fd, name.to_owned());
    }

    /// Whether numbers that differ from run to run are shown.
    pub(crate) fn shows_numbers(&self) -> bool {
        self.options.naming == Naming::Numbers
    }

    /// The job whose result will have this name.
    pub(crate) fn awaited_job(&self, name: &str) -> Option<u32> {
        self.calls.awaited(name)
    }

    /// How long a line may take.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.options.limit
    }
}

/// The failure of a line that was meant to fail.
fn not_failed() -> Failure {
    Failure::new("this line was meant to fail, as its `!` says, and it has not")
        .next("without the `!` it may succeed")
}
