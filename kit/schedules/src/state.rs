//! All that is known of a run, and who of its threads can go on.

use crate::event::{Event, Failure, Kind, Object, Place, Way, What};
use crate::guide::Guide;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a thread needs before it can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// This mutex.
    Lock(usize),
    /// To be notified, and then the mutex; or that nobody else can go on, if it waits for a time only.
    Notice {
        condvar: usize,
        lock: usize,
        timed: bool,
    },
    /// The end of this thread.
    End(usize),
    /// That nobody else can go on.
    Quiet,
}

/// How a thread came back from a condition variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    Not,
    Asked,
    Unasked,
    Late,
}

/// A thread of a run.
#[derive(Debug)]
pub(crate) struct Task {
    pub name: String,
    /// Whether that is the name that the program gave it.
    pub given: bool,
    pub need: Need,
    pub place: Option<Place>,
    pub woken: Woken,
    /// It has not yet done anything: that it starts can be noticed by nobody.
    pub fresh: bool,
    pub finished: bool,
    /// A panic of it is a failure of the run.
    pub watched: bool,
}

/// All that is known of a run.
#[derive(Debug)]
pub(crate) struct State {
    pub number: u32,
    pub tasks: Vec<Task>,
    pub objects: Vec<Object>,
    /// Who has the mutex, by the number of the object.
    pub owners: Vec<Option<usize>>,
    pub events: Vec<Event>,
    pub guide: Guide,
    pub steps: usize,
    pub most_steps: usize,
    /// So many more waits may come back unasked.
    pub unasked: usize,
    pub failure: Option<Failure>,
    /// The threads of each scope.
    pub scopes: Vec<Vec<usize>>,
}

/// The number of an object in the run that uses it at the moment: it is given at the first use, so that objects
/// are numbered in the same order in the same schedule.
#[derive(Debug)]
pub(crate) struct Id(AtomicU64);

