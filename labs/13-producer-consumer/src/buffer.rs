//! A bounded buffer, built twice: on condition variables, and on semaphores, which you build first.
//!
//! All that threads share here comes from `labkit::sync`. In your own builds that is the standard library's
//! `std::sync`; when the lab is graded, a scheduler stands behind it.
//!
//! [`new`](BoundedBuffer::new), `put`, `take` and `close` are called from outside. What is inside the three structs is
//! up to you, and so are further functions.

use labkit::sync::Mutex;

/// A first-in, first-out buffer for at most `capacity` items, on a mutex and condition variables.
pub struct BoundedBuffer<T> {
    // What else is there to know of the buffer, and for what may threads have to wait?
    items: Mutex<Vec<T>>,
}

impl<T> BoundedBuffer<T> {
    /// An empty buffer for `capacity` items, at least one.
    pub fn new(capacity: usize) -> Self {
        let _ = capacity; // Keeps the compiler quiet. Delete it when you use `capacity`.
        Self { items: Mutex::new(Vec::new()) }
    }

    /// Puts an item in. While the buffer is full it waits, asleep, until there is room.
    ///
    /// # Errors
    /// Gives the item back if the buffer is closed, be it already when `put` is called or while it
    /// waits.
    pub fn put(&self, item: T) -> Result<(), T> {
        Err(item)
    }

    /// Takes the oldest item out. While the buffer is empty it waits, asleep, until there is one. After
    /// `close` it gives what is left, item by item, and then `None`.
    pub fn take(&self) -> Option<T> {
        let _ = &self.items; // Keeps the compiler quiet.
        None
    }

    /// Closes the buffer: nothing can be put in any more, and everyone who waits comes back.
    pub fn close(&self) {}
}

/// A counting semaphore: a number of permits, and who takes one while there is none waits.
pub struct Semaphore {}

impl Semaphore {
    /// A semaphore with this many permits; none is possible.
    pub fn new(permits: usize) -> Self {
        let _ = permits;
        Self {}
    }

    /// Takes a permit. While there is none it waits, asleep.
    pub fn acquire(&self) {}

    /// Adds a permit. It never waits, and anybody may call it, not only who has acquired.
    pub fn release(&self) {}
}

/// The same buffer once more, on semaphores and a mutex. There is no condition variable in it: all waiting
/// is done by [`Semaphore::acquire`].
pub struct SemaphoreBuffer<T> {
    items: Mutex<Vec<T>>,
}

impl<T> SemaphoreBuffer<T> {
    /// As [`BoundedBuffer::new`].
    pub fn new(capacity: usize) -> Self {
        let _ = capacity;
        Self { items: Mutex::new(Vec::new()) }
    }

    /// As [`BoundedBuffer::put`].
    ///
    /// # Errors
    /// As there.
    pub fn put(&self, item: T) -> Result<(), T> {
        Err(item)
    }

    /// As [`BoundedBuffer::take`].
    pub fn take(&self) -> Option<T> {
        let _ = &self.items;
        None
    }

    /// As [`BoundedBuffer::close`].
    pub fn close(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One thread alone. Delete the line with `ignore` when you have written `put` and `take`.
    #[test]
    #[ignore = "not written yet"]
    fn items_come_out_in_the_order_in_which_they_went_in() {
        let buffer = BoundedBuffer::new(3);
        for item in [1, 2, 3] {
            assert_eq!(buffer.put(item), Ok(()));
        }
        assert_eq!((buffer.take(), buffer.take(), buffer.take()), (Some(1), Some(2), Some(3)));
    }

    // What else can be tried by one thread that never has to wait?
}
