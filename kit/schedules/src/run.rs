//! One execution. All its threads run on one thread of the system, each with a stack of its own (`stacks`): only the
//! one that has the turn goes on, and to give the turn away costs nothing that the system would have to do.

use crate::event::{Event, Failure, Kind, Object, Place, Way, What};
use crate::guide::{Decision, Guide};
use crate::stacks;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More threads than this are more than can be tried.
const MOST_THREADS: usize = 100;

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
struct Task {
    name: String,
    /// Whether that is the name that the program gave it.
    given: bool,
    need: Need,
    place: Option<Place>,
    woken: Woken,
    /// It has not yet done anything: that it starts can be noticed by nobody.
    fresh: bool,
    finished: bool,
    /// A panic of it is a failure of the run.
    watched: bool,
}

/// All that is known of a run.
#[derive(Debug)]
pub(crate) struct State {
    number: u32,
    tasks: Vec<Task>,
    objects: Vec<Object>,
    /// Who has the mutex, by the number of the object.
    owners: Vec<Option<usize>>,
    pub events: Vec<Event>,
    guide: Guide,
    steps: usize,
    most_steps: usize,
    /// So many more waits may come back unasked.
    unasked: usize,
    failure: Option<Failure>,
    /// The threads of each scope.
    scopes: Vec<Vec<usize>>,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    state: Mutex<State>,
    turn: AtomicUsize,
    over: AtomicBool,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub failure: Option<Failure>,
    pub decisions: Vec<Decision>,
    pub events: Vec<Event>,
    pub objects: Vec<Object>,
    pub threads: Vec<String>,
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

/// What threads of a run that is over are unwound with.
struct Over;

thread_local! {
    static CURRENT: RefCell<Option<(Arc<Run>, usize)>> = const { RefCell::new(None) };
    static PANIC: RefCell<Option<(String, Option<Place>)>> = const { RefCell::new(None) };
}

/// The run that is made at the moment; for who watches over it, and for threads that are not of it.
static LATEST: Mutex<Option<Arc<Run>>> = Mutex::new(None);

/// How many steps were made altogether: it stands still only if a thread does not come back.
static PROGRESS: AtomicU64 = AtomicU64::new(0);

fn own<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn current() -> Option<(Arc<Run>, usize)> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// Takes a step: lets others go first if the schedule wants it, waits for what is needed, and then
/// does it. None if the run is over and this thread is being unwound already.
pub(crate) fn step<R>(
    mut need: impl FnMut(&mut State, usize) -> Need,
    gives_way: bool,
    place: Option<Place>,
    act: impl FnOnce(&mut State, usize) -> R,
) -> Option<R> {
    let (run, me) = come_to_turn(&mut need, gives_way, place)?;
    let mut state = own(&run.state);
    Some(act(&mut state, me))
}

/// All of a step but what is done in the end. It is not generic, and so compiled once.
fn come_to_turn(
    need: &mut dyn FnMut(&mut State, usize) -> Need,
    gives_way: bool,
    place: Option<Place>,
) -> Option<(Arc<Run>, usize)> {
    let Some((run, me)) = current() else { stranger() };
    PROGRESS.fetch_add(1, Ordering::Relaxed);
    if run.is_over() {
        leave();
        return None;
    }
    let mut state = own(&run.state);
    let need = need(&mut state, me);
    match state.next(me, need, gives_way, place) {
        Ok(next) if next == me => {}
        Ok(next) => {
            drop(state);
            run.turn.store(next, Ordering::Relaxed);
            stacks::away();
            if run.is_over() {
                leave();
                return None;
            }
            return Some((run, me));
        }
        Err(failure) => {
            run.end(state, Some(failure));
            leave();
            return None;
        }
    }
    drop(state);
    Some((run, me))
}

/// Notes something that needs no turn: nobody else can notice that it happens just now.
pub(crate) fn note<R>(act: impl FnOnce(&mut State, usize) -> R) -> Option<R> {
    let (run, me) = current()?;
    if run.is_over() {
        return None;
    }
    let mut state = own(&run.state);
    Some(act(&mut state, me))
}

/// Whether the run of this thread is over.
pub(crate) fn is_over() -> bool {
    current().is_none_or(|(run, _)| run.is_over())
}

/// Ends the run: something that must hold does not.
pub(crate) fn fail(way: Way, expected: String, actual: String) {
    let Some((run, _)) = current() else { stranger() };
    let state = own(&run.state);
    run.end(state, Some(Failure { way, expected, actual, stuck: Vec::new() }));
    leave();
}

/// The run is over: this thread is unwound when it is its turn, if it is not already. Those that were started
/// last come first, since they may use what others lent them.
fn leave() {
    if std::thread::panicking() {
        return;
    }
    stacks::last();
    resume_unwind(Box::new(Over));
}

/// A thread that is not of the run uses what only threads of the run may use.
fn stranger() -> ! {
    let latest = own(&LATEST).clone();
    if let Some(run) = latest {
        let actual = "a thread that was not started by labkit::thread uses labkit::sync".to_owned();
        let expected = "threads are started by labkit::thread".to_owned();
        let state = own(&run.state);
        run.end(state, Some(Failure { way: Way::Outside, expected, actual, stuck: Vec::new() }));
    }
    resume_unwind(Box::new(Over));
}

impl Run {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// The run is over: all its threads are unwound. The first failure counts.
    fn end(&self, mut state: MutexGuard<'_, State>, failure: Option<Failure>) {
        if self.is_over() {
            return;
        }
        state.failure = failure;
        self.over.store(true, Ordering::Release);
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
    fn next(
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
    fn other(&mut self, me: usize, can: bool) -> Result<usize, Failure> {
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

/// Adds a thread to the run, which is to be started with [`begin`].
pub(crate) fn add(name: Option<String>, watched: bool) -> usize {
    let added = note(|state, _| {
        // Two of one name would be one column.
        let number = state.tasks.len();
        let taken = |name: &String| state.tasks.iter().any(|task| task.name == *name);
        let given = name.is_some();
        let name = match name {
            Some(name) if !taken(&name) => name,
            Some(name) => format!("{name} ({number})"),
            None => format!("thread-{number}"),
        };
        state.tasks.push(Task {
            name,
            given,
            need: Need::Nothing,
            place: None,
            woken: Woken::Not,
            fresh: true,
            finished: false,
            watched,
        });
        state.tasks.len() - 1
    });
    match added {
        Some(task) if task < MOST_THREADS => task,
        Some(_) => {
            let expected = format!("at most {MOST_THREADS} threads");
            fail(Way::Outside, expected, "there are more: not all of their schedules can be tried".into());
            0
        }
        None => {
            leave();
            0
        }
    }
}

/// The work of a thread that was added: with what comes around it, it can be started.
pub(crate) fn body<'a>(me: usize, work: impl FnOnce() + 'a) -> impl FnOnce() + 'a {
    move || {
        let Some((run, _)) = current() else { stranger() };
        if run.is_over() {
            return;
        }
        // Nothing is seen of what the work leaves behind: the run is over then, or the panic is told.
        let panicked = catch_unwind(AssertUnwindSafe(work)).is_err();
        finish(&run, me, panicked);
    }
}

/// A thread has ended.
fn finish(run: &Run, me: usize, panicked: bool) {
    let mut state = own(&run.state);
    if run.is_over() {
        return;
    }
    if panicked {
        let (message, place) = last_panic();
        state.events.push(Event::new(me, What::Panics, place).saying(message.clone()));
        if state.tasks[me].watched {
            let (expected, stuck) = (String::new(), Vec::new());
            run.end(state, Some(Failure { way: Way::Panic, expected, actual: message, stuck }));
            return;
        }
    }
    if me == 0 {
        // With the first thread the program ends, whatever others do.
        run.end(state, None);
        return;
    }
    state.events.push(Event::new(me, What::Ends, None));
    state.tasks[me].finished = true;
    match state.other(me, false) {
        Ok(next) => run.turn.store(next, Ordering::Relaxed),
        Err(failure) => run.end(state, Some(failure)),
    }
}

/// What the last panic of this thread said, and where it was.
pub(crate) fn last_panic() -> (String, Option<Place>) {
    PANIC.with(|last| last.borrow_mut().take()).unwrap_or_default()
}

/// Notes that a panic was caught, with what it said.
pub(crate) fn panicked() {
    let (message, place) = last_panic();
    note(|state, me| state.events.push(Event::new(me, What::Panics, place).saying(message)));
}

/// Executes this once, to its end or its first failure.
pub(crate) fn execute(work: fn(), guide: Guide, unasked: usize, most_steps: usize) -> Ran {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let first = Task {
        name: "main".into(),
        given: true,
        need: Need::Nothing,
        place: None,
        woken: Woken::Not,
        fresh: false,
        finished: false,
        watched: true,
    };
    let state = State {
        number: NUMBER.fetch_add(1, Ordering::Relaxed),
        tasks: vec![first],
        objects: Vec::new(),
        owners: Vec::new(),
        events: Vec::new(),
        guide,
        steps: 0,
        most_steps,
        unasked,
        failure: None,
        scopes: Vec::new(),
    };
    let (turn, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let run = Arc::new(Run { state: Mutex::new(state), turn, over });
    *own(&LATEST) = Some(run.clone());
    let is = |task| CURRENT.with(|current| *current.borrow_mut() = Some((run.clone(), task)));
    is(0);
    stacks::add(Box::new(body(0, work)));
    while !run.is_over() {
        let turn = run.turn.load(Ordering::Relaxed);
        is(turn);
        stacks::go_on(turn);
    }
    stacks::unwind(is);
    CURRENT.with(|current| *current.borrow_mut() = None);
    run.taken()
}

impl Run {
    /// What came of it, so far.
    fn taken(&self) -> Ran {
        let mut state = own(&self.state);
        Ran {
            failure: state.failure.take(),
            decisions: std::mem::take(&mut state.guide.made),
            events: std::mem::take(&mut state.events),
            objects: std::mem::take(&mut state.objects),
            threads: state.tasks.iter().map(|task| task.name.clone()).collect(),
        }
    }
}

/// How many steps were made since the program began.
pub(crate) fn progress() -> u64 {
    PROGRESS.load(Ordering::Relaxed)
}

/// The run whose thread does not come back, as far as it came, and that thread. The run can never be used again.
pub(crate) fn stuck() -> Option<Ran> {
    let run = own(&LATEST).clone()?;
    let turn = run.turn.load(Ordering::Acquire);
    let mut ran = run.taken();
    let name = ran.threads.get(turn).cloned().unwrap_or_default();
    let actual = format!(
        "{name} does not come back: it is in a loop that uses nothing of labkit::sync, or waits for something that is not of it"
    );
    let expected = "every thread goes on, or waits by labkit::sync or labkit::thread".to_owned();
    // If it has failed before, a thread does not let itself be unwound.
    ran.failure.get_or_insert(Failure { way: Way::Outside, expected, actual, stuck: Vec::new() });
    Some(ran)
}

/// Panics of threads of a run are told by the run, and by nobody else.
pub(crate) fn hear_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if current().is_none() {
            return usual(info);
        }
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let place = info.location().map(|location| Place {
            // There is one such place, or a few: the search ends with the first failure.
            file: String::leak(location.file().to_owned()),
            line: location.line(),
        });
        PANIC.with(|last| *last.borrow_mut() = Some((message, place)));
    }));
}
