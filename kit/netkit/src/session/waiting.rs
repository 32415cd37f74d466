//! Waiting: whatever a session waits for arrives in one queue, and is taken here.

use super::Session;
use super::resolve;
use crate::kernel::sock_diag::SocketFact;
use crate::outcome::Failure;
use crate::worker::call::{Call, Return};
use crate::worker::close_look::{CloseLook, Subject};
use crate::worker::protocol::{Event, Request, Snapshot, Watch};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// What a session hears of.
#[derive(Debug)]
pub(super) enum News {
    /// The worker of this number tells something.
    Worker(u32, Event),
    /// A program has written something or has ended.
    Program,
    /// A rule of a relay has come to act.
    Relay,
    /// A name was looked up: the number of the look-up and its answer.
    Resolved(u64, resolve::Answer),
    /// Someone pressed Ctrl-C, after so many entries.
    Interrupt(u64),
    /// Someone pressed Ctrl-Z, after so many entries.
    SendAway(u64),
}

/// Why waiting ended without what was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-Z: what is waited for is to go on in the background.
    SentAway,
    /// The time was up.
    TimeUp,
    /// The worker has ended.
    WorkerGone(String),
}

/// Interrupts the line that a session is running.
#[derive(Debug, Clone)]
pub struct Interrupter {
    sender: Sender<News>,
    entries: Arc<AtomicU64>,
}

impl Interrupter {
    pub(super) fn new(sender: Sender<News>, entries: Arc<AtomicU64>) -> Self {
        Self { sender, entries }
    }

    /// Someone has entered what runs next: interrupts that come from now on are meant for it,
    /// even if it has not begun yet.
    pub fn entered(&self) {
        self.entries.fetch_add(1, Ordering::SeqCst);
    }

    /// Interrupts. A line that has already ended is not affected, nor is the next one, unless it
    /// was [`entered`](Self::entered) before.
    pub fn interrupt(&self) {
        // A session that has ended needs no interrupting.
        let _ = self.sender.send(News::Interrupt(self.entries.load(Ordering::SeqCst)));
    }

    /// Sends the line's call to the background, if it is one that can be; else the line
    /// stops waiting. For which line it is meant is as with [`interrupt`](Self::interrupt).
    pub fn send_away(&self) {
        // As above.
        let _ = self.sender.send(News::SendAway(self.entries.load(Ordering::SeqCst)));
    }
}

impl Stop {
    /// As the failure of a line.
    pub(crate) fn failure(&self, what: &str) -> Failure {
        match self {
            Self::Interrupted => Failure::new(format!("{what}: interrupted")),
            Self::SentAway => Failure::new(format!("{what}: not waited for any longer")),
            Self::TimeUp => Failure::new(format!("{what}: the time is up")),
            Self::WorkerGone(reason) => Failure::new(format!(
                "the worker, the process with this session's sockets, has ended: {reason}"
            ))
            .next("all sockets are gone with it; `rewind 0` begins anew, `rewind N` runs the lines up to N again (`lines` lists them)"),
        }
    }
}

