//! A condition variable.

use super::mutex::MutexGuard;
use crate::event::{Event, Kind, Place, What};
use crate::run::{self, Id, Need, State, Woken};
use std::fmt;
use std::panic::Location;
use std::sync::LockResult;
use std::time::Duration;

/// As [`std::sync::Condvar`]. A wait with a time limit is at its end when nobody else can go on.
pub struct Condvar {
    id: Id,
    made: &'static Location<'static>,
}

/// As [`std::sync::WaitTimeoutResult`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// As in the standard library.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// As in the standard library.
    #[track_caller]
    pub const fn new() -> Self {
        Self { id: Id::new(), made: Location::caller() }
    }

    fn number(&self, state: &mut State) -> usize {
        state.object(&self.id, Kind::Condvar, self.made)
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let place = Place::from(Location::caller());
        self.sleep(guard, false, place).0
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        let place = Place::from(Location::caller());
        while condition(&mut *guard) {
            guard = self.sleep(guard, false, place).0?;
        }
        Ok(guard)
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let place = Place::from(Location::caller());
        let (guard, late) = self.sleep(guard, true, place);
        with(guard, late)
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        _time: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let place = Place::from(Location::caller());
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let (woken, late) = self.sleep(guard, true, place);
            match woken {
                Ok(again) if !late => guard = again,
                woken => return with(woken, late),
            }
        }
    }

    /// Waits, and says whether it was too long.
    fn sleep<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        timed: bool,
        place: Place,
    ) -> (LockResult<MutexGuard<'a, T>>, bool) {
        let mutex = guard.mutex;
        // Between the decision to wait and the wait others may do all that does not need the mutex.
        run::step(|_, _| Need::Nothing, false, Some(place), |_, _| ());
        guard.let_go();
        let late = run::step(
            |state, me| {
                let (condvar, lock) = (self.number(state), mutex.number(state));
                state.free(lock);
                let event = Event::new(me, What::Waits, Some(place)).on(condvar);
                state.events.push(Event { other: Some(lock), ..event });
                Need::Notice { condvar, lock, timed }
            },
            false,
            Some(place),
            |state, me| {
                let (condvar, lock) = (self.number(state), mutex.number(state));
                state.take(me, lock);
                let what = match state.woken(me) {
                    Woken::Late => What::TimesOut,
                    Woken::Unasked => What::WakesUnasked,
                    Woken::Asked | Woken::Not => What::Wakes,
                };
                let event = Event::new(me, what, Some(place)).on(condvar);
                state.events.push(Event { other: Some(lock), ..event });
                what == What::TimesOut
            },
        );
        (mutex.taken(place), late.unwrap_or(true))
    }

    /// As in the standard library.
    #[track_caller]
    pub fn notify_one(&self) {
        let place = Place::from(Location::caller());
        run::step(
            |_, _| Need::Nothing,
            false,
            Some(place),
            |state, me| {
                let condvar = self.number(state);
                let waiters = state.waiters(condvar);
                let whom: Vec<usize> = state.whom(&waiters).into_iter().collect();
                whom.iter().for_each(|task| state.notify(*task));
                state.events.push(Event::new(me, What::NotifiesOne, Some(place)).on(condvar).to(whom));
            },
        );
    }

    /// As in the standard library.
    #[track_caller]
    pub fn notify_all(&self) {
        let place = Place::from(Location::caller());
        run::step(
            |_, _| Need::Nothing,
            false,
            Some(place),
            |state, me| {
                let condvar = self.number(state);
                let all = state.waiters(condvar);
                all.iter().for_each(|task| state.notify(*task));
                state.events.push(Event::new(me, What::NotifiesAll, Some(place)).on(condvar).to(all));
            },
        );
    }
}

type Timed<'a, T> = (MutexGuard<'a, T>, WaitTimeoutResult);

fn with<'a, T>(guard: LockResult<MutexGuard<'a, T>>, late: bool) -> LockResult<Timed<'a, T>> {
    let late = WaitTimeoutResult(late);
    match guard {
        Ok(guard) => Ok((guard, late)),
        Err(poison) => Err(std::sync::PoisonError::new((poison.into_inner(), late))),
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
