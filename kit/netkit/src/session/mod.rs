//! A session: the student's sockets, the names they were given, and what happened so far.
//!
//! - [`ends`]: every socket with its state, and what changed between two looks.
//! - [`names`]: what things are called in what is shown.
//! - [`calls`](self): making a call, in the foreground or as a job.
//! - `lookup`: what the words of a line mean: sockets, addresses, verbs.
//! - `lessons`: a lesson that goes on in the session; `afresh`: a fresh worker for its next step.
//! - [`origin`]: which lines made a socket, and closed it.
//! - [`options`]: the options of its sockets, as the kernel gives them.
//! - `predictions`: what was expected of a call.
//! - `resolve`: names of hosts to addresses.
//! - [`record`]: every line with what came of it; [`passages`]: through which states sockets came.
//! - [`programs`]: programs that run beside the session; [`output`]: what they have written.
//! - `past`, `replay`, `rewind`: the record read again, to save a session or to go back in it.
//! - `files`: what a session writes.
//! - `flags`: whether calls on a descriptor wait.
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
mod lessons;
mod lookup;
pub mod names;
pub mod options;
pub mod origin;
pub mod output;
pub mod passages;
mod past;
mod predictions;
pub mod programs;
pub mod record;
pub(crate) mod replay;
mod resolve;
mod rewind;
mod screen;
mod waiting;
mod watching;

pub use calls::Job;
pub use predictions::Question;
pub use screen::Screen;
pub use waiting::{Interrupter, Stop};

use crate::explain;
use crate::kernel::sock_diag::Protocol;
use crate::language::{self, SyntaxError};
use crate::outcome::{Blocked, Failure, Outcome};
use crate::verbs::{self, Group, Plan, Run};
use crate::worker::Worker;
use crate::worker::call::Call;
use crate::worker::protocol::{Snapshot, Watch};
use ends::{End, Memory};
use names::{Names, Naming};
use programs::{Programs, Surroundings};
use record::Record;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use waiting::News;

/// What is called when a line's call blocks.
pub type OnBlocked = Box<dyn FnMut(&Blocked, &Names) + Send>;

/// What is called with lines that are to be read while their verb still runs.
pub type OnLines = Box<dyn FnMut(&[String]) + Send>;

/// The one verb beside the system calls that can go to the background.
const WATCH: &str = "watch";

/// How a session is set up.
pub struct Options {
    /// The program that runs as the worker: one whose `main` starts with
    /// [`is_worker`](crate::worker::is_worker).
    pub worker: PathBuf,
    /// How addresses are written.
    pub naming: Naming,
    /// From which nonces and random bytes come.
    pub seed: u64,
    /// How long a line may take; without one it is waited for until it is interrupted.
    pub limit: Option<Duration>,
    /// Whether each look waits until the kernel has come to rest, so that what is shown
    /// does not depend on when one looks.
    pub settle: bool,
    /// Commands behind the names that `start` knows, before the search path.
    pub programs: BTreeMap<String, Vec<String>>,
    /// What the programs find around them when they start.
    pub surroundings: Surroundings,
    /// When it is told what became of calls in the background.
    pub job_news: JobNewsTime,
    /// Told, while a line is still running, that its call is blocked.
    pub on_blocked: OnBlocked,
    /// Told lines that a verb shows while it is still running; without it they stand in
    /// the verb's report.
    pub on_lines: Option<OnLines>,
    /// Called, on a thread of its own, whenever something has happened that
    /// [`Session::news`] may tell of.
    pub on_news: Box<dyn Fn() + Send + Sync>,
}

/// When it is told what became of calls in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobNewsTime {
    /// By the first line that finds something new.
    AtOnce,
    /// By the line that asks: `wait`, `cancel`. Which line a call returns in depends on
    /// who is faster; a transcript that has to be the same on every run must not show it.
    WhenAsked,
}

