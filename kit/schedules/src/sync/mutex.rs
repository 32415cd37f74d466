//! A mutex.

use crate::event::{Event, Kind, Place, What};
use crate::run::{self, Id, Need, State};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// As [`std::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    id: Id,
    made: &'static Location<'static>,
    // Nobody ever waits for it: who has it is decided before.
    inner: std::sync::Mutex<T>,
}

/// As [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    pub(super) mutex: &'a Mutex<T>,
    inner: Option<std::sync::MutexGuard<'a, T>>,
    /// Where it was locked: a guard is dropped without a place.
    pub(super) place: Place,
}

impl<T> Mutex<T> {
    /// As in the standard library.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { id: Id::new(), made: Location::caller(), inner: std::sync::Mutex::new(value) }
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    pub(super) fn number(&self, state: &mut State) -> usize {
        state.object(&self.id, Kind::Mutex, self.made)
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let place = Place::from(Location::caller());
        run::step(
            |state, _| Need::Lock(self.number(state)),
            false,
            Some(place),
            |state, me| {
                let lock = self.number(state);
                state.take(me, lock);
                state.events.push(Event::new(me, What::Takes, Some(place)).on(lock));
            },
        );
        self.taken(place)
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let place = Place::from(Location::caller());
        let free = run::step(
            |_, _| Need::Nothing,
            false,
            Some(place),
            |state, me| {
                let lock = self.number(state);
                let free = !state.is_taken(lock);
                if free {
                    state.take(me, lock);
                }
                let what = if free { What::Takes } else { What::Misses };
                state.events.push(Event::new(me, what, Some(place)).on(lock));
                free
            },
        );
        match free {
            Some(true) => self.taken(place).map_err(TryLockError::Poisoned),
            _ => Err(TryLockError::WouldBlock),
        }
    }

    /// The guard of who has the mutex.
    pub(super) fn taken(&self, place: Place) -> LockResult<MutexGuard<'_, T>> {
        let guard = |inner| MutexGuard { mutex: self, inner: Some(inner), place };
        self.inner.lock().map(guard).map_err(|poison| PoisonError::new(guard(poison.into_inner())))
    }

    /// As in the standard library.
    ///
    /// # Errors
    /// As in the standard library.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    /// As in the standard library.
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }
}

impl<T: ?Sized> MutexGuard<'_, T> {
    /// Gives the data back before the mutex is.
    pub(super) fn let_go(&mut self) {
        self.inner = None;
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.take().is_some() {
            run::note(|state, me| {
                let lock = self.mutex.number(state);
                state.free(lock);
                state.events.push(Event::new(me, What::Frees, Some(self.place)).on(lock));
            });
        }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            // Only `Condvar::wait` takes it away, and consumes the guard.
            None => unreachable!("a guard without its data"),
        }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard without its data"),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
