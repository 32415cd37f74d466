//! What the scheduler finds in a buffer of every textbook, and what it does not find in a right one.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use schedules::event::{Way, What};
use schedules::scenario::{Case, broken, call, ended, start};
use schedules::search::{replay, search};
use schedules::sync::{Arc, Condvar, Mutex};
use std::collections::VecDeque;

struct Buffer {
    items: Mutex<VecDeque<u32>>,
    more: Condvar,
    less: Condvar,
}

impl Buffer {
    fn new() -> Arc<Self> {
        Arc::new(Self { items: Mutex::new(VecDeque::new()), more: Condvar::new(), less: Condvar::new() })
    }

    fn put(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == 1 {
            items = self.less.wait(items).unwrap();
        }
        items.push_back(item);
        self.more.notify_one();
    }

    fn take(&self) -> Option<u32> {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.more.wait(items).unwrap();
        }
        self.less.notify_one();
        items.pop_front()
    }

    fn take_if(&self) -> Option<u32> {
        let mut items = self.items.lock().unwrap();
        if items.is_empty() {
            items = self.more.wait(items).unwrap();
        }
        self.less.notify_one();
        items.pop_front()
    }
}

fn play(take: fn(&Buffer) -> Option<u32>) {
    let buffer = Buffer::new();
    let mut all = Vec::new();
    for (name, items) in [("producer-1", [1, 2]), ("producer-2", [3, 4])] {
        let buffer = buffer.clone();
        let put = move || {
            for item in items {
                call(format!("put({item})"), || buffer.put(item), |()| String::new());
            }
        };
        all.push(start(name, put));
    }
    for name in ["consumer-1", "consumer-2"] {
        let buffer = buffer.clone();
        let take = move || {
            for _ in 0..2 {
                if call("take()", || take(&buffer), |item| format!("{item:?}")).is_none() {
                    broken("take waits for an item", "it came back with none");
                }
            }
        };
        all.push(start(name, take));
    }
    ended(all);
}

#[test]
fn a_right_one_has_no_schedule_that_fails() {
    let case = Case::new("two and two", || play(Buffer::take));
    let begun = std::time::Instant::now();
    let (tried, found) = search(&case, 10_000, 1);
    println!("{tried:?} in {:?}", begun.elapsed());
    assert!(found.is_none(), "{found:#?}");
}

#[test]
fn if_for_while_is_found_with_the_same_schedule_each_time() {
    let case = Case::new("two and two", || play(Buffer::take_if));
    let (tried, found) = search(&case, 10_000, 1);
    let found = found.unwrap();
    println!("{tried:?} {} {}", found.name, found.turns);
    assert_eq!(found.failure.way, Way::Broken);
    let (again, same) = search(&case, 10_000, 2);
    assert_eq!((tried, &found.events), (again, &same.unwrap().events));
    let replayed = replay(&case, &found.name).unwrap().unwrap();
    assert_eq!(found.events, replayed.events);
    assert!(found.events.iter().any(|event| event.what == What::Wakes));
}
