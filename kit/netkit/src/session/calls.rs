//! Making calls, and waiting for their ends.

use super::waiting::Stop;
use super::{Job, Session};
use crate::explain;
use crate::kernel::sock_diag::SocketFact;
use crate::kernel::thread::ThreadFact;
use crate::outcome::{Blocked, Failure, JobNews, JobState, Made, Outcome};
use crate::worker::call::{Call, Done, End as LoopEnd, Return, Value};
use crate::worker::close_look::CloseLook;
use crate::worker::protocol::{CallId, Request, Snapshot, Watch};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After so long a call in the foreground that has not returned is told to be blocked.
pub(super) const TELL_BLOCKED: Duration = Duration::from_millis(200);

/// After so long a cancelled call should have ended; it is signalled every few milliseconds.
pub(super) const CANCELLED: Duration = Duration::from_secs(5);

/// The calls that were made and are not yet accounted for, and the worker's answers.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) flights: BTreeMap<CallId, Flight>,
    pub(super) jobs: BTreeMap<u32, Job>,
    pub(super) last_job: u32,
    /// Whether a look comes that was not asked for: it follows the end of a call.
    pub(super) look_follows: bool,
    pub(super) looked: Option<Result<Snapshot, String>>,
    pub(super) looked_at_all: Option<Result<Vec<SocketFact>, String>>,
    pub(super) looked_closely: Option<Result<CloseLook, String>>,
    pub(super) made_all: Option<Result<Vec<Return>, String>>,
    pub(super) gone: Option<String>,
}

/// What is known of a call in flight.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) thread: Option<ThreadFact>,
    pub(super) done: Option<Done>,
}

impl Calls {
    pub(super) fn blocked(&mut self, id: CallId, thread: ThreadFact) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.thread = Some(thread);
        }
    }

    pub(super) fn done(&mut self, id: CallId, done: Done) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.done = Some(done);
        }
    }

    /// Whether no call is in flight.
    pub(super) fn none_in_flight(&self) -> bool {
        self.flights.is_empty()
    }
}

impl Session {
    /// Makes a call and waits for its end, saying so when it blocks.
    pub(super) fn make_call(
        &mut self,
        name: Option<&str>,
        call: Call,
        look_first: bool,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        // What programs do meanwhile is found out when the call has returned.
        let then_look = self.programs.is_empty().then(|| self.to_watch(self.options.settle));
        let id = self.launch(call.clone(), look_first, then_look)?;
        if look_first {
            self.look_that_came_first()?;
            outcome.meanwhile = self.changes();
        }
        let start = Instant::now();
        let deadline = self.limit().map(|limit| start + limit);
        let first = deadline.map_or(start + TELL_BLOCKED, |deadline| deadline.min(start + TELL_BLOCKED));
        let mut waited = self.wait_until(Some(first), |session| session.take_done(id));
        if waited == Err(Stop::TimeUp) {
            // What it waits for is in the sockets' state by now, not before the call.
            self.look(false)?;
            outcome.blocked = self.blocked(id, &call);
            if let Some(blocked) = &outcome.blocked {
                (self.options.on_blocked)(blocked, &self.names);
            }
            waited = self.wait_until(deadline, |session| session.take_done(id));
        }
        match waited {
            Ok(done) => self.returned(name, Made { call, done }, outcome),
            Err(stop @ Stop::WorkerGone(_)) => Err(stop.failure("")),
            Err(Stop::SentAway) => {
                let number = self.new_job(id, name.map(str::to_owned), &outcome.shown_line(), &call);
                if let Some(job) = self.calls.jobs.get_mut(&number) {
                    // It was told, or the person knows: they have just sent it away.
                    job.told_blocked = true;
                }
                outcome.jobs.push(JobNews { number, what: JobState::SentAway(call) });
                Ok(())
            }
            Err(stop) => {
                let blocked = self.blocked(id, &call);
                let done = self.interrupt(id)?;
                // An interrupted send that has taken some bytes returns their number, and no error.
                let cut = done.last.errno == Some(libc::EINTR) || done.end == LoopEnd::Failed;
                if stop == Stop::TimeUp && !cut || call.opens && done.last.ok() {
                    // It returned after all, before the signal; a descriptor that it made is there.
                    return self.returned(name, Made { call, done }, outcome);
                }
                let mut failure = explain::stopped(&call, &done, &stop, self.limit(), &self.names);
                if let Some(blocked) = blocked {
                    failure.why.extend(blocked.why);
                    // The number that was set aside for a new descriptor is free again.
                    let next = if call.opens { 1 } else { usize::MAX };
                    failure.next.extend(blocked.next.into_iter().take(next));
                }
                outcome.made = Some(Made { call, done });
                outcome.failure = Some(failure);
                Ok(())
            }
        }
    }