/// A student's sockets and everything around them.
pub struct Session {
    options: Options,
    worker: Worker,
    /// The worker's number, from 0: news of one before it do not concern the session any more.
    generation: u32,
    on_news: Arc<dyn Fn() + Send + Sync>,
    news: Receiver<News>,
    sender: Sender<News>,
    names: Names,
    memory: Memory,
    programs: Programs,
    calls: calls::Calls,
    seen: Snapshot,
    ends: Vec<End>,
    /// The ends as they were when changes were last told.
    told: Vec<End>,
    pending: VecDeque<Pending>,
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

/// A line of a file that was sourced, still to be run.
struct Pending {
    line: String,
    depth: u32,
    place: String,
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
            options,
            worker,
            generation: 0,
            on_news,
            news,
            sender,
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
        // An interrupt from before this line began is not meant for it.
        self.take_what_has_come();
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

    fn run_line(&mut self, line: &language::Line, outcome: &mut Outcome) -> Result<(), Failure> {
        let name = line.verb.bare().unwrap_or("\"...\"");
        let verb = verbs::find(name).ok_or_else(|| {
            explain::line::unknown_verb(self, line, &outcome.line).at(line.verb.span.clone())
        })?;
        // Help can be had even when the worker is gone, and one can still quit.
        let looks = !matches!(verb.group, Group::Session | Group::Learn);
        if looks {
            self.look(false)?;
            outcome.meanwhile = self.changes();
        }
        let arguments = verbs::read(self, verb, line);
        outcome.notes.append(&mut self.notes);
        let arguments = arguments?;
        match verb.run {
            Run::Call(describe) => self.run_call(line, describe(&arguments)?, outcome)?,
            Run::Planned(plan) => match plan(self, &arguments)? {
                Plan::Call(call) => self.run_call(line, call, outcome)?,
                Plan::Report(report) => outcome.report = Some(report),
            },
            Run::Session(_) if line.background && verb.name != WATCH => {
                return Err(Failure::new(format!(
                    "`{name}` is not a system call, and only those can go to the background with `&`"
                )));
            }
            Run::Session(run) => outcome.report = Some(run(self, &arguments)?),
        }
        if looks { self.conclude(outcome) } else { Ok(()) }
    }

    fn run_call(
        &mut self,
        line: &language::Line,
        mut call: Call,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        call.protocol = self.protocol_of(&call);
        self.prediction_begins();
        if line.background {
            self.start_job(line.name.clone(), call, outcome)
        } else {
            self.make_call(line.name.as_deref(), call, outcome)
        }
    }

    /// Looks once more, and adds to an outcome what has changed and what became of jobs.
    fn conclude(&mut self, outcome: &mut Outcome) -> Result<(), Failure> {
        self.look(self.options.settle)?;
        outcome.jobs.extend(self.finished_jobs());
        // A job that has returned has given its result a name.
        self.absorb();
        outcome.changes = self.changes();
        Ok(())
    }

    /// What happened to jobs since the last line; empty when nothing did.
    pub fn news(&mut self) -> Option<Outcome> {
        self.take_what_has_come();
        let seen = self.watch_has_news();
        if !seen && !self.jobs_have_news() {
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
        Interrupter::new(self.sender.clone())
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

    /// The next line of a file that `source` has opened, if any is left.
    pub fn next_pending(&mut self) -> Option<String> {
        let next = self.pending.pop_front();
        // What comes after the last of them is typed again.
        self.depth = next.as_ref().map_or(0, |next| next.depth);
        let next = next?;
        self.place = Some(next.place);
        Some(next.line)
    }

    /// How deep in files that were sourced the present line stands: 0 for one that was typed.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Where the present line stands, if it was not typed: `lesson.netlab:7`.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref().filter(|_| self.depth > 0)
    }

    /// Puts the lines of a file before all that are pending.
    pub(crate) fn push_pending(&mut self, file: &str, text: &str) -> Result<(), Failure> {
        const DEEPEST: u32 = 8;
        if self.depth >= DEEPEST {
            return Err(Failure::new(format!("files that source each other, {DEEPEST} deep"))
                .next("a file must not source itself, not even by way of another"));
        }
        let depth = self.depth + 1;
        let lines = text.lines().enumerate().map(|(index, line)| Pending {
            line: line.to_owned(),
            depth,
            place: format!("{file}:{}", index + 1),
        });
        for pending in lines.collect::<Vec<_>>().into_iter().rev() {
            self.pending.push_front(pending);
        }
        Ok(())
    }

    /// Forgets the lines that are pending, for one of them has failed. How many there were.
    pub fn drop_pending(&mut self) -> usize {
        self.depth = 0;
        std::mem::take(&mut self.pending).len()
    }

    /// Waits until the kernel has come to rest, as far as it does.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn settle(&mut self) -> Result<(), Failure> {
        self.look(true)
    }

