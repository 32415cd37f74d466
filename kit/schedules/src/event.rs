//! What happened in a run, as data.

use std::panic::Location;

/// A line of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
}

impl From<&'static Location<'static>> for Place {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: location.file(), line: location.line() }
    }
}

/// What a thread did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It began a call of what is tested; `words` has it.
    Calls,
    /// The call came back; `words` says with what.
    Returns,
    /// It asked for a mutex that another has, and waits for it.
    Wants,
    /// It has the mutex now.
    Takes,
    /// It gave the mutex back.
    Frees,
    /// It tried a mutex that was taken, and went on without.
    Misses,
    /// It waits at the condition variable; the mutex, which is `other`, is free again.
    Waits,
    /// It came back from waiting, and has the mutex again.
    Wakes,
    /// The same, though nobody has notified it.
    WakesUnasked,
    /// The same, since the time was up.
    TimesOut,
    /// It notified one; `threads` has whom, if anybody waited.
    NotifiesOne,
    /// It notified all; `threads` has whom.
    NotifiesAll,
    /// It read an atomic; `words` has the value.
    Loads,
    /// It wrote an atomic; `words` has the value.
    Stores,
    /// It read and wrote an atomic in one step; `words` has both values.
    Updates,
    /// It started the thread in `threads`.
    Spawns,
    /// It waits for the end of the thread in `threads`.
    WaitsForEnd,
    /// It has seen the end of the thread in `threads`.
    Joins,
    /// It gave others the turn, or slept.
    Yields,
    /// It panicked; `words` has the message.
    Panics,
    /// It ended.
    Ends,
}

impl What {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Returns => "returns",
            Self::Wants => "wants",
            Self::Takes => "takes",
            Self::Frees => "frees",
            Self::Misses => "misses",
            Self::Waits => "waits",
            Self::Wakes => "wakes",
            Self::WakesUnasked => "wakes-unasked",
            Self::TimesOut => "times-out",
            Self::NotifiesOne => "notifies-one",
            Self::NotifiesAll => "notifies-all",
            Self::Loads => "loads",
            Self::Stores => "stores",
            Self::Updates => "updates",
            Self::Spawns => "spawns",
            Self::WaitsForEnd => "waits-for-end",
            Self::Joins => "joins",
            Self::Yields => "yields",
            Self::Panics => "panics",
            Self::Ends => "ends",
        }
    }
}

/// One thing that a thread did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which thread.
    pub thread: usize,
    /// What.
    pub what: What,
    /// The mutex, condition variable or atomic.
    pub object: Option<usize>,
    /// The mutex that belongs to a wait.
    pub other: Option<usize>,
    /// Other threads that it concerns.
    pub threads: Vec<usize>,
    /// A value, a call, a message.
    pub words: String,
    /// Where in the source.
    pub place: Option<Place>,
}

impl Event {
    /// An event of this thread.
    pub(crate) fn new(thread: usize, what: What, place: Option<Place>) -> Self {
        Self { thread, what, object: None, other: None, threads: Vec::new(), words: String::new(), place }
    }

    pub(crate) fn on(self, object: usize) -> Self {
        Self { object: Some(object), ..self }
    }

    pub(crate) fn to(self, threads: Vec<usize>) -> Self {
        Self { threads, ..self }
    }

    pub(crate) fn saying(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }
}

/// The kinds of objects that threads share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mutex.
    Mutex,
    /// A condition variable.
    Condvar,
    /// An atomic.
    Atomic,
}

impl Kind {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mutex => "mutex",
            Self::Condvar => "condvar",
            Self::Atomic => "atomic",
        }
    }
}

/// An object that threads share.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Where it was made.
    pub made: Place,
}

/// In which way a run failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What must hold did not.
    Broken,
    /// Nobody can go on.
    Deadlock,
    /// Somebody goes on for ever.
    Endless,
    /// A thread panicked.
    Panic,
    /// A thread did not come back, or uses what only threads of the run may use.
    Outside,
}

impl Way {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Deadlock => "deadlock",
            Self::Endless => "endless",
            Self::Panic => "panic",
            Self::Outside => "outside",
        }
    }
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In which way.
    pub way: Way,
    /// What should be, if the scenario says it.
    pub expected: String,
    /// What came in its place.
    pub actual: String,
    /// Those who cannot go on, and what each waits for: an event of the kinds `Wants`, `Waits`
    /// and `WaitsForEnd`, with the mutex' owner in `threads`.
    pub stuck: Vec<Event>,
}
