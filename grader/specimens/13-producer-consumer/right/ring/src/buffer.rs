//! A ring of places, waits by wait_while, notifies after the lock was given back; a semaphore that counts below
//! zero.

use labkit::sync::{Condvar, Mutex};

struct Ring<T> {
    places: Vec<Option<T>>,
    first: usize,
    count: usize,
    closed: bool,
}

impl<T> Ring<T> {
    fn new(capacity: usize) -> Self {
        Self { places: (0..capacity).map(|_| None).collect(), first: 0, count: 0, closed: false }
    }

    fn is_full(&self) -> bool {
        self.count == self.places.len()
    }

    fn push(&mut self, item: T) {
        let place = (self.first + self.count) % self.places.len();
        self.places[place] = Some(item);
        self.count += 1;
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.places[self.first].take();
        if item.is_some() {
            self.first = (self.first + 1) % self.places.len();
            self.count -= 1;
        }
        item
    }
}

pub struct BoundedBuffer<T> {
    ring: Mutex<Ring<T>>,
    items: Condvar,
    room: Condvar,
}

impl<T> BoundedBuffer<T> {
    pub fn new(capacity: usize) -> Self {
        Self { ring: Mutex::new(Ring::new(capacity)), items: Condvar::new(), room: Condvar::new() }
    }

    pub fn put(&self, item: T) -> Result<(), T> {
        let ring = self.ring.lock().unwrap();
        let mut ring = self.room.wait_while(ring, |ring| ring.is_full() && !ring.closed).unwrap();
        if ring.closed {
            return Err(item);
        }
        ring.push(item);
        drop(ring);
        self.items.notify_one();
        Ok(())
    }

    pub fn take(&self) -> Option<T> {
        let ring = self.ring.lock().unwrap();
        let mut ring = self.items.wait_while(ring, |ring| ring.count == 0 && !ring.closed).unwrap();
        let item = ring.pop();
        drop(ring);
        self.room.notify_one();
        item
    }

    pub fn close(&self) {
        let mut ring = self.ring.lock().unwrap();
        ring.closed = true;
        self.room.notify_all();
        self.items.notify_all();
    }
}

/// Counts below zero: how many wait. Who releases wakes one of them for good.
pub struct Semaphore {
    state: Mutex<(isize, usize)>,
    wake: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Self { state: Mutex::new((permits as isize, 0)), wake: Condvar::new() }
    }

    pub fn acquire(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 -= 1;
        if state.0 < 0 {
            // A wake-up is for one who waits, whoever it is.
            while state.1 == 0 {
                state = self.wake.wait(state).unwrap();
            }
            state.1 -= 1;
        }
    }

    pub fn release(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        if state.0 <= 0 {
            state.1 += 1;
            self.wake.notify_one();
        }
    }
}

pub struct SemaphoreBuffer<T> {
    ring: Mutex<Ring<T>>,
    items: Semaphore,
    room: Semaphore,
}

impl<T> SemaphoreBuffer<T> {
    pub fn new(capacity: usize) -> Self {
        Self { ring: Mutex::new(Ring::new(capacity)), items: Semaphore::new(0), room: Semaphore::new(capacity) }
    }

    pub fn put(&self, item: T) -> Result<(), T> {
        self.room.acquire();
        let mut ring = self.ring.lock().unwrap();
        if ring.closed {
            self.room.release();
            return Err(item);
        }
        ring.push(item);
        self.items.release();
        Ok(())
    }

    pub fn take(&self) -> Option<T> {
        self.items.acquire();
        let mut ring = self.ring.lock().unwrap();
        let item = ring.pop();
        match item {
            Some(_) => self.room.release(),
            None => self.items.release(),
        }
        item
    }

    pub fn close(&self) {
        let mut ring = self.ring.lock().unwrap();
        if !std::mem::replace(&mut ring.closed, true) {
            self.items.release();
            self.room.release();
        }
    }
}
