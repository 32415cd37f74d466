//! What happened so far as a ladder: an upright line for each actor, and what happened in
//! rows, in order of time. It shows what the record shows: bytes that a call sent and bytes
//! that a call received, not packets.
//!
//! - here: the ladder as data;
//! - `story`: how it follows from the record;
//! - `layout`: how it becomes a drawing.

mod layout;
mod story;
mod words;

pub use layout::Room;

use serde_json::{Value, json};

/// A ladder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Who takes part, from left to right. The two ends of a connection stand side by side.
    pub actors: Vec<Actor>,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What it is called.
    pub name: String,
}

/// What happened in a line, or between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line's number, as in the record.
    pub line: u32,
    /// What happened, in order.
    pub marks: Vec<Mark>,
}

/// Something that happened to an actor, who is given by its place among the actors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A call, or another thing that was done, with its result.
    Call {
        /// Who did it, or to whom it was done.
        actor: usize,
        /// The call with its result.
        text: String,
        /// Whether it failed.
        failed: bool,
    },
    /// Its state changed; states that nobody saw have a question mark.
    State {
        /// Whose.
        actor: usize,
        /// From where to where.
        text: String,
    },
    /// Bytes were sent.
    Data {
        /// By whom.
        from: usize,
        /// To whom, if that is known.
        to: Option<usize>,
        /// How many.
        bytes: u64,
        /// How they begin, as a string literal.
        begin: String,
        /// Whether they were seen to arrive with that same line.
        arrived: bool,
    },
    /// From here on its line is drawn so.
    Life {
        /// Whose.
        actor: usize,
        /// How.
        life: Life,
    },
}

/// How an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Not there yet, or gone.
    Gone,
    /// There, with a descriptor (a program: running).
    There,
    /// There, without a descriptor: not accepted yet, or closed.
    Loose,
    /// In a call that does not return.
    Blocked,
}

impl Mark {
    /// The actors that it concerns.
    fn actors(&self) -> impl Iterator<Item = usize> {
        let (one, other) = match self {
            Self::Call { actor, .. } | Self::State { actor, .. } | Self::Life { actor, .. } => (*actor, None),
            Self::Data { from, to, .. } => (*from, *to),
        };
        std::iter::once(one).chain(other)
    }
}

impl Ladder {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.marks.iter().all(|mark| matches!(mark, Mark::Life { .. })))
    }

    /// The same ladder from a line on. Who had left before is left out.
    #[must_use]
    pub fn from(mut self, line: u32) -> Self {
        let first = self.steps.iter().position(|step| step.line >= line).unwrap_or(self.steps.len());
        let mut lives = vec![Life::Gone; self.actors.len()];
        for mark in self.steps.drain(..first).flat_map(|step| step.marks) {
            if let Mark::Life { actor, life } = mark {
                lives[actor] = life;
            }
        }
        let alive = lives.iter().enumerate().filter(|(_, life)| **life != Life::Gone);
        let marks = alive.map(|(actor, life)| Mark::Life { actor, life: *life }).collect();
        self.steps.insert(0, Step { line, marks });
        let concerned = |actor: &usize| {
            lives[*actor] != Life::Gone
                || self
                    .steps
                    .iter()
                    .flat_map(|step| &step.marks)
                    .any(|mark| mark.actors().any(|one| one == *actor))
        };
        let kept: Vec<usize> = (0..self.actors.len()).filter(concerned).collect();
        self.only(&kept)
    }

    /// The same ladder with these actors alone.
    #[must_use]
    pub fn only(self, kept: &[usize]) -> Self {
        let Self { actors, steps } = self;
        let place = |actor: usize| kept.iter().position(|one| *one == actor);
        let mark = |mark: Mark| {
            Some(match mark {
                Mark::Call { actor, text, failed } => Mark::Call { actor: place(actor)?, text, failed },
                Mark::State { actor, text } => Mark::State { actor: place(actor)?, text },
                Mark::Life { actor, life } => Mark::Life { actor: place(actor)?, life },
                Mark::Data { from, to, bytes, begin, arrived } => {
                    Mark::Data { from: place(from)?, to: to.and_then(place), bytes, begin, arrived }
                }
            })
        };
        let steps = steps
            .into_iter()
            .map(|step| Step { line: step.line, marks: step.marks.into_iter().filter_map(mark).collect() })
            .collect();
        Self { actors: kept.iter().filter_map(|actor| actors.get(*actor).cloned()).collect(), steps }
    }

    /// The names of the actors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.actors.iter().map(|actor| actor.name.as_str())
    }

    /// How often each actor is concerned.
    fn weights(&self) -> Vec<usize> {
        let mut weights = vec![0; self.actors.len()];
        let marks = self.steps.iter().flat_map(|step| &step.marks);
        for actor in marks.filter(|mark| !matches!(mark, Mark::Life { .. })).flat_map(Mark::actors) {
            weights[actor] += 1;
        }
        weights
    }

    /// In sentences: `Line 5: c: connect(...) = 0. ...`
    pub fn sentences(&self) -> Vec<String> {
        let name = |actor: usize| self.actors.get(actor).map_or("", |actor| actor.name.as_str());
        let sentence = |mark: &Mark| match mark {
            Mark::Call { actor, text, .. } | Mark::State { actor, text } => {
                Some(format!("{}: {}.", name(*actor), text.replace('\u{a0}', " ")))
            }
            Mark::Data { from, to, bytes, begin, .. } => {
                let to = to.map(|to| format!(" to {}", name(to))).unwrap_or_default();
                Some(format!("{bytes} bytes from {}{to}: {begin}.", name(*from)))
            }
            Mark::Life { .. } => None,
        };
        let line = |step: &Step| {
            let sentences: Vec<String> = step.marks.iter().filter_map(sentence).collect();
            (!sentences.is_empty()).then(|| format!("Line {}: {}", step.line, sentences.join(" ")))
        };
        self.steps.iter().filter_map(line).collect()
    }

    /// For programs.
    pub fn facts(&self) -> Value {
        let mark = |mark: &Mark| match mark {
            Mark::Call { actor, text, failed } => json!({ "actor": actor, "call": text, "failed": failed }),
            Mark::State { actor, text } => json!({ "actor": actor, "state": text.replace('\u{a0}', " ") }),
            Mark::Data { from, to, bytes, begin, arrived } => {
                json!({ "actor": from, "to": to, "bytes": bytes, "begin": begin, "arrived": arrived })
            }
            Mark::Life { actor, life } => {
                json!({ "actor": actor, "life": format!("{life:?}").to_lowercase() })
            }
        };
        let step = |step: &Step| json!({ "line": step.line, "marks": step.marks.iter().map(mark).collect::<Value>() });
        json!({
            "actors": self.names().collect::<Vec<_>>(),
            "steps": self.steps.iter().map(step).collect::<Value>(),
        })
    }
}