impl Session {
    /// Waits until `ready` has an answer, taking news as they come.
    pub(crate) fn wait_until<T>(
        &mut self,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Self) -> Option<T>,
    ) -> Result<T, Stop> {
        loop {
            if let Some(answer) = ready(self) {
                return Ok(answer);
            }
            let left =
                deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(Stop::TimeUp);
            }
            let news = match self.news.recv_timeout(left) {
                Ok(news) => news,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::WorkerGone("it is silent".into())),
            };
            self.take(news)?;
        }
    }

    /// Takes one piece of news.
    fn take(&mut self, news: News) -> Result<(), Stop> {
        match news {
            News::Interrupt(_) => return Err(Stop::Interrupted),
            News::SendAway(_) => return Err(Stop::SentAway),
            News::Program | News::Relay => {}
            News::Resolved(number, answer) => self.resolver.answered(number, answer),
            News::Worker(generation, _) if generation != self.generation => {}
            News::Worker(_, Event::Blocked(id, thread)) => self.calls.blocked(id, thread),
            News::Worker(_, Event::Done { id, done, look_follows }) => {
                self.calls.done(id, done);
                self.calls.look_follows |= look_follows;
            }
            News::Worker(_, Event::Looked(answer)) => self.calls.looked = Some(answer),
            News::Worker(_, Event::LookedAtAll(answer)) => self.calls.looked_at_all = Some(answer),
            News::Worker(_, Event::LookedClosely(answer)) => self.calls.looked_closely = Some(answer),
            News::Worker(_, Event::Failed(reason)) => self.calls.gone = Some(reason),
            News::Worker(_, Event::MadeAll(answer)) => self.calls.made_all = Some(answer),
            News::Worker(_, Event::Gone(reason)) => {
                let reason = self.worker.ending().unwrap_or(reason);
                // Why it could not work says more than how it ended.
                self.calls.gone.get_or_insert(reason);
            }
        }
        match &self.calls.gone {
            Some(reason) => Err(Stop::WorkerGone(reason.clone())),
            None => Ok(()),
        }
    }

    /// Takes all that has come, without waiting.
    pub(super) fn take_what_has_come(&mut self) {
        while let Ok(news) = self.news.try_recv() {
            // That the worker is gone is noted, and said by the next line.
            let _ = self.take(news);
        }
    }

    /// A line begins. What was pressed before it was entered is not meant for it; what was
    /// pressed since then is, and is kept for it.
    pub(super) fn begin_line(&mut self) {
        let now = self.entries.load(Ordering::SeqCst);
        let first = self.begun.replace(now) != Some(now) && now > 0;
        let mut kept = None;
        while let Ok(news) = self.news.try_recv() {
            match news {
                News::Interrupt(entry) | News::SendAway(entry) if first && entry == now => kept = Some(news),
                // That the worker is gone is noted, and said by the line.
                news => drop(self.take(news)),
            }
        }
        if let Some(news) = kept {
            // The receiving end is in `self`: this cannot fail.
            let _ = self.sender.send(news);
        }
    }

    /// Waits for something that has no event, by looking again and again.
    ///
    /// The kernel does not tell when a socket changes its state, nor when a program
    /// starts to listen.
    pub(crate) fn look_until<T>(
        &mut self,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Self) -> Result<Option<T>, Failure>,
    ) -> Result<Result<T, Stop>, Failure> {
        const PAUSE: Duration = Duration::from_millis(4);
        loop {
            self.look(false)?;
            if let Some(answer) = ready(self)? {
                return Ok(Ok(answer));
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Ok(Err(Stop::TimeUp));
            }
            match self.wait_until::<()>(Some(Instant::now() + PAUSE), |_| None) {
                Err(Stop::TimeUp) | Ok(()) => {}
                Err(stop) => return Ok(Err(stop)),
            }
        }
    }

    pub(super) fn ask_for_look(&mut self, watch: Watch) -> Result<Snapshot, Failure> {
        // One that came without being asked for is older.
        self.look_that_follows()?;
        self.ask(&Request::Look(watch))?;
        self.looked()
    }

    /// The look that followed a call's end, if one did and was not taken yet.
    pub(super) fn look_that_follows(&mut self) -> Result<Option<Snapshot>, Failure> {
        let follows = std::mem::take(&mut self.calls.look_follows);
        if follows { self.looked().map(Some) } else { Ok(None) }
    }

    pub(super) fn looked(&mut self) -> Result<Snapshot, Failure> {
        let answer = self.answer(|session| session.calls.looked.take())?;
        answer.map_err(|error| Failure::new(format!("the worker could not look at the kernel: {error}")))
    }

    /// All sockets of the machine, as the worker sees it.
    pub(crate) fn all_sockets(&mut self) -> Result<Vec<SocketFact>, Failure> {
        self.calls.looked_at_all = None;
        self.ask(&Request::LookAtAll)?;
        let answer = self.answer(|session| session.calls.looked_at_all.take())?;
        answer.map_err(|error| Failure::new(format!("the worker could not look at the kernel: {error}")))
    }

    /// Everything of one socket.
    pub(crate) fn look_closely(&mut self, subject: Subject) -> Result<CloseLook, Failure> {
        self.calls.looked_closely = None;
        self.ask(&Request::LookClosely(subject))?;
        let answer = self.answer(|session| session.calls.looked_closely.take())?;
        answer.map_err(|error| Failure::new(format!("the worker could not look at the socket: {error}")))
    }

    /// Makes calls that cannot block, quietly: they are no line's, and nothing is told of them.
    pub(crate) fn make_quietly(&mut self, calls: Vec<Call>) -> Result<Vec<Return>, Failure> {
        self.made_all(&Request::MakeAll(calls))
    }

    /// The same in a table of descriptors of their own, whose first free one is 3.
    pub(crate) fn make_apart(&mut self, calls: Vec<Call>) -> Result<Vec<Return>, Failure> {
        self.made_all(&Request::MakeApart(calls))
    }

    fn made_all(&mut self, request: &Request) -> Result<Vec<Return>, Failure> {
        self.calls.made_all = None;
        self.ask(request)?;
        let answer = self.answer(|session| session.calls.made_all.take())?;
        answer.map_err(|error| Failure::new(format!("the worker could not make these calls: {error}")))
    }

    pub(super) fn ask(&mut self, request: &Request) -> Result<(), Failure> {
        self.worker.ask(request).map_err(|error| self.cannot_ask(&error))
    }

    /// Why the worker cannot be asked any more: its end is told, after all that it has said.
    pub(super) fn cannot_ask(&mut self, error: &io::Error) -> Failure {
        let soon = Instant::now() + Duration::from_secs(1);
        // An error is how waiting tells that the worker is gone.
        let _ = self.wait_until(Some(soon), |session| session.calls.gone.is_some().then_some(()));
        Stop::WorkerGone(self.calls.gone.clone().unwrap_or_else(|| error.to_string())).failure("")
    }

    /// Waits for an answer of the worker, which never takes long. An interrupt meanwhile
    /// must not lose it: it is kept for the line that is running.
    fn answer<T>(&mut self, mut ready: impl FnMut(&mut Self) -> Option<T>) -> Result<T, Failure> {
        let entry = self.entries.load(Ordering::SeqCst);
        let mut kept = None;
        let answer = loop {
            match self.wait_until(None, &mut ready) {
                Err(Stop::Interrupted) => kept = Some(News::Interrupt(entry)),
                Err(Stop::SentAway) => kept = kept.or(Some(News::SendAway(entry))),
                answer => break answer,
            }
        };
        if let Some(news) = kept {
            // The receiving end is in `self`: this cannot fail.
            let _ = self.sender.send(news);
        }
        answer.map_err(|stop| stop.failure("looking at the kernel"))
    }
}