    /// Looks at the kernel.
    pub(crate) fn look(&mut self, settle: bool) -> Result<(), Failure> {
        self.take_snapshot(settle)?;
        self.absorb();
        Ok(())
    }

    fn take_snapshot(&mut self, settle: bool) -> Result<(), Failure> {
        self.memory.programs = self.programs.sockets();
        let watch = Watch {
            cookies: self.memory.labels.keys().copied().collect(),
            inodes: self.memory.programs.keys().copied().collect(),
            settle,
        };
        self.seen = self.ask_for_look(watch)?;
        Ok(())
    }

    /// Makes ends of the last snapshot.
    fn absorb(&mut self) {
        self.name_new_sockets();
        let ends = ends::ends(&self.seen, &self.memory);
        let before = std::mem::replace(&mut self.ends, ends);
        ends::keep_order(&before, &mut self.ends);
        self.note_ports();
        for end in &self.ends {
            // A program's socket, too, is followed when it has lost its descriptor.
            if let ends::Owner::Program(program) = &end.owner {
                self.memory.labels.insert(end.cookie, program.clone());
            }
        }
    }

    /// What changed since the last time that changes were told.
    fn changes(&mut self) -> Vec<ends::Change> {
        let changes = ends::changes(&self.told, &self.ends);
        self.told.clone_from(&self.ends);
        changes
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

    /// Notes that the changes of these sockets up to now were told.
    pub(crate) fn has_told(&mut self, cookies: &[u64]) {
        self.told.retain(|end| !cookies.contains(&end.cookie));
        let now = self.ends.iter().filter(|end| cookies.contains(&end.cookie));
        self.told.extend(now.cloned());
    }

    /// Brings the names up to date: forgets those whose descriptor is closed, and notes
    /// the sockets that are there.
    fn name_new_sockets(&mut self) {
        let open: HashSet<i32> = self.seen.own.iter().map(|own| own.fd).collect();
        let closed = self.memory.names.iter().filter(|(fd, _)| !open.contains(fd));
        self.memory.closed.extend(closed.map(|(_, name)| name.clone()));
        self.memory.names.retain(|fd, _| open.contains(fd));
        for own in &self.seen.own {
            let label = self.memory.names.get(&own.fd).cloned().unwrap_or_else(|| own.fd.to_string());
            self.memory.labels.insert(own.cookie, label);
        }
        // What is in no table of the kernel any more need not be asked for again.
        let known: HashSet<u64> = self
            .seen
            .own
            .iter()
            .map(|own| own.cookie)
            .chain(self.seen.sockets.iter().map(|fact| fact.cookie))
            .collect();
        self.memory.labels.retain(|cookie, _| known.contains(cookie));
    }

    /// What kind of socket a call is made on.
    fn protocol_of(&self, call: &Call) -> Option<Protocol> {
        let fd = call.descriptor()?;
        self.ends.iter().find(|end| end.has_fd(fd)).map(|end| end.protocol)
    }

    fn note_ports(&mut self) {
        for end in &self.ends {
            let named = matches!(end.owner, ends::Owner::Session(_) | ends::Owner::Program(_));
            if let (true, Some(local)) = (named, &end.local) {
                self.names.has_address(end.protocol, local, &end.label());
            }
        }
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
