//! A bounded buffer, built twice: on condition variables, and on semaphores.
//!
//! A mutex is poisoned when a thread panics while it has it. No code of this file panics there, so that
//! `unwrap` on a lock never does.

use std::collections::VecDeque;

use labkit::sync::{Condvar, Mutex};

/// A first-in, first-out buffer for at most `capacity` items, on a mutex and condition variables.
pub struct BoundedBuffer<T> {
    state: Mutex<State<T>>,
    /// Consumers wait here. Each item that comes in is for one of them, so that one is woken.
    not_empty: Condvar,
    /// Producers wait here. With one condition variable for both a wake-up could go to the wrong kind.
    not_full: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> BoundedBuffer<T> {
    /// An empty buffer for `capacity` items, at least one.
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State { items: VecDeque::new(), closed: false }),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
            capacity,
        }
    }

    /// Puts an item in. While the buffer is full it waits, asleep, until there is room.
    ///
    /// # Errors
    /// Gives the item back if the buffer is closed, be it already when `put` is called or while it
    /// waits.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        // Between the notify and this thread's return another producer may have taken the room.
        while state.items.len() == self.capacity && !state.closed {
            state = self.not_full.wait(state).unwrap();
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        self.not_empty.notify_one();
        Ok(())
    }

    /// Takes the oldest item out. While the buffer is empty it waits, asleep, until there is one. After
    /// `close` it gives what is left, item by item, and then `None`.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.not_empty.wait(state).unwrap();
        }
        let item = state.items.pop_front();
        item
    }

    /// Closes the buffer: nothing can be put in any more, and everyone who waits comes back.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.not_empty.notify_all();
        self.not_full.notify_all();
    }
}

/// A counting semaphore: a number of permits, and who takes one while there is none waits.
pub struct Semaphore {
    permits: Mutex<usize>,
    available: Condvar,
}

impl Semaphore {
    /// A semaphore with this many permits; none is possible.
    pub fn new(permits: usize) -> Self {
        Self { permits: Mutex::new(permits), available: Condvar::new() }
    }

    /// Takes a permit. While there is none it waits, asleep.
    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.available.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    /// Adds a permit. It never waits, and anybody may call it, not only who has acquired.
    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.available.notify_one();
    }
}

/// The same buffer once more, on semaphores and a mutex. There is no condition variable in it: all waiting
/// is done by [`Semaphore::acquire`].
///
/// The mutex is only ever held for a moment: who waited for a permit with the mutex in hand would keep out
/// whoever could release one.
pub struct SemaphoreBuffer<T> {
    state: Mutex<State<T>>,
    /// A permit for each item inside.
    items: Semaphore,
    /// A permit for each place that is free.
    room: Semaphore,
}

impl<T> SemaphoreBuffer<T> {
    /// As [`BoundedBuffer::new`].
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State { items: VecDeque::new(), closed: false }),
            items: Semaphore::new(0),
            room: Semaphore::new(capacity),
        }
    }

    /// As [`BoundedBuffer::put`].
    ///
    /// # Errors
    /// As there.
    pub fn put(&self, item: T) -> Result<(), T> {
        self.room.acquire();
        let mut state = self.state.lock().unwrap();
        if state.closed {
            drop(state);
            // This permit may be the one of `close`: it is for the next one who waits.
            self.room.release();
            return Err(item);
        }
        state.items.push_back(item);
        drop(state);
        self.items.release();
        Ok(())
    }

    /// As [`BoundedBuffer::take`].
    pub fn take(&self) -> Option<T> {
        self.items.acquire();
        let item = self.state.lock().unwrap().items.pop_front();
        match item {
            Some(_) => self.room.release(),
            // A permit without an item is the one of `close`: it is for the next one who waits.
            None => self.items.release(),
        }
        item
    }

    /// As [`BoundedBuffer::close`]. A semaphore cannot wake everyone: one permit more on each is enough, since whoever
    /// gets it passes it on.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.items.release();
        self.room.release();
    }
}
