//! How a ladder follows from the record.

use super::words::{begin, call, started, states};
use super::{Actor, Ladder, Life, Mark, Step};
use crate::outcome::{Blocked, JobNews, JobState, Made, Outcome};
use crate::session::ends::{Change, End, Owner};
use crate::session::names::Names;
use crate::session::record::Record;
use crate::worker::call::{Call, Return, Value};
use std::collections::HashMap;

/// Who an actor is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A socket of the session, by its cookie.
    Socket(u64),
    /// A program with all its sockets.
    Program(String),
    /// A descriptor behind which no socket is known.
    Descriptor(i32),
    /// Sockets of other processes.
    Elsewhere,
}

/// What is known while the record is read from its beginning.
struct Story<'a> {
    names: &'a Names,
    actors: Vec<Actor>,
    places: HashMap<Key, usize>,
    /// The sockets as they were last seen, and who they belong to.
    ends: HashMap<u64, (End, usize)>,
    descriptors: HashMap<i32, u64>,
    /// The jobs that have not returned, and whose they are.
    jobs: HashMap<u32, usize>,
    /// Which actors face each other.
    pairs: Vec<(usize, usize)>,
    marks: Vec<Mark>,
}

impl Ladder {
    /// The ladder of a session.
    pub fn of(record: &Record, names: &Names) -> Self {
        let mut story = Story {
            names,
            actors: Vec::new(),
            places: HashMap::new(),
            ends: HashMap::new(),
            descriptors: HashMap::new(),
            jobs: HashMap::new(),
            pairs: Vec::new(),
            marks: Vec::new(),
        };
        let mut steps: Vec<Step> = Vec::new();
        for entry in record.present() {
            story.tell(&entry.outcome);
            let marks = std::mem::take(&mut story.marks);
            if !marks.is_empty() {
                steps.push(Step { line: entry.number, marks });
            }
        }
        let order = order(story.actors.len(), &story.pairs);
        name_apart(&mut story.actors);
        Self { actors: story.actors, steps }.only(&order)
    }
}

/// In the order in which they came, but each beside the one that it faces.
fn order(count: usize, pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let mut placed = vec![false; count];
    let mut facing: HashMap<usize, usize> = HashMap::new();
    for (one, other) in pairs {
        facing.entry(*one).or_insert(*other);
        facing.entry(*other).or_insert(*one);
    }
    for actor in 0..count {
        for one in std::iter::once(actor).chain(facing.get(&actor).copied()) {
            if !std::mem::replace(&mut placed[one], true) {
                order.push(one);
            }
        }
    }
    order
}

/// Numbers those that have the same name, as a name may be given again after close.
fn name_apart(actors: &mut [Actor]) {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for actor in actors {
        let count = counts.entry(actor.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            actor.name = format!("{} ({count})", actor.name);
        }
    }
}

