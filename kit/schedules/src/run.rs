//! One execution. All its threads run on one thread of the system, each with a stack of its own (`stacks`): only the
//! one that has the turn goes on, and to give the turn away costs nothing that the system would have to do.

use crate::event::{Event, Failure, Object, Place, Way, What};
use crate::guide::{Decision, Guide};
use crate::stacks;
pub(crate) use crate::state::{Id, Need, State, Task, Woken};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More threads than this are more than can be tried.
const MOST_THREADS: usize = 100;

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
