//! What a scenario is made of: threads with names, calls that are told, and what must hold.
//!
//! A scenario's own notes are no steps: between the end of a call and the beginning of the next one of the
//! same thread nobody else gets the turn. What a scenario keeps for itself may stand in the standard
//! library's types, which the scheduler does not see.

use crate::event::{Event, Way, What};
use crate::run::{self, Need};
use crate::thread::{JoinHandle, end_of};

/// One set-up of a scenario: which threads there are, and what each does.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Who does what, in a few words.
    pub words: &'static str,
    /// What is executed under each schedule.
    pub body: fn(),
    /// How often a wait may come back although nobody has notified it, as POSIX and Rust allow.
    pub unasked: usize,
}

/// A scenario: cases, the smallest first.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// How many schedules of each case are tried, if nothing else is said.
    pub schedules: usize,
    /// Its cases.
    pub cases: &'static [Case],
}

impl Case {
    /// A case in which only who is notified wakes up.
    pub const fn new(words: &'static str, body: fn()) -> Self {
        Self { words, body, unasked: 0 }
    }
}

/// A thread of the scenario.
#[derive(Debug)]
pub struct Actor(JoinHandle<()>);

/// Starts a thread. It runs when the thread that called this waits.
pub fn start(name: impl Into<String>, work: impl FnOnce() + 'static) -> Actor {
    Actor(crate::thread::start(Some(name.into()), None, work))
}

/// Waits until these have ended.
pub fn ended(actors: Vec<Actor>) {
    for actor in actors {
        end_of(actor.0.task(), None);
    }
}

/// Waits until nobody else can go on: all others have ended, or wait for something.
pub fn quiet() {
    run::step(|_, _| Need::Quiet, false, None, |_, _| ());
}

/// Lets others go first, if the schedule wants it.
pub fn pause() {
    run::step(|_, _| Need::Nothing, false, None, |_, _| ());
}

/// Tells a call of what is tested: `put(7)`, and in words what it came back with.
pub fn call<R>(words: impl Into<String>, call: impl FnOnce() -> R, result: impl FnOnce(&R) -> String) -> R {
    let words = words.into();
    run::note(|state, me| state.events.push(Event::new(me, What::Calls, None).saying(words.clone())));
    let returned = call();
    let words = match result(&returned) {
        result if result.is_empty() => format!("{words} is done"),
        result => format!("{words} gives {result}"),
    };
    run::note(|state, me| state.events.push(Event::new(me, What::Returns, None).saying(words)));
    returned
}

/// Something that must hold does not: the run ends here.
pub fn broken(expected: impl Into<String>, actual: impl Into<String>) {
    run::fail(Way::Broken, expected.into(), actual.into());
}

/// Says that something must hold; if it does not, the run ends here.
pub fn must(holds: bool, expected: impl Into<String>, actual: impl FnOnce() -> String) {
    if !holds {
        broken(expected, actual());
    }
}
