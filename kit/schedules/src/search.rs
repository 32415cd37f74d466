//! Which schedules are tried, and which of those that fail is shown.
//!
//! What is usual is that a thread goes on while it can, and that after it comes the next one that can. First the schedule
//! is tried that is all usual, then those with one *turn* that is not, with two, and so on: most mistakes need
//! few of them (Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011), and who has to follow a schedule is
//! glad of each that it does without. Then any, made from a seed.

use crate::event::{Event, Failure, Object, Way};
use crate::guide::{self, Guide, choices, following, turns};
use crate::run::{self, Ran};
use crate::scenario::Case;

/// A run that makes more steps than this goes on for ever. The longest of the labs' scenarios make some hundred.
const MOST_STEPS: usize = 1000;

/// So many more schedules are tried, once one has failed, for a shorter one that fails with no more such turns.
const FOR_A_SHORTER: usize = 2000;

/// So many are tried to take turns out of one that was found by chance.
const FOR_FEWER: usize = 500;

/// What was tried of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// How many different schedules, or random ones.
    pub schedules: usize,
    /// All schedules with up to so many turns that are not usual are among them.
    pub turns: Option<usize>,
    /// All schedules that there are.
    pub all: bool,
}

/// A schedule that fails.
#[derive(Debug)]
pub struct Found {
    /// Its name: it can be had again by it.
    pub name: String,
    /// In what it fails.
    pub failure: Failure,
    /// What happened up to there.
    pub events: Vec<Event>,
    /// What threads shared.
    pub objects: Vec<Object>,
    /// The threads' names.
    pub threads: Vec<String>,
    /// How many turns in it are not usual.
    pub turns: usize,
}

/// Tries so many schedules of a case, or all if there are fewer, up to the first that fails.
pub fn search(case: &Case, wanted: usize, seed: u64) -> (Tried, Option<Found>) {
    let mut tried = Tried { schedules: 0, turns: None, all: false };
    // A part is left to chance, unless few enough schedules are wanted.
    let planned = wanted - wanted / 4;
    'bounds: for bound in 0.. {
        let mut of_bound = 0;
        let mut next = Some(Vec::new());
        while let Some(prefix) = next {
            if tried.schedules >= planned {
                break 'bounds;
            }
            let ran = once(case, Guide::along(prefix));
            if ran.failure.is_some() {
                tried.schedules += 1;
                let found = shortest(case, ran, bound);
                return (tried, Some(steady(case, found)));
            }
            if turns(&ran.decisions) == bound {
                of_bound += 1;
                tried.schedules += 1;
            }
            next = following(&ran.decisions, bound);
        }
        if of_bound == 0 {
            tried.all = true;
            return (tried, None);
        }
        tried.turns = Some(bound);
    }
    let mut state = seed;
    while tried.schedules < wanted {
        tried.schedules += 1;
        let ran = once(case, Guide::random(guide::next(&mut state)));
        if ran.failure.is_some() {
            let found = fewest(case, ran);
            return (tried, Some(steady(case, found)));
        }
    }
    (tried, None)
}

/// The schedule of this name, if it fails.
///
/// # Errors
/// When it is no name of a schedule.
pub fn replay(case: &Case, name: &str) -> Result<Option<Found>, String> {
    let choices = guide::from_name(name).ok_or_else(|| format!("`{name}` is no name of a schedule"))?;
    let ran = once(case, Guide::along(choices));
    Ok(ran.failure.is_some().then(|| steady(case, ran)))
}

fn once(case: &Case, guide: Guide) -> Ran {
    run::execute(case.body, guide, case.unasked, MOST_STEPS)
}

/// The shortest run that fails with as many such turns, of those that are tried next.
fn shortest(case: &Case, first: Ran, bound: usize) -> Ran {
    let mut next = following(&first.decisions, bound);
    let mut best = first;
    if is(&best, Way::Endless) {
        return best;
    }
    for _ in 0..FOR_A_SHORTER {
        let Some(prefix) = next else { break };
        let ran = once(case, Guide::along(prefix));
        next = following(&ran.decisions, bound);
        if ran.failure.is_some() && !is(&ran, Way::Endless) && ran.events.len() < best.events.len() {
            best = ran;
        }
    }
    best
}

fn is(ran: &Ran, way: Way) -> bool {
    ran.failure.as_ref().is_some_and(|failure| failure.way == way)
}

/// A run that fails in the same way with fewer turns.
fn fewest(case: &Case, first: Ran) -> Ran {
    let Some(way) = first.failure.as_ref().map(|failure| failure.way) else { return first };
    let mut best = first;
    let mut left = FOR_FEWER;
    loop {
        let before = choices(&best.decisions);
        let mut shorter = None;
        for at in (0..before.len()).rev().filter(|at| before[*at] != 0) {
            if left == 0 {
                return best;
            }
            left -= 1;
            let mut without = before.clone();
            without[at] = 0;
            let ran = once(case, Guide::along(without));
            if is(&ran, way) && weight(&ran) < weight(&best) {
                shorter = Some(ran);
                break;
            }
        }
        match shorter {
            Some(ran) => best = ran,
            None => return best,
        }
    }
}

/// What is to be followed by whoever reads it.
fn weight(ran: &Ran) -> (usize, usize) {
    (turns(&ran.decisions), ran.events.len())
}

/// What was found, if it is the same again; or that it is not.
fn steady(case: &Case, ran: Ran) -> Found {
    let again = once(case, Guide::along(choices(&ran.decisions)));
    let mut found = found(ran);
    if again.events != found.events || again.failure.as_ref() != Some(&found.failure) {
        found.failure = Failure {
            way: Way::Outside,
            expected: "with the same schedule the program does the same".into(),
            actual: "it did something else: does it use the time, random numbers, or something that is kept from one call to the next?".into(),
            stuck: Vec::new(),
        };
    }
    found
}

fn found(ran: Ran) -> Found {
    let none =
        || Failure { way: Way::Outside, expected: String::new(), actual: String::new(), stuck: Vec::new() };
    Found {
        name: guide::name(&choices(&ran.decisions)),
        turns: turns(&ran.decisions),
        failure: ran.failure.unwrap_or_else(none),
        events: ran.events,
        objects: ran.objects,
        threads: ran.threads,
    }
}

/// The run whose thread does not come back.
pub(crate) fn stuck() -> Option<Found> {
    run::stuck().map(found)
}
