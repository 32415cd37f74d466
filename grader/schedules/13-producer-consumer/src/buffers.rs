//! What threads do with a buffer.

use crate::watched::{Make, Watched};
use schedules::scenario::{Actor, broken, ended, must, quiet, start};
use std::sync::Arc;

/// A thread that puts these.
fn producer(name: &str, buffer: &Arc<Watched>, items: &'static [u32]) -> Actor {
    let buffer = buffer.clone();
    start(name, move || {
        for item in items {
            buffer.put(*item);
        }
    })
}

/// A thread that takes so many.
fn consumer(name: &str, buffer: &Arc<Watched>, count: usize) -> Actor {
    let buffer = buffer.clone();
    start(name, move || {
        for _ in 0..count {
            buffer.take();
        }
    })
}

/// A thread that closes.
fn closer(buffer: &Arc<Watched>) -> Actor {
    let buffer = buffer.clone();
    start("closer", move || buffer.close())
}

/// These end, and all that went in has come out.
fn all_done(buffer: &Watched, threads: Vec<Actor>) {
    ended(threads);
    buffer.is_empty();
}

pub fn alone(make: Make) {
    let buffer = Watched::new(make, 3);
    let own = buffer.clone();
    let thread = start("one", move || {
        for item in [1, 2, 3] {
            own.put(item);
        }
        must_give(&own, 1);
        own.put(4);
        must_give(&own, 2);
        own.close();
        must(!own.put(5), "put into a closed buffer gives the item back", || "it was put in".into());
        must_give(&own, 3);
        must_give(&own, 4);
        own.take();
    });
    all_done(&buffer, vec![thread]);
}

fn must_give(buffer: &Watched, wanted: u32) {
    let given = buffer.take();
    if given != Some(wanted) {
        broken(format!("take() gives Some({wanted})"), format!("it gave {given:?}"));
    }
}

pub fn waits_for_an_item(make: Make) {
    let buffer = Watched::new(make, 1);
    let waiting = consumer("consumer", &buffer, 1);
    quiet();
    all_done(&buffer, vec![waiting, producer("producer", &buffer, &[1])]);
}

pub fn two_wait_for_items(make: Make) {
    let buffer = Watched::new(make, 2);
    let mut all = vec![consumer("consumer-1", &buffer, 1), consumer("consumer-2", &buffer, 1)];
    quiet();
    all.push(producer("producer", &buffer, &[1, 2]));
    all_done(&buffer, all);
}

pub fn waits_for_room(make: Make) {
    let buffer = Watched::new(make, 1);
    let waiting = producer("producer", &buffer, &[1, 2]);
    quiet();
    all_done(&buffer, vec![waiting, consumer("consumer", &buffer, 2)]);
}

pub fn two_wait_for_room(make: Make) {
    let buffer = Watched::new(make, 2);
    let full = producer("producer", &buffer, &[1, 2]);
    quiet();
    let waiting = [producer("producer-1", &buffer, &[3]), producer("producer-2", &buffer, &[4])];
    quiet();
    all_done(&buffer, [full, consumer("consumer", &buffer, 4)].into_iter().chain(waiting).collect());
}

pub fn an_item_comes_meanwhile(make: Make) {
    let buffer = Watched::new(make, 1);
    all_done(&buffer, vec![consumer("consumer", &buffer, 1), producer("producer", &buffer, &[1])]);
}

/// Nobody ever has to wait for room.
pub fn two_want_an_item(make: Make) {
    let buffer = Watched::new(make, 2);
    let threads = vec![
        producer("producer", &buffer, &[1, 2]),
        consumer("consumer-1", &buffer, 1),
        consumer("consumer-2", &buffer, 1),
    ];
    all_done(&buffer, threads);
}

/// Nobody ever has to wait for an item.
pub fn two_want_room(make: Make) {
    let buffer = Watched::new(make, 2);
    let mut all = vec![producer("producer-1", &buffer, &[1, 2, 3])];
    quiet();
    all.push(producer("producer-2", &buffer, &[11]));
    // Each takes one: while a take is under way, nobody can know how many are inside.
    all.extend([consumer("consumer-1", &buffer, 1), consumer("consumer-2", &buffer, 1)]);
    ended(all);
    all_done(&buffer, vec![consumer("consumer", &buffer, 2)]);
}

pub fn two_each(make: Make) {
    two_each_of(make, 1);
}

pub fn two_each_with_room(make: Make) {
    two_each_of(make, 2);
}

fn two_each_of(make: Make, capacity: usize) {
    let buffer = Watched::new(make, capacity);
    let threads = vec![
        producer("producer-1", &buffer, &[1, 2]),
        producer("producer-2", &buffer, &[11, 12]),
        consumer("consumer-1", &buffer, 2),
        consumer("consumer-2", &buffer, 2),
    ];
    all_done(&buffer, threads);
}

pub fn unasked_take(make: Make) {
    let buffer = Watched::new(make, 1);
    let threads = vec![consumer("consumer", &buffer, 1), producer("producer", &buffer, &[1])];
    all_done(&buffer, threads);
}

pub fn unasked_put(make: Make) {
    let buffer = Watched::new(make, 1);
    let threads = vec![producer("producer", &buffer, &[1, 2]), consumer("consumer", &buffer, 2)];
    all_done(&buffer, threads);
}

pub fn close_wakes_a_taker(make: Make) {
    let buffer = Watched::new(make, 1);
    let waiting = consumer("consumer", &buffer, 1);
    quiet();
    all_done(&buffer, vec![waiting, closer(&buffer)]);
}

pub fn close_wakes_takers(make: Make) {
    let buffer = Watched::new(make, 1);
    let mut all = vec![consumer("consumer-1", &buffer, 1), consumer("consumer-2", &buffer, 1)];
    quiet();
    all.push(closer(&buffer));
    all_done(&buffer, all);
}

pub fn close_meets_a_taker(make: Make) {
    let buffer = Watched::new(make, 1);
    all_done(&buffer, vec![consumer("consumer", &buffer, 1), closer(&buffer)]);
}

pub fn close_wakes_a_putter(make: Make) {
    let buffer = Watched::new(make, 1);
    let waiting = producer("producer", &buffer, &[1, 2]);
    quiet();
    let closing = closer(&buffer);
    ended(vec![waiting, closing]);
    all_done(&buffer, vec![consumer("consumer", &buffer, 2)]);
}

pub fn close_wakes_putters(make: Make) {
    let buffer = Watched::new(make, 1);
    let mut all = vec![producer("producer-1", &buffer, &[1, 2]), producer("producer-2", &buffer, &[11])];
    quiet();
    all.push(closer(&buffer));
    ended(all);
    all_done(&buffer, vec![consumer("consumer", &buffer, 2)]);
}

pub fn close_meets_a_putter(make: Make) {
    let buffer = Watched::new(make, 1);
    let threads = vec![producer("producer", &buffer, &[1, 2]), closer(&buffer)];
    ended(threads);
    all_done(&buffer, vec![consumer("consumer", &buffer, 2)]);
}

pub fn close_leaves_the_rest(make: Make) {
    let buffer = Watched::new(make, 2);
    let full = producer("producer", &buffer, &[1, 2]);
    quiet();
    let threads =
        vec![full, closer(&buffer), consumer("consumer-1", &buffer, 2), consumer("consumer-2", &buffer, 1)];
    all_done(&buffer, threads);
}

pub fn close_loses_nothing(make: Make) {
    let buffer = Watched::new(make, 1);
    let threads =
        vec![producer("producer", &buffer, &[1, 2]), consumer("consumer", &buffer, 3), closer(&buffer)];
    all_done(&buffer, threads);
}