impl Id {
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl State {
    fn can_go_on(&self, task: usize) -> bool {
        let Task { need, woken, finished, .. } = &self.tasks[task];
        !finished
            && match *need {
                Need::Nothing => true,
                Need::Lock(lock) => self.owners[lock].is_none(),
                Need::Notice { lock, .. } => *woken != Woken::Not && self.owners[lock].is_none(),
                Need::End(other) => self.tasks[other].finished,
                Need::Quiet => false,
            }
    }

    /// Who goes on. It is the thread itself, another one, or a failure if nobody can.
    pub fn next(
        &mut self,
        me: usize,
        need: Need,
        gives_way: bool,
        place: Option<Place>,
    ) -> Result<usize, Failure> {
        self.tasks[me].need = need;
        self.tasks[me].place = place;
        if let Need::Notice { .. } = need {
            self.tasks[me].woken = Woken::Not;
        }
        let fresh = std::mem::replace(&mut self.tasks[me].fresh, false);
        self.steps += 1;
        if self.steps > self.most_steps {
            return Err(self.endless());
        }
        let ready = self.can_go_on(me);
        if fresh && ready {
            return Ok(me);
        }
        if !ready && place.is_some() {
            let event = match need {
                Need::Lock(lock) => {
                    Event::new(me, What::Wants, place).on(lock).to(self.owners[lock].into_iter().collect())
                }
                Need::End(other) => Event::new(me, What::WaitsForEnd, place).to(vec![other]),
                _ => return self.other(me, false),
            };
            self.events.push(event);
        }
        self.other(me, ready && !gives_way)
    }

    /// Who goes on. If the thread itself `can`, that is what is usual.
    pub fn other(&mut self, me: usize, can: bool) -> Result<usize, Failure> {
        let count = self.tasks.len();
        let all = || (1..=count).map(|step| (me + step) % count);
        let mut options: Vec<usize> = if can { vec![me] } else { Vec::new() };
        options.extend(all().filter(|task| !(can && *task == me) && self.can_go_on(*task)));
        if options.is_empty() {
            options.extend(all().find(|task| matches!(self.tasks[*task].need, Need::Quiet)));
        }
        if options.is_empty() {
            let timed = |task: &usize| self.is_left(*task, true);
            options.extend(all().find(timed));
            if let Some(late) = options.first() {
                self.tasks[*late].woken = Woken::Late;
            }
        }
        if options.is_empty() {
            return Err(self.deadlock());
        }
        let asked = options.len();
        if self.unasked > 0 {
            options.extend(all().filter(|task| self.is_left(*task, false)));
        }
        let chosen = self.guide.decide(options.len());
        if chosen >= asked {
            self.unasked -= 1;
            self.tasks[options[chosen]].woken = Woken::Unasked;
        }
        Ok(options[chosen])
    }

    /// Whether a thread waits at a condition variable, was not notified, and could have the mutex.
    fn is_left(&self, task: usize, timed_only: bool) -> bool {
        let Task { need, woken, finished, .. } = &self.tasks[task];
        let Need::Notice { lock, timed, .. } = *need else { return false };
        !finished && *woken == Woken::Not && self.owners[lock].is_none() && (timed || !timed_only)
    }

    fn deadlock(&self) -> Failure {
        let (expected, actual) = (String::new(), String::new());
        Failure { way: Way::Deadlock, expected, actual, stuck: self.stuck() }
    }

    fn stuck(&self) -> Vec<Event> {
        let waits = |(thread, task): (usize, &Task)| {
            let event = |what| Event::new(thread, what, task.place);
            match task.need {
                _ if task.finished || task.place.is_none() => None,
                Need::Lock(lock) => {
                    Some(event(What::Wants).on(lock).to(self.owners[lock].into_iter().collect()))
                }
                Need::Notice { condvar, lock, .. } if task.woken == Woken::Not => {
                    Some(Event { other: Some(lock), ..event(What::Waits).on(condvar) })
                }
                Need::Notice { lock, .. } => {
                    Some(event(What::Wants).on(lock).to(self.owners[lock].into_iter().collect()))
                }
                Need::End(other) => Some(event(What::WaitsForEnd).to(vec![other])),
                Need::Nothing | Need::Quiet => None,
            }
        };
        self.tasks.iter().enumerate().filter_map(waits).collect()
    }

    /// Somebody goes on for ever: the one who did most of late.
    fn endless(&self) -> Failure {
        let late = &self.events[self.events.len().saturating_sub(self.most_steps / 4)..];
        let count = |task: usize| late.iter().filter(|event| event.thread == task).count();
        let busiest = (0..self.tasks.len()).max_by_key(|task| (count(*task), usize::MAX - task)).unwrap_or(0);
        let stuck = late.iter().rev().find(|event| event.thread == busiest).cloned();
        let (expected, actual) = (String::new(), String::new());
        Failure { way: Way::Endless, expected, actual, stuck: stuck.into_iter().collect() }
    }

    /// The number of an object.
    pub fn object(&mut self, id: &Id, kind: Kind, made: impl Into<Place>) -> usize {
        let known = id.0.load(Ordering::Relaxed);
        if known >> 32 == u64::from(self.number) {
            return usize::try_from(known & 0xffff_ffff).unwrap_or(0);
        }
        let number = self.objects.len();
        self.objects.push(Object { kind, made: made.into() });
        self.owners.push(None);
        id.0.store(u64::from(self.number) << 32 | number as u64, Ordering::Relaxed);
        number
    }

    /// Whether somebody has the mutex.
    pub fn is_taken(&self, lock: usize) -> bool {
        self.owners[lock].is_some()
    }

    pub fn take(&mut self, me: usize, lock: usize) {
        self.owners[lock] = Some(me);
    }

    pub fn free(&mut self, lock: usize) {
        self.owners[lock] = None;
    }

    /// How a thread came back from waiting.
    pub fn woken(&self, me: usize) -> Woken {
        self.tasks[me].woken
    }

    /// All who wait at a condition variable, in their order of numbers, and are not notified yet.
    pub fn waiters(&self, of: usize) -> Vec<usize> {
        let waits = |task: &Task| {
            matches!(task.need, Need::Notice { condvar, .. } if condvar == of)
                && task.woken == Woken::Not
                && !task.finished
        };
        (0..self.tasks.len()).filter(|task| waits(&self.tasks[*task])).collect()
    }

    pub fn notify(&mut self, task: usize) {
        self.tasks[task].woken = Woken::Asked;
    }

    /// One of those that may be woken. None is better than another.
    pub fn whom(&mut self, waiters: &[usize]) -> Option<usize> {
        if waiters.is_empty() { None } else { Some(waiters[self.guide.decide(waiters.len())]) }
    }

    pub fn is_finished(&self, task: usize) -> bool {
        self.tasks[task].finished
    }

    /// The name that a thread was given.
    pub fn given_name(&self, task: usize) -> Option<String> {
        let Task { name, given, .. } = &self.tasks[task];
        given.then(|| name.clone())
    }

    pub fn new_scope(&mut self) -> usize {
        self.scopes.push(Vec::new());
        self.scopes.len() - 1
    }

    pub fn join_scope(&mut self, scope: usize, task: usize) {
        self.scopes[scope].push(task);
    }

    pub fn scope(&self, scope: usize) -> Vec<usize> {
        self.scopes[scope].clone()
    }
}
