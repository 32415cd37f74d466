//! A buffer whose calls are told, and held to what must hold whatever the schedule.

use producer_consumer::buffer::{BoundedBuffer, SemaphoreBuffer};
use schedules::scenario::{broken, call};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What both buffers can do.
pub trait Buffer: Send + Sync {
    fn put(&self, item: u32) -> Result<(), u32>;
    fn take(&self) -> Option<u32>;
    fn close(&self);
}

macro_rules! buffer {
    ($name:ident) => {
        impl Buffer for $name<u32> {
            fn put(&self, item: u32) -> Result<(), u32> {
                self.put(item)
            }

            fn take(&self) -> Option<u32> {
                self.take()
            }

            fn close(&self) {
                self.close();
            }
        }
    };
}

buffer!(BoundedBuffer);
buffer!(SemaphoreBuffer);

/// What makes a buffer of a capacity.
pub type Make = fn(usize) -> Box<dyn Buffer>;

/// When something happened: calls and returns are counted together.
type Moment = usize;

/// An item: between which moments it was put, and whether it was taken.
struct Item {
    number: u32,
    called: Moment,
    returned: Option<Moment>,
    taken: bool,
}

#[derive(Default)]
struct History {
    now: Moment,
    items: Vec<Item>,
    /// Since when each take that has not returned was called.
    taking: Vec<Moment>,
    /// When `close` was called, and when it returned.
    closing: Option<Moment>,
    closed: Option<Moment>,
}

/// The buffer.
pub struct Watched {
    buffer: Box<dyn Buffer>,
    capacity: usize,
    history: Mutex<History>,
}

impl Watched {
    pub fn new(make: Make, capacity: usize) -> Arc<Self> {
        Arc::new(Self { buffer: make(capacity), capacity, history: Mutex::default() })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts, and looks at what comes of it; whether it was put.
    pub fn put(&self, item: u32) -> bool {
        let called = self.history().tick();
        self.history().items.push(Item { number: item, called, returned: None, taken: false });
        let result = call(format!("put({item})"), || self.buffer.put(item), |result| format!("{result:?}"));
        let mut history = self.history();
        let now = history.tick();
        let closing = history.closing;
        let closed_before = history.closed.is_some_and(|closed| closed < called);
        match result {
            Ok(()) => {
                if let Some(item) = history.items.iter_mut().find(|entry| entry.number == item) {
                    item.returned = Some(now);
                }
                let inside = history.inside();
                drop(history);
                if inside > self.capacity {
                    broken(
                        format!("never more than {} inside", items(self.capacity)),
                        format!("{} are inside: put({item}) had to wait for room", items(inside)),
                    );
                }
                if closed_before {
                    broken(
                        "put into a closed buffer gives the item back",
                        format!("put({item}) gave Ok(())"),
                    );
                }
                true
            }
            Err(back) => {
                history.items.retain(|entry| entry.number != item);
                drop(history);
                if closing.is_none() {
                    broken(
                        "put waits for room, and puts the item in",
                        format!("put({item}) gave it back, but nobody has closed the buffer"),
                    );
                }
                if back != item {
                    broken(format!("put({item}) gives back {item}"), format!("it gave back {back}"));
                }
                false
            }
        }
    }

    /// Takes, and looks at what comes of it.
    pub fn take(&self) -> Option<u32> {
        let called = self.history().tick();
        self.history().taking.push(called);
        let result = call("take()", || self.buffer.take(), |item| format!("{item:?}"));
        let mut history = self.history();
        history.tick();
        history.taking.retain(|since| *since != called);
        // Another take that is under way may have the item already.
        let under_way = history.taking.len();
        let wrong: Option<(String, String)> = match result {
            None if history.closing.is_none() => Some((
                "take waits for an item".into(),
                "it gave None, but nobody has closed the buffer".into(),
            )),
            None => {
                let left =
                    history.items.iter().filter(|item| !item.taken && item.is_in_before(called)).count();
                (left > under_way).then(|| {
                    (
                        "what is inside at close is given out".into(),
                        format!("take gave None, and {} still inside", are(left)),
                    )
                })
            }
            Some(number) => history.give(number, under_way),
        };
        drop(history);
        if let Some((expected, actual)) = wrong {
            broken(expected, actual);
        }
        result
    }

    /// Closes.
    pub fn close(&self) {
        let now = self.history().tick();
        self.history().closing.get_or_insert(now);
        call("close()", || self.buffer.close(), |()| String::new());
        let now = self.history().tick();
        self.history().closed.get_or_insert(now);
    }

    /// What must hold when all is over: whatever went in has come out.
    pub fn is_empty(&self) {
        let history = self.history();
        let left: Vec<String> =
            history.items.iter().filter(|item| !item.taken).map(|item| item.number.to_string()).collect();
        drop(history);
        if !left.is_empty() {
            broken("every item that went in comes out", format!("nobody was given {}", left.join(", ")));
        }
    }
}

impl Item {
    fn is_in_before(&self, moment: Moment) -> bool {
        self.returned.is_some_and(|returned| returned < moment)
    }
}

impl History {
    fn tick(&mut self) -> Moment {
        self.now += 1;
        self.now
    }

    /// How many items are inside at least: a take that is under way may have one already.
    fn inside(&self) -> usize {
        let untaken = self.items.iter().filter(|item| item.returned.is_some() && !item.taken).count();
        untaken.saturating_sub(self.taking.len())
    }

    /// An item is given out; what is wrong with that.
    fn give(&mut self, number: u32, under_way: usize) -> Option<(String, String)> {
        let Some(at) = self.items.iter().position(|item| item.number == number) else {
            return Some((
                "an item that was put".into(),
                format!("take gave {number}, which nobody has put"),
            ));
        };
        if std::mem::replace(&mut self.items[at].taken, true) {
            return Some((
                "every item is given out once".into(),
                format!("take gave {number} a second time"),
            ));
        }
        let called = self.items[at].called;
        let older: Vec<String> = self
            .items
            .iter()
            .filter(|item| !item.taken && item.is_in_before(called))
            .map(|item| item.number.to_string())
            .collect();
        (older.len() > under_way).then(|| {
            let older = older.join(" and ");
            (
                "first in, first out".into(),
                format!("take gave {number}, but {older} went in before it and is still inside"),
            )
        })
    }
}

fn items(count: usize) -> String {
    if count == 1 { "1 item".into() } else { format!("{count} items") }
}

fn are(count: usize) -> String {
    if count == 1 { "1 item is".into() } else { format!("{count} items are") }
}
