//! Jobs: calls in the background, and what became of them.

use super::calls::{CANCELLED, Calls, Flight, TELL_BLOCKED};
use super::waiting::Stop;
use super::{JobNewsTime, Session};
use crate::kernel::thread;
use crate::outcome::{Failure, JobNews, JobState, Made, Outcome};
use crate::worker::call::{Call, Done};
use crate::worker::protocol::CallId;
use std::time::Instant;

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
    pub(super) told_blocked: bool,
    cancelled: bool,
    /// Whether a line has asked what became of it.
    asked: bool,
}

impl Calls {
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
    /// Sends a call to the background. Returns when it has returned or is blocked.
    pub(super) fn start_job(
        &mut self,
        name: Option<String>,
        call: Call,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let id = self.launch(call.clone(), false, None)?;
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
    pub(super) fn new_job(&mut self, id: CallId, name: Option<String>, line: &str, call: &Call) -> u32 {
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
