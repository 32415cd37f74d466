//! Making calls: in the foreground, or in the background as jobs.

use super::waiting::Stop;
use super::{JobNewsTime, Session};
use crate::explain;
use crate::kernel::sock_diag::SocketFact;
use crate::kernel::thread::{self, ThreadFact};
use crate::outcome::{Blocked, Failure, JobNews, JobState, Made, Outcome};
use crate::worker::call::{Call, Done, End as LoopEnd, Return, Value};
use crate::worker::close_look::CloseLook;
use crate::worker::protocol::{CallId, Request, Snapshot, Watch};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After so long a call in the foreground that has not returned is told to be blocked.
const TELL_BLOCKED: Duration = Duration::from_millis(200);

/// After so long a cancelled call should have ended; it is signalled every few milliseconds.
const CANCELLED: Duration = Duration::from_secs(5);

/// The calls that were made and are not yet accounted for, and the worker's answers.
#[derive(Default)]
pub(super) struct Calls {
    flights: BTreeMap<CallId, Flight>,
    jobs: BTreeMap<u32, Job>,
    last_job: u32,
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
struct Flight {
    thread: Option<ThreadFact>,
    done: Option<Done>,
}

/// A call in the background.
#[derive(Debug, Clone)]
pub struct Job {
    id: CallId,
    /// The line that started it, as it is shown.
    pub line: String,
    /// What it calls.
    pub call: Call,
    /// The name that its result will have.
    pub name: Option<String>,
    told_blocked: bool,
    cancelled: bool,
    /// Whether a line has asked what became of it.
    asked: bool,
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

    /// Gives the number of the last job to the next one again.
    pub(super) fn forget_last_job(&mut self) {
        self.last_job = self.last_job.saturating_sub(1);
    }

    /// The number of the job that was started last.
    pub(super) fn last_job(&self) -> u32 {
        self.last_job
    }

