//! In which ways a run can fail, a small program each; and what is right all the same.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use schedules::event::{Way, What};
use schedules::scenario::{Case, ended, must, quiet, start};
use schedules::search::{Found, search};
use schedules::sync::atomic::{AtomicU32, Ordering::SeqCst};
use schedules::sync::{Arc, Condvar, Mutex};
use schedules::thread;

fn found(body: fn()) -> Option<Found> {
    search(&Case::new("a case", body), 500, 1).1
}

fn way(body: fn()) -> Option<Way> {
    found(body).map(|found| found.failure.way)
}

#[test]
fn two_locks_in_two_orders_are_a_deadlock_that_says_who_has_what() {
    let found = found(|| {
        let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
        let other = locks.clone();
        let first = start("first", move || {
            let _a = locks.0.lock().unwrap();
            let _b = locks.1.lock().unwrap();
        });
        let second = start("second", move || {
            let _b = other.1.lock().unwrap();
            let _a = other.0.lock().unwrap();
        });
        ended(vec![first, second]);
    })
    .unwrap();
    assert_eq!(found.failure.way, Way::Deadlock);
    let stuck: Vec<(&str, What, &str)> = found
        .failure
        .stuck
        .iter()
        .map(|event| {
            let name = |thread: usize| found.threads[thread].as_str();
            (name(event.thread), event.what, name(event.threads[0]))
        })
        .collect();
    assert_eq!(stuck, [("first", What::Wants, "second"), ("second", What::Wants, "first")]);
    assert_eq!(found.turns, 1);
}

#[test]
fn a_lock_taken_twice_by_one_thread_is_a_deadlock() {
    let twice = || {
        let lock = Mutex::new(0);
        let _first = lock.lock().unwrap();
        let _second = lock.lock().unwrap();
    };
    assert_eq!(way(twice), Some(Way::Deadlock));
}

#[test]
fn load_and_store_lose_an_addition_and_one_step_does_not() {
    fn add(how: fn(&AtomicU32)) {
        let number = Arc::new(AtomicU32::new(0));
        let add = |name: &str| {
            let number = number.clone();
            start(name, move || how(&number))
        };
        let all = vec![add("first"), add("second")];
        ended(all);
        must(number.load(SeqCst) == 2, "2", || "less".into());
    }
    assert_eq!(way(|| add(|number| number.store(number.load(SeqCst) + 1, SeqCst))), Some(Way::Broken));
    assert_eq!(
        way(|| add(|number| {
            number.fetch_add(1, SeqCst);
        })),
        None
    );
}

#[test]
fn who_asks_again_and_again_goes_on_for_ever() {
    let spin = || {
        let lock = Arc::new(Mutex::new(false));
        let own = lock.clone();
        let waiting = start("waiting", move || {
            while !*own.lock().unwrap() {
                thread::yield_now();
            }
        });
        quiet();
        *lock.lock().unwrap() = true;
        ended(vec![waiting]);
    };
    assert_eq!(way(spin), Some(Way::Endless));
}

#[test]
fn a_panic_is_told_unless_somebody_joins_the_thread() {
    assert_eq!(
        way(|| ended(vec![start("one", || std::panic::resume_unwind(Box::new(1)))])),
        Some(Way::Panic)
    );
    let joined = || {
        let result = thread::spawn(|| std::panic::resume_unwind(Box::new(1))).join();
        must(result.is_err(), "an error", || "none".into());
    };
    assert_eq!(way(joined), None);
}

#[test]
fn a_wait_may_come_back_unasked_if_the_case_says_so() {
    fn wait() {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let own = shared.clone();
        let waiting = start("waiting", move || {
            let ready = own.0.lock().unwrap();
            let ready = if *ready { ready } else { own.1.wait(ready).unwrap() };
            must(*ready, "ready", || "not ready".into());
        });
        let notifying = start("notifying", move || {
            *shared.0.lock().unwrap() = true;
            shared.1.notify_one();
        });
        ended(vec![waiting, notifying]);
    }
    let case = Case::new("asked", wait);
    assert!(search(&case, 500, 1).1.is_none());
    let found = search(&Case { unasked: 1, ..case }, 500, 1).1.unwrap();
    assert!(found.events.iter().any(|event| event.what == What::WakesUnasked));
}

#[test]
fn scoped_threads_borrow_and_end_with_their_scope() {
    let scoped = || {
        let numbers = vec![1, 2, 3];
        let sum = Mutex::new(0);
        thread::scope(|scope| {
            for number in &numbers {
                scope.spawn(|| *sum.lock().unwrap() += *number);
            }
        });
        must(sum.into_inner().unwrap() == 6, "6", || "less".into());
    };
    assert_eq!(way(scoped), None);
    // The run ends in the middle of it: what was lent must live until those who have it are gone.
    let broken = || {
        let numbers = vec![1, 2, 3];
        let sum = Mutex::new(0);
        thread::scope(|scope| {
            for number in &numbers {
                scope.spawn(|| {
                    let mut sum = sum.lock().unwrap();
                    *sum += *number;
                    must(*sum < 4, "less than 4", || "more".into());
                });
            }
        });
    };
    assert_eq!(way(broken), Some(Way::Broken));
}