impl Story<'_> {
    fn tell(&mut self, outcome: &Outcome) {
        self.changes(&outcome.meanwhile);
        if let Some(made) = &outcome.made {
            self.call(made, "", outcome);
        }
        if let (Some(program), Some(report)) = (program(outcome), &outcome.report) {
            let actor = self.actor(Key::Program(program.to_owned()), program);
            let verb = outcome.line.split_whitespace().find(|word| crate::verbs::find(word).is_some());
            let said = report.lines.first().map_or("", String::as_str);
            let text = format!("{}: {said}", verb.unwrap_or_default());
            self.marks.push(Mark::Life { actor, life: Life::There });
            self.marks.push(Mark::Call { actor, text, failed: false });
        }
        for job in &outcome.jobs {
            self.job(job, outcome);
        }
        self.changes(&outcome.changes);
    }

    /// The place of an actor, who is added if not known.
    fn actor(&mut self, key: Key, name: &str) -> usize {
        let next = self.actors.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.actors.push(Actor { name: name.to_owned() });
        }
        place
    }

    /// Whose call it is.
    fn caller(&mut self, call: &Call, returned: Option<&Return>, outcome: &Outcome) -> Option<usize> {
        let opened = returned.filter(|returned| call.opens && returned.ok());
        // What polls several sockets stands in the column of the first one.
        let polled = || call.polled().and_then(|polled| polled.first()).map(|first| first.fd);
        let opened = || opened.and_then(|returned| i32::try_from(returned.value).ok());
        let fd = call.descriptor().or_else(polled).or_else(opened)?;
        if let Some((_, actor)) = self.descriptors.get(&fd).and_then(|cookie| self.ends.get(cookie)) {
            return Some(*actor);
        }
        let end = opened_end(fd, outcome);
        let (key, name) = match end {
            Some(end) => (Key::Socket(end.cookie), end.label()),
            None => (Key::Descriptor(fd), fd.to_string()),
        };
        Some(self.actor(key, &name))
    }

    fn call(&mut self, made: &Made, before: &str, outcome: &Outcome) {
        let Some(actor) = self.caller(&made.call, Some(&made.done.last), outcome) else { return };
        let failed = !made.done.last.ok();
        let mut text = format!("{before}{}", call(made, self.names));
        if made.call.opens && !failed && made.call.descriptor().is_some() {
            let fd = i32::try_from(made.done.last.value).unwrap_or(-1);
            if let Some(end) = opened_end(fd, outcome).filter(|end| end.label() != fd.to_string()) {
                text.push_str(&format!(" ({})", end.label()));
            }
        }
        self.marks.push(Mark::Call { actor, text, failed });
        self.data(actor, made, outcome);
    }

    /// The bytes that a call has sent, and to whom.
    fn data(&mut self, from: usize, made: &Made, outcome: &Outcome) {
        let bytes = made.call.arguments.iter().find_map(|argument| match argument {
            Value::Bytes(bytes) if made.call.function.starts_with("send") => Some(bytes),
            _ => None,
        });
        let (Some(bytes), 1..) = (bytes, made.done.bytes) else { return };
        let sent = usize::try_from(made.done.bytes).unwrap_or(usize::MAX);
        let begin = begin(&bytes[..bytes.len().min(sent)], made.done.bytes, self.names);
        let peer = self.peer(&made.call);
        let arrived = peer.is_some_and(|(cookie, _)| self.arrived(cookie, outcome));
        let to = peer.map(|(_, actor)| actor);
        self.marks.push(Mark::Data { from, to, bytes: made.done.bytes, begin, arrived });
    }

    /// The socket that gets what a call sends: the connection's other end, or the one at
    /// the address that the call names.
    fn peer(&self, call: &Call) -> Option<(u64, usize)> {
        let own = self.descriptors.get(&call.descriptor()?).and_then(|cookie| self.ends.get(cookie))?;
        let address = call.address();
        let found = self.ends.values().find(|(end, _)| match &address {
            None => end.faces(&own.0),
            Some(address) => {
                end.protocol == own.0.protocol
                    && end.local.as_ref().is_some_and(|local| local.takes_for(address))
            }
        })?;
        Some((found.0.cookie, found.1))
    }

    /// Whether a line showed that a socket got bytes: they wait in its queue, or a call that
    /// was waiting for them has returned.
    fn arrived(&self, cookie: u64, outcome: &Outcome) -> bool {
        let queued = outcome.changes.iter().any(|change| {
            matches!(change, Change::Became(before, after) if after.cookie == cookie && after.unread > before.unread)
        });
        let received = |job: &JobNews| match &job.what {
            JobState::Returned(made, _) => {
                let fd = made.call.descriptor();
                made.done.last.data.is_some() && fd.and_then(|fd| self.descriptors.get(&fd)) == Some(&cookie)
            }
            _ => false,
        };
        queued || outcome.jobs.iter().any(received)
    }

    fn job(&mut self, news: &JobNews, outcome: &Outcome) {
        let number = format!("[{}] ", news.number);
        match &news.what {
            JobState::Running(what) => self.job_waits(news.number, what, "is running", outcome),
            JobState::Blocked(Blocked { call, .. }) | JobState::SentAway(call) => {
                self.job_waits(news.number, call, "waits", outcome);
                if let Some(actor) = self.jobs.get(&news.number) {
                    self.marks.push(Mark::Life { actor: *actor, life: Life::Blocked });
                }
            }
            JobState::Returned(made, _) => {
                self.call(made, &number, outcome);
                self.job_ended(news.number);
            }
            JobState::Cancelled(made) => {
                if let Some(actor) = self.caller(&made.call, None, outcome) {
                    let text = format!("{number}{} cancelled", made.call.function);
                    self.marks.push(Mark::Call { actor, text, failed: true });
                }
                self.job_ended(news.number);
            }
        }
    }

    fn job_waits(&mut self, number: u32, call: &Call, how: &str, outcome: &Outcome) {
        if self.jobs.contains_key(&number) {
            return;
        }
        if let Some(actor) = self.caller(call, None, outcome) {
            let text = format!("[{number}] {} {how}", started(call, self.names));
            self.marks.push(Mark::Call { actor, text, failed: false });
            self.jobs.insert(number, actor);
        }
    }

    fn job_ended(&mut self, number: u32) {
        let Some(actor) = self.jobs.remove(&number) else { return };
        if !self.jobs.values().any(|other| *other == actor) {
            self.marks.push(Mark::Life { actor, life: Life::There });
        }
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            let (before, after) = change.sides();
            let Some(end) = after.or(before) else { continue };
            let actor = self.owner(end);
            self.follow(before, after, actor);
            if let Some(after) = after {
                self.live(after, actor);
            }
            if let Some(text) = states(change, changes) {
                self.marks.push(Mark::State { actor, text });
            }
            if after.is_none()
                && matches!(end.owner, Owner::Session(_) | Owner::Closed(_) | Owner::Listener(_))
            {
                self.marks.push(Mark::Life { actor, life: Life::Gone });
            }
        }
    }

    /// Who a socket belongs to, by its newest name.
    fn owner(&mut self, end: &End) -> usize {
        let name = end.label();
        let known = self.ends.get(&end.cookie).map(|(_, actor)| *actor);
        let (key, named) = match (&end.owner, known) {
            (Owner::Program(program), _) => return self.actor(Key::Program(program.clone()), program),
            // It was a program's before it was closed.
            (Owner::Closed(_) | Owner::Other, Some(actor)) => return actor,
            (Owner::Other, None) => return self.actor(Key::Elsewhere, "elsewhere"),
            _ => (Key::Socket(end.cookie), name),
        };
        let actor = self.actor(key, &named);
        self.actors[actor].name = named;
        actor
    }

    fn follow(&mut self, before: Option<&End>, after: Option<&End>, actor: usize) {
        if let Some(before) = before {
            if before.fd.is_some_and(|fd| self.descriptors.get(&fd) == Some(&before.cookie)) {
                self.descriptors.retain(|_, cookie| *cookie != before.cookie);
            }
            self.ends.remove(&before.cookie);
        }
        let Some(after) = after else { return };
        if let Some(fd) = after.fd {
            self.descriptors.insert(fd, after.cookie);
        }
        let facing = self.ends.values().find(|(other, _)| other.faces(after)).map(|(_, other)| *other);
        if let Some(other) = facing.filter(|other| *other != actor) {
            self.pairs.push((other, actor));
        }
        self.ends.insert(after.cookie, (after.clone(), actor));
    }

    fn live(&mut self, end: &End, actor: usize) {
        let waits = self.jobs.values().any(|other| *other == actor);
        let life = match (&end.owner, end.fd) {
            (Owner::Program(_), _) | (_, Some(_)) => Life::There,
            _ => Life::Loose,
        };
        if !waits {
            self.marks.push(Mark::Life { actor, life });
        }
    }
}

/// The program that a line was about.
fn program(outcome: &Outcome) -> Option<&str> {
    outcome.report.as_ref()?.facts.get("program")?.as_str()
}

/// The socket that got this descriptor with a line.
fn opened_end(fd: i32, outcome: &Outcome) -> Option<&End> {
    outcome.changes.iter().find_map(|change| match change {
        Change::Appeared(end) if end.fd == Some(fd) => Some(end),
        Change::Became(_, end) if end.fd == Some(fd) => Some(&**end),
        _ => None,
    })
}