    fn returned(&mut self, name: Option<&str>, made: Made, outcome: &mut Outcome) -> Result<(), Failure> {
        outcome.notes.extend(explain::notes(&made, &self.ends));
        outcome.notes.extend(self.option_notes(&made)?);
        let gives_address = made.done.last.address.is_some();
        if let (Some(name), false, false) = (name, made.call.opens, gives_address) {
            outcome.notes.push(format!(
                "nothing is called `{name}` now: {} returns no socket to be named",
                made.call.function
            ));
        }
        outcome.failure = self.settle_result(name, &made)?;
        outcome.made = Some(made);
        Ok(())
    }

    /// What follows from a result: a new descriptor gets its name, an error its explanation.
    pub(super) fn settle_result(
        &mut self,
        name: Option<&str>,
        made: &Made,
    ) -> Result<Option<Failure>, Failure> {
        let last = &made.done.last;
        if !last.ok() {
            return explain::call_failed(self, made).map(Some);
        }
        if let (true, Some(name)) = (made.call.opens, name) {
            self.give_name(name, i32::try_from(last.value).unwrap_or(-1));
        }
        if let (false, Some(name), Some(address)) = (made.call.opens, name, &last.address) {
            self.name_address(name, address.clone(), made.call.protocol);
        }
        let pair = made.call.arguments.iter().find_map(|argument| match argument {
            Value::PairOut(names) => Some(names),
            _ => None,
        });
        for (name, fd) in pair.into_iter().flatten().zip(last.pair.into_iter().flatten()) {
            self.give_name(name, fd);
        }
        Ok(explain::loop_fell_short(made, &self.names))
    }

    pub(super) fn launch(
        &mut self,
        call: Call,
        look_first: bool,
        then_look: Option<Watch>,
    ) -> Result<CallId, Failure> {
        let id = self.worker.make(call, look_first, then_look).map_err(|error| self.cannot_ask(&error))?;
        self.calls.flights.insert(id, Flight::default());
        Ok(id)
    }

    pub(super) fn take_done(&mut self, id: CallId) -> Option<Done> {
        let done = self.calls.flights.get_mut(&id)?.done.take()?;
        self.calls.flights.remove(&id);
        Some(done)
    }

    /// The proof that a call is blocked, if there is one.
    pub(super) fn blocked(&self, id: CallId, call: &Call) -> Option<Blocked> {
        let thread = self.calls.flights.get(&id)?.thread.clone()?;
        let (why, next) = explain::blocked(call, &self.ends, &self.names);
        Some(Blocked { call: call.clone(), thread, why, next })
    }

    /// Interrupts a call and waits until it has ended.
    pub(super) fn interrupt(&mut self, id: CallId) -> Result<Done, Failure> {
        self.ask(&Request::Cancel(id))?;
        let deadline = Instant::now() + CANCELLED;
        loop {
            match self.wait_until(Some(deadline), |session| session.take_done(id)) {
                Ok(done) => return Ok(done),
                Err(Stop::Interrupted | Stop::SentAway) => {}
                Err(stop) => return Err(stop.failure("interrupting the call")),
            }
        }
    }
}
