//! What `std::thread` has, as far as the labs need it, under the scheduler.

use crate::event::{Event, Place, Way, What};
use crate::run::{self, Need};
use crate::stacks;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
pub use std::thread::{Result, panicking};
use std::time::Duration;

/// As [`std::thread::Thread`].
#[derive(Debug, Clone)]
pub struct Thread {
    name: Option<String>,
}

/// As [`std::thread::JoinHandle`].
pub struct JoinHandle<T> {
    task: usize,
    thread: Thread,
    result: Outcome<T>,
}

/// What a thread returned, as soon as it has ended.
type Outcome<T> = Arc<Mutex<Option<Result<T>>>>;

/// As [`std::thread::Builder`].
#[derive(Debug, Default)]
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    name: Option<String>,
}

impl Thread {
    /// As in the standard library.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// As in the standard library.
pub fn current() -> Thread {
    Thread { name: run::note(|state, me| state.given_name(me)).flatten() }
}

/// As in the standard library.
#[track_caller]
pub fn spawn<F, T>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(None, Some(Place::from(Location::caller())), work)
}

impl Builder {
    /// As in the standard library.
    pub fn new() -> Self {
        Self::default()
    }

    /// As in the standard library.
    pub fn name(self, name: String) -> Self {
        Self { name: Some(name) }
    }

    /// As in the standard library; without effect here.
    pub fn stack_size(self, _size: usize) -> Self {
        self
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// None here.
    #[track_caller]
    pub fn spawn<F, T>(self, work: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(start(self.name, Some(Place::from(Location::caller())), work))
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// None here.
    #[track_caller]
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        work: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Ok(scope.start(self.name, Place::from(Location::caller()), work))
    }
}

/// Starts a thread. Without a place the program did not ask for it: the scenario did.
pub(crate) fn start<F, T>(name: Option<String>, place: Option<Place>, work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    let (task, result, body) = prepared(name.clone(), place, work);
    launch(Box::new(body));
    JoinHandle { task, thread: Thread { name }, result }
}

/// A new thread of the run, and what it does, once it is launched.
fn prepared<'a, F, T>(
    name: Option<String>,
    place: Option<Place>,
    work: F,
) -> (usize, Outcome<T>, impl FnOnce() + use<'a, F, T>)
where
    F: FnOnce() -> T + 'a,
    T: 'a,
{
    let task = run::add(name, place.is_none());
    if place.is_some() {
        run::note(|state, me| state.events.push(Event::new(me, What::Spawns, place).to(vec![task])));
    }
    let result = Outcome::<T>::default();
    let own = result.clone();
    let watched = place.is_none();
    let body = run::body(task, move || match catch_unwind(AssertUnwindSafe(work)) {
        // The panic of a thread that the program has started is for who joins it.
        Err(payload) if !watched && !run::is_over() => {
            run::panicked();
            *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(Err(payload));
        }
        Err(payload) => resume_unwind(payload),
        Ok(value) => *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(Ok(value)),
    });
    (task, result, body)
}

fn launch(body: Box<dyn FnOnce()>) {
    if !stacks::add(body) {
        run::fail(Way::Outside, "there is room for all threads".into(), "there is no memory for more".into());
    }
}

/// Waits for the end of a thread.
pub(crate) fn end_of(task: usize, place: Option<Place>) {
    run::step(
        |_, _| Need::End(task),
        false,
        place,
        |state, me| {
            if place.is_some() {
                state.events.push(Event::new(me, What::Joins, place).to(vec![task]));
            }
        },
    );
}

/// Waits for the end of a thread; what it returned.
fn join<T>(task: usize, result: &Outcome<T>, place: Place) -> Result<T> {
    end_of(task, Some(place));
    let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Without one the run is over, and this thread is unwound.
    result.unwrap_or_else(|| Err(Box::new("the run is over")))
}

impl<T> JoinHandle<T> {
    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        join(self.task, &self.result, Place::from(Location::caller()))
    }

    pub(crate) fn task(&self) -> usize {
        self.task
    }

    /// As in the standard library.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As in the standard library.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        has_ended(self.task, Place::from(Location::caller()))
    }
}

fn has_ended(task: usize, place: Place) -> bool {
    let ended = run::step(
        |_, _| Need::Nothing,
        true,
        Some(place),
        |state, me| {
            state.events.push(Event::new(me, What::Yields, Some(place)));
            state.is_finished(task)
        },
    );
    ended.unwrap_or(true)
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// As in the standard library.
#[track_caller]
pub fn yield_now() {
    let place = Some(Place::from(Location::caller()));
    run::step(
        |_, _| Need::Nothing,
        true,
        place,
        |state, me| {
            state.events.push(Event::new(me, What::Yields, place));
        },
    );
}

/// As in the standard library, but that no time goes by: others get the turn.
#[track_caller]
pub fn sleep(_time: Duration) {
    yield_now();
}

/// As [`std::thread::Scope`].
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    /// Where all threads of the scope are kept, in the run.
    number: usize,
    // As in the standard library: neither of the two may be shortened.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// As [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T> {
    task: usize,
    thread: Thread,
    result: Outcome<T>,
    scope: PhantomData<&'scope ()>,
}

/// As in the standard library.
#[track_caller]
pub fn scope<'env, F, T>(work: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let place = Place::from(Location::caller());
    let number = run::note(|state, _| state.new_scope()).unwrap_or_default();
    let scope = Scope { number, scope: PhantomData, env: PhantomData };
    let result = catch_unwind(AssertUnwindSafe(|| work(&scope)));
    if !run::is_over() {
        for task in run::note(|state, _| state.scope(number)).unwrap_or_default() {
            end_of(task, Some(place));
        }
    }
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

impl<'scope> Scope<'scope, '_> {
    /// As in the standard library.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, work: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(None, Place::from(Location::caller()), work)
    }

    fn start<F, T>(&self, name: Option<String>, place: Place, work: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let (task, result, body) = prepared(name.clone(), Some(place), work);
        run::note(|state, _| state.join_scope(self.number, task));
        let body: Box<dyn FnOnce() + 'scope> = Box::new(body);
        // SAFETY: `scope` does not return before the thread has ended; and if the run is over before, threads are
        // unwound in the opposite order of their starts, so that this one is gone before what it borrows.
        launch(unsafe {
            std::mem::transmute::<Box<dyn FnOnce() + 'scope>, Box<dyn FnOnce() + 'static>>(body)
        });
        ScopedJoinHandle { task, thread: Thread { name }, result, scope: PhantomData }
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        join(self.task, &self.result, Place::from(Location::caller()))
    }

    /// As in the standard library.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As in the standard library.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        has_ended(self.task, Place::from(Location::caller()))
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