    /// The job whose result will have this name.
    pub(super) fn awaited(&self, name: &str) -> Option<u32> {
        self.jobs.iter().find(|(_, job)| job.name.as_deref() == Some(name)).map(|(number, _)| *number)
    }
}

impl Session {
    /// Makes a call and waits for its end, saying so when it blocks.
    pub(super) fn make_call(
        &mut self,
        name: Option<&str>,
        call: Call,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        // What programs do meanwhile is found out when the call has returned.
        let then_look = self.programs.is_empty().then(|| self.to_watch(self.options.settle));
        let id = self.launch(call.clone(), then_look)?;
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
    fn settle_result(&mut self, name: Option<&str>, made: &Made) -> Result<Option<Failure>, Failure> {
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

    /// Sends a call to the background. Returns when it has returned or is blocked.
    pub(super) fn start_job(
        &mut self,
        name: Option<String>,
        call: Call,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let id = self.launch(call.clone(), None)?;
        let number = self.new_job(id, name, &outcome.shown_line(), &call);
        // Without /proc nobody sees whether it is blocked.
        let long = if thread::can_be_looked_at() { CANCELLED } else { TELL_BLOCKED };
        let settled = self.wait_until(Some(Instant::now() + long), |session| {
            let flight = session.calls.flights.get(&id)?;
            (flight.done.is_some() || flight.thread.is_some()).then_some(())
        });
        match settled {
            Err(stop @ Stop::WorkerGone(_)) => return Err(stop.failure("")),
            // Ctrl-C here is for the prompt; the job stays.
            Err(_) => outcome.jobs.push(JobNews { number, what: JobState::Running(call) }),
            Ok(()) if self.options.job_news == JobNewsTime::WhenAsked => {
                outcome.jobs.push(JobNews { number, what: JobState::Running(call) });
            }
            Ok(()) => {}
        }
        Ok(())
    }

    /// Makes a job of a call that was launched. Its number.
    fn new_job(&mut self, id: CallId, name: Option<String>, line: &str, call: &Call) -> u32 {
        self.calls.last_job += 1;
        let job = Job {
            id,
            line: line.trim().to_owned(),
            call: call.clone(),
            name,
            told_blocked: false,
            cancelled: false,
            asked: false,
        };
        self.calls.jobs.insert(self.calls.last_job, job);
        self.calls.last_job
    }

    fn launch(&mut self, call: Call, then_look: Option<Watch>) -> Result<CallId, Failure> {
        let id = self.worker.make(call, then_look).map_err(|error| self.cannot_ask(&error))?;
        self.calls.flights.insert(id, Flight::default());
        Ok(id)
    }

    fn take_done(&mut self, id: CallId) -> Option<Done> {
        let done = self.calls.flights.get_mut(&id)?.done.take()?;
        self.calls.flights.remove(&id);
        Some(done)
    }

    /// The proof that a call is blocked, if there is one.
    fn blocked(&self, id: CallId, call: &Call) -> Option<Blocked> {
        let thread = self.calls.flights.get(&id)?.thread.clone()?;
        let (why, next) = explain::blocked(call, &self.ends, &self.names);
        Some(Blocked { call: call.clone(), thread, why, next })
    }

    /// Interrupts a call and waits until it has ended.
    fn interrupt(&mut self, id: CallId) -> Result<Done, Failure> {
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

    /// Cancels a job.
    pub(crate) fn cancel(&mut self, number: u32) -> Result<(), Failure> {
        let job = self.calls.jobs.get_mut(&number).ok_or_else(|| no_such_job(number))?;
        job.cancelled = true;
        job.asked = true;
        let id = job.id;
        let done = self.interrupt(id)?;
        // It is told by `finished_jobs`, as every end of a job.
        self.calls.flights.insert(id, Flight { thread: None, done: Some(done) });
        Ok(())
    }

    /// Waits until a job has returned. The news of it come with the line.
    pub(crate) fn wait_for_job(&mut self, number: u32, deadline: Option<Instant>) -> Result<(), Failure> {
        let Some(id) = self.calls.jobs.get(&number).map(|job| job.id) else {
            // One that has returned, and was told of, need not be waited for.
            return if (1..=self.calls.last_job).contains(&number) {
                Ok(())
            } else {
                Err(no_such_job(number))
            };
        };
        if let Some(job) = self.calls.jobs.get_mut(&number) {
            job.asked = true;
        }
        let waited = self.wait_until(deadline, |session| session.has_returned(id).then_some(()));
        waited.map_err(|stop| {
            let mut failure = stop.failure(&format!("job {number} has not returned"));
            let call = self.calls.jobs.get(&number).map(|job| job.call.clone());
            let blocked = call.and_then(|call| self.blocked(id, &call));
            if let Some(blocked) = blocked {
                failure.why.extend(blocked.why);
                failure.next.extend(blocked.next);
            }
            failure
        })
    }

    /// Waits for a job as for a call that was not sent to the background: an interrupt
    /// interrupts the call, and it may be sent away again. Without a number, the job that
    /// was made last. The news of it come with the line; whether it has ended is returned.
    pub(crate) fn bring_back(&mut self, number: Option<u32>) -> Result<bool, Failure> {
        let number = match number.or_else(|| self.calls.jobs.keys().next_back().copied()) {
            Some(number) => number,
            None => {
                return Err(Failure::new("there is no job to bring back")
                    .next("a call becomes one with `&` behind it, or by Ctrl-Z while it blocks"));
            }
        };
        let last = self.calls.last_job;
        let Some(job) = self.calls.jobs.get_mut(&number) else {
            // One that has returned, and was told of, need not be waited for.
            return if (1..=last).contains(&number) { Ok(true) } else { Err(no_such_job(number)) };
        };
        job.asked = true;
        job.told_blocked = true;
        let (id, call) = (job.id, job.call.clone());
        if let (Some(blocked), false) = (self.blocked(id, &call), self.has_returned(id)) {
            (self.options.on_blocked)(&blocked, &self.names);
        }
        let deadline = self.limit().map(|limit| Instant::now() + limit);
        match self.wait_until(deadline, |session| session.has_returned(id).then_some(())) {
            Ok(()) => Ok(true),
            Err(Stop::SentAway) => Ok(false),
            Err(Stop::Interrupted) => self.cancel(number).map(|()| true),
            Err(stop) => Err(stop.failure(&format!("job {number} has not returned"))),
        }
    }

    fn has_returned(&self, id: CallId) -> bool {
        self.calls.flights.get(&id).is_none_or(|flight| flight.done.is_some())
    }

    /// The jobs, by number.
    pub fn jobs(&self) -> impl Iterator<Item = (u32, &Job)> {
        self.calls.jobs.iter().map(|(number, job)| (*number, job))
    }

    /// What a job is doing.
    pub(crate) fn job_state(&self, number: u32) -> Option<JobState> {
        let job = self.calls.jobs.get(&number)?;
        let state = match self.blocked(job.id, &job.call) {
            Some(blocked) => JobState::Blocked(blocked),
            None => JobState::Running(job.call.clone()),
        };
        Some(state)
    }

    /// Whether there is anything that `finished_jobs` would tell.
    pub(super) fn jobs_have_news(&self) -> bool {
        self.calls.jobs.values().any(|job| {
            let blocked = self.calls.flights.get(&job.id).is_some_and(|flight| flight.thread.is_some());
            self.has_returned(job.id) || (blocked && !job.told_blocked)
        })
    }

    /// What became of the jobs since this was asked last: blocked now, or returned. A
    /// returned one is forgotten here, its result has its name, and its changes are looked at.
    pub(super) fn finished_jobs(&mut self) -> Vec<JobNews> {
        let mut news = Vec::new();
        let numbers: Vec<u32> = self.calls.jobs.keys().copied().collect();
        for number in numbers {
            let Some(job) = self.calls.jobs.get(&number).cloned() else { continue };
            if self.options.job_news == JobNewsTime::WhenAsked && !job.asked {
                continue;
            }
            if let Some(done) = self.take_done(job.id) {
                self.calls.jobs.remove(&number);
                news.push(JobNews { number, what: self.ended(&job, done) });
            } else if let (Some(blocked), false) = (self.blocked(job.id, &job.call), job.told_blocked) {
                if let Some(job) = self.calls.jobs.get_mut(&number) {
                    job.told_blocked = true;
                }
                news.push(JobNews { number, what: JobState::Blocked(blocked) });
            }
        }
        news
    }

    fn ended(&mut self, job: &Job, done: Done) -> JobState {
        let made = Made { call: job.call.clone(), done };
        // Whether it had just returned by itself is a question of who was faster.
        let either_way = self.options.job_news == JobNewsTime::WhenAsked;
        if job.cancelled && (either_way || made.done.last.errno == Some(libc::EINTR)) {
            return JobState::Cancelled(made);
        }
        let failure = self.settle_result(job.name.as_deref(), &made).unwrap_or_else(Some);
        JobState::Returned(made, failure)
    }
}

fn no_such_job(number: u32) -> Failure {
    Failure::new(format!("there is no job {number}")).next("`jobs` lists those that have not returned")
}
