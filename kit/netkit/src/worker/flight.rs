//! Calls in flight: made, and not yet returned. Each has a thread of its own.

use super::apart;
use super::call::{Call, Done, End, Return};
use super::descriptors::Touched;
use super::make::make;
use super::protocol::{self, CallId, Event};
use crate::kernel::thread::{self, ThreadFact};
use nix::sys::pthread::pthread_kill;
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, Signal};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// So many looks in a row must find a thread asleep in its call before it counts as
/// blocked. Measured: with three looks, known after about 10 ms in 100 of 100 runs.
const LOOKS: u32 = 3;

/// The events' way to the session; a thread that writes holds it alone.
pub(super) type Events = Arc<Mutex<UnixStream>>;

/// All calls in flight.
pub(super) struct Flights {
    events: Events,
    flights: BTreeMap<CallId, Flight>,
    touched: Touched,
}

struct Flight {
    /// The system call's number, to know it again in the thread's state.
    number: i64,
    touches: Touched,
    thread: JoinHandle<()>,
    /// The thread's number for the kernel; it says so itself.
    tid: Arc<Mutex<Option<i32>>>,
    cancelled: Arc<AtomicBool>,
    landing: Arc<Landing>,
    asleep: u32,
    reported: bool,
}

/// The end of a call, between its thread and the worker's loop. It is marked just before it
/// is told: the thread itself ends a little later, and who has heard of the call's end must
/// not find it in flight any more.
#[derive(Default)]
struct Landing {
    state: Mutex<Landed>,
    changed: Condvar,
}

#[derive(Default)]
struct Landed {
    returned: bool,
    /// Whether the worker's loop waits for the call, and looks as soon as it has returned.
    awaited: bool,
}

impl Landing {
    /// Marks the call as returned. Whether a look follows.
    fn mark(&self) -> bool {
        let mut state = lock(&self.state);
        state.returned = true;
        self.changed.notify_all();
        state.awaited
    }

    fn returned(&self) -> bool {
        lock(&self.state).returned
    }

    /// Waits so long; then the call's end is not awaited any more. Whether it has returned.
    fn wait(&self, long: Duration) -> bool {
        let state = lock(&self.state);
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, long, |state| !state.returned)
            .unwrap_or_else(PoisonError::into_inner);
        state.awaited = state.returned;
        state.returned
    }
}

impl Flights {
    /// None yet. Installs the handler of the signal that interrupts calls.
    pub(super) fn new(events: Events) -> io::Result<Self> {
        extern "C" fn nothing(_: i32) {}
        // Without SA_RESTART: a call that the signal meets returns EINTR (signal(7)).
        let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
        // SAFETY: the handler does nothing at all, which is safe at any moment.
        unsafe { signal::sigaction(Signal::SIGUSR1, &action) }?;
        Ok(Self { events, flights: BTreeMap::new(), touched: Touched::default() })
    }

    /// Starts a call. Its end is told by the thread itself; if it is `awaited`, then with
    /// whether [`returns_within`](Self::returns_within) found it returned.
    pub(super) fn start(&mut self, id: CallId, call: Call, awaited: bool) {
        let touches = Touched::by(&call);
        self.touched.join(&touches);
        let events = Arc::clone(&self.events);
        let cancelled = Arc::new(AtomicBool::new(false));
        let tid = Arc::new(Mutex::new(None));
        let landing = Arc::new(Landing::default());
        lock(&landing.state).awaited = awaited;
        let (stop, slot, over) = (Arc::clone(&cancelled), Arc::clone(&tid), Arc::clone(&landing));
        let number = call.number;
        let spawned = std::thread::Builder::new().name(call.function.clone()).spawn(move || {
            *lock(&slot) = Some(nix::unistd::gettid().as_raw());
            let done = make(&call, &stop);
            // The worker tells of a look through the same stream: whoever finds this call
            // returned tells so after its end was told.
            let mut stream = lock(&events);
            let look_follows = over.mark();
            // A session that is gone needs no answer.
            let _ = protocol::write(&mut *stream, &Event::Done { id, done, look_follows });
        });
        match spawned {
            Ok(thread) => {
                let flight =
                    Flight { number, touches, thread, tid, cancelled, landing, asleep: 0, reported: false };
                self.flights.insert(id, flight);
            }
            Err(error) => {
                let done = not_started(&error);
                self.tell(&Event::Done { id, done, look_follows: false });
            }
        }
    }

