//! The schedule scenarios of lab 13: what threads do with a student's buffers and semaphore, and what must hold.
//!
//! - [`watched`]: a buffer whose calls are told and held to what must hold.
//! - [`buffers`]: scenarios of both buffers.
//! - [`semaphores`]: those of the semaphore.

mod buffers;
mod semaphores;
mod watched;

use producer_consumer::buffer::{BoundedBuffer, SemaphoreBuffer};
use schedules::scenario::{Case, Scenario};
use std::process::ExitCode;
use watched::Buffer;

/// The cases of a buffer.
macro_rules! cases {
    ($make:ident: $($words:literal => $body:ident),+ $(,)?) => {
        &[$(Case::new($words, || buffers::$body($make))),+]
    };
}

/// How many schedules of each case are tried.
const SCHEDULES: usize = 2000;

macro_rules! scenario {
    ($name:literal, $cases:expr) => {
        Scenario { name: $name, schedules: SCHEDULES, cases: $cases }
    };
}

fn conditions(capacity: usize) -> Box<dyn Buffer> {
    Box::new(BoundedBuffer::new(capacity))
}

fn on_semaphores(capacity: usize) -> Box<dyn Buffer> {
    Box::new(SemaphoreBuffer::new(capacity))
}

static SCENARIOS: &[Scenario] = &[
    scenario!(
        "buffer-alone",
        cases!(conditions:
            "one thread, capacity 3" => alone,
        )
    ),
    scenario!(
        "buffer-empty",
        cases!(conditions:
            "a consumer waits, then an item is put" => waits_for_an_item,
            "two consumers wait, then two items are put" => two_wait_for_items, "a consumer comes while an item is put" => an_item_comes_meanwhile,
        )
    ),
    scenario!(
        "buffer-full",
        cases!(conditions:
            "a producer waits, then an item is taken" => waits_for_room,
            "two producers wait, then two items are taken" => two_wait_for_room,
        )
    ),
    scenario!(
        "buffer-race",
        cases!(conditions:
            "1 producer of 2 items, 2 consumers, capacity 2" => two_want_an_item,
            "a producer waits for room, another one comes, and 2 items are taken" => two_want_room,
        )
    ),
    scenario!(
        "buffer-two-each",
        cases!(conditions:
            "2 producers, 2 consumers, capacity 1" => two_each,
            "2 producers, 2 consumers, capacity 2" => two_each_with_room,
        )
    ),
    scenario!(
        "buffer-unasked",
        &[
            Case {
                words: "a consumer, whose wait may come back unasked, and a producer",
                body: || buffers::unasked_take(conditions),
                unasked: 1,
            },
            Case {
                words: "a producer, whose wait may come back unasked, and a consumer",
                body: || buffers::unasked_put(conditions),
                unasked: 1,
            },
        ]
    ),
    scenario!(
        "buffer-close-takers",
        cases!(conditions:
            "a consumer waits, then the buffer is closed" => close_wakes_a_taker,
            "two consumers wait, then the buffer is closed" => close_wakes_takers,
            "a consumer comes while the buffer is closed" => close_meets_a_taker,
        )
    ),
    scenario!(
        "buffer-close-putters",
        cases!(conditions:
            "a producer waits, then the buffer is closed" => close_wakes_a_putter,
            "two producers wait, then the buffer is closed" => close_wakes_putters,
            "a producer comes while the buffer is closed" => close_meets_a_putter,
        )
    ),
    scenario!(
        "buffer-close-rest",
        cases!(conditions:
            "2 items inside, the buffer is closed, 2 consumers" => close_leaves_the_rest,
            "a producer and a consumer, while the buffer is closed" => close_loses_nothing,
        )
    ),
    scenario!(
        "semaphore-permits",
        &[
            Case::new("2 threads, 1 permit", semaphores::one_permit),
            Case::new("3 threads, 2 permits", semaphores::two_permits),
            Case::new("3 threads, 1 permit", semaphores::one_permit_for_three),
        ]
    ),
    scenario!(
        "semaphore-wakes",
        &[
            Case::new("a thread waits, then a permit is released", semaphores::one_waits),
            Case::new("2 threads wait, then 2 permits are released", semaphores::two_wait),
            Case::new("2 threads wait, 2 threads release", semaphores::two_wait_for_two),
        ]
    ),
    scenario!(
        "semaphore-buffer-alone",
        cases!(on_semaphores:
            "one thread, capacity 3" => alone,
        )
    ),
    scenario!(
        "semaphore-buffer-waits",
        cases!(on_semaphores:
            "a consumer waits, then an item is put" => waits_for_an_item,
            "a producer waits, then an item is taken" => waits_for_room,
            "two consumers wait, then two items are put" => two_wait_for_items,
            "two producers wait, then two items are taken" => two_wait_for_room,
        )
    ),
    scenario!(
        "semaphore-buffer-two-each",
        cases!(on_semaphores:
            "1 producer of 2 items, 2 consumers, capacity 2" => two_want_an_item,
            "2 producers, 2 consumers, capacity 1" => two_each,
            "2 producers, 2 consumers, capacity 2" => two_each_with_room,
        )
    ),
    scenario!(
        "semaphore-buffer-close",
        cases!(on_semaphores:
            "a consumer waits, then the buffer is closed" => close_wakes_a_taker,
            "two consumers wait, then the buffer is closed" => close_wakes_takers,
            "a producer waits, then the buffer is closed" => close_wakes_a_putter,
            "two producers wait, then the buffer is closed" => close_wakes_putters,
            "2 items inside, the buffer is closed, 2 consumers" => close_leaves_the_rest,
            "a producer and a consumer, while the buffer is closed" => close_loses_nothing,
        )
    ),
];

fn main() -> ExitCode {
    schedules::explorer::main(SCENARIOS)
}