    /// Waits so long for a call whose end is awaited. Whether it has returned, and its end
    /// says that a look follows.
    pub(super) fn returns_within(&self, id: CallId, long: Duration) -> bool {
        self.flights.get(&id).is_some_and(|flight| flight.landing.wait(long))
    }

    /// Notes calls that are made elsewhere.
    pub(super) fn touch(&mut self, calls: &[Call]) {
        calls.iter().for_each(|call| self.touched.join(&Touched::by(call)));
    }

    /// What the calls may have changed since this was asked last.
    pub(super) fn touched(&mut self) -> Touched {
        self.forget_the_finished();
        // Those that are still there may do so later.
        let mut later = Touched::default();
        self.flights.values().for_each(|flight| later.join(&flight.touches));
        std::mem::replace(&mut self.touched, later)
    }

    /// Asks a call to end; the signal is sent by [`Flights::interrupt`], until it has.
    pub(super) fn cancel(&mut self, id: CallId) {
        if let Some(flight) = self.flights.get(&id) {
            flight.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Signals every cancelled call that is still there. One signal may come just before
    /// the thread enters the call, and is lost then: the worker's loop comes here again.
    pub(super) fn interrupt(&mut self) {
        self.forget_the_finished();
        for flight in self.flights.values().filter(|flight| flight.cancelled.load(Ordering::Relaxed)) {
            // A thread that has just ended is no error: its handle is still held here.
            let _ = pthread_kill(flight.thread.as_pthread_t(), Signal::SIGUSR1);
        }
    }

    /// Whether the loop has to come back soon: something is cancelled or not yet known to be blocked.
    pub(super) fn restless(&mut self) -> bool {
        self.forget_the_finished();
        self.flights.values().any(|flight| !flight.reported || flight.cancelled.load(Ordering::Relaxed))
    }

    /// Looks at the threads that are not known to be blocked, and tells of those that are now.
    pub(super) fn sample(&mut self) {
        self.forget_the_finished();
        let mut blocked = Vec::new();
        for (id, flight) in &mut self.flights {
            let fact = flight.look();
            if flight.asleep >= LOOKS && !flight.reported {
                flight.reported = true;
                blocked.extend(fact.map(|fact| Event::Blocked(*id, fact)));
            }
        }
        for event in blocked {
            self.tell(&event);
        }
    }

    /// Forgets what was seen of the threads, so that only new looks count.
    pub(super) fn look_anew(&mut self) {
        for flight in self.flights.values_mut() {
            flight.asleep = 0;
        }
    }

    /// Whether every call has returned or has been found asleep often enough.
    pub(super) fn settled(&mut self) -> bool {
        self.forget_the_finished();
        self.flights.values().all(|flight| flight.asleep >= LOOKS && flight.reported)
    }

    /// Tells the session something. A session that is gone is noticed by the reading side.
    pub(super) fn tell(&self, event: &Event) {
        let _ = protocol::write(&mut *lock(&self.events), event);
    }

    fn forget_the_finished(&mut self) {
        self.flights.retain(|_, flight| !flight.landing.returned());
    }
}

impl Flight {
    fn look(&mut self) -> Option<ThreadFact> {
        let tid = (*lock(&self.tid))?;
        // A thread that ended between two lines cannot be read any more.
        let fact = apart::run(move || thread::look(std::process::id(), tid.unsigned_abs())).ok();
        let asleep = fact
            .as_ref()
            .is_some_and(|fact| fact.asleep_in().is_some_and(|syscall| syscall.number == self.number));
        self.asleep = if asleep { self.asleep + 1 } else { 0 };
        fact
    }
}

fn not_started(error: &io::Error) -> Done {
    let last = Return {
        value: -1,
        errno: Some(error.raw_os_error().unwrap_or(libc::EAGAIN)),
        microseconds: 0,
        address: None,
        pair: None,
        memory: None,
        data: None,
    };
    Done { last, first: Vec::new(), calls: 0, bytes: 0, end: End::Failed }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
