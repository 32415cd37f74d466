//! Whether a check is met: its facts against what a line brought about and what the kernel
//! shows after it.

use super::check::{Check, Condition, Ending, Fact};
use crate::address::Address;
use crate::explain::errno;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::language;
use crate::outcome::{Blocked, JobState, Made, Outcome};
use crate::session::ends::{Change, End, Owner};
use crate::worker::call::{Call, Until, Value};
use crate::worker::protocol::OwnSocket;
use std::collections::{BTreeMap, BTreeSet};

/// What there is to judge by after a line.
pub(crate) struct Evidence<'a> {
    /// What the line brought about; `None` before the first one.
    pub outcome: Option<&'a Outcome>,
    /// Every socket.
    pub ends: &'a [End],
    /// The descriptors that lead to the session's sockets.
    pub own: &'a [OwnSocket],
}

/// What is known of a step from the lines before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    /// How often a fact that must happen several times has happened, by check and fact.
    counts: BTreeMap<(usize, usize), u32>,
    /// The descriptors that were closed.
    closed: BTreeSet<i64>,
    /// Whether a closed one was given out again.
    reused: bool,
}

impl Past {
    /// Takes in what a line brought about. Once for each line, before its checks are judged.
    pub(crate) fn add(&mut self, evidence: &Evidence<'_>) {
        for made in evidence.calls() {
            let last = &made.done.last;
            match made.call.descriptor() {
                Some(fd) if made.call.function == "close" && last.ok() => {
                    self.closed.insert(fd.into());
                }
                _ if made.call.opens && last.ok() => self.reused |= self.closed.contains(&last.value),
                _ => {}
            }
        }
    }

    /// Whether the check with this number is met now.
    pub(crate) fn meets(&mut self, number: usize, check: &Check, evidence: &Evidence<'_>) -> bool {
        let mut all = true;
        // Each is asked, for some count.
        for (place, fact) in check.facts.iter().enumerate() {
            all &= self.holds((number, place), fact, evidence);
        }
        all
    }

    fn holds(&mut self, place: (usize, usize), fact: &Fact, evidence: &Evidence<'_>) -> bool {
        match fact {
            Fact::Sockets(count, conditions) => evidence.sockets(conditions).count() >= *count as usize,
            Fact::NoSocket(conditions) => evidence.sockets(conditions).next().is_none(),
            Fact::Gone(conditions) => evidence.gone().any(|end| evidence.is(end, conditions)),
            Fact::Pair(one, other) => evidence.ours().any(|end| {
                end.state.name() == one
                    && evidence.ends.iter().any(|there| there.faces(end) && there.state.name() == other)
            }),
            Fact::Call { function, constants, ending, times } => {
                let now = evidence.ended(function, constants, ending);
                let count = self.counts.entry(place).or_default();
                *count = count.saturating_add(now);
                // Its last time is this line: what is joined to it by `and` holds after the same one.
                now > 0 && *count >= *times
            }
            Fact::Reused => self.reused,
            Fact::Verb(names) => evidence.verb().is_some_and(|verb| names.iter().any(|name| verb == *name)),
        }
    }
}

impl Evidence<'_> {
    /// The sockets of the session and what is left of them; not those of other processes.
    fn ours(&self) -> impl Iterator<Item = &End> {
        self.ends.iter().filter(|end| ours(end))
    }

    /// Those that are so, each once, however many descriptors lead to it.
    fn sockets(&self, conditions: &[Condition]) -> impl Iterator<Item = &End> {
        let mut seen = BTreeSet::new();
        self.ours().filter(move |end| self.is(end, conditions) && seen.insert(end.cookie))
    }

    /// Those that have vanished.
    fn gone(&self) -> impl Iterator<Item = &End> {
        let changes =
            self.outcome.into_iter().flat_map(|outcome| outcome.meanwhile.iter().chain(&outcome.changes));
        changes.filter_map(|change| match change {
            Change::Vanished(end) if ours(end) => Some(end),
            _ => None,
        })
    }

    fn is(&self, end: &End, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| match condition {
            Condition::Protocol(name) => is_of(end.protocol, name),
            // A socket of the UNIX domain is `listening`, another word for LISTEN.
            Condition::State(name) => {
                end.state.name() == name || (name == TcpState::Listen.name() && end.state.listens())
            }
            Condition::Bound(bound) => {
                end.local.as_ref().is_some_and(|local| !local.is_empty() && local.port() != Some(0)) == *bound
            }
            Condition::Ip(ip) => {
                end.local.as_ref().and_then(Address::inet).is_some_and(|local| local.ip().to_string() == *ip)
            }
            Condition::Waiting(amount) => {
                end.accept_queue.is_some_and(|queue| amount.holds(queue.waiting.into()))
            }
            Condition::Limit(amount) => {
                end.accept_queue.is_some_and(|queue| amount.holds(queue.limit.into()))
            }
            Condition::Unread(amount) => amount.holds(end.unread.into()),
            Condition::Unacknowledged(amount) => amount.holds(end.unacknowledged.into()),
            Condition::Descriptors(amount) => {
                let count = self.own.iter().filter(|own| own.cookie == end.cookie).count();
                amount.holds(i64::try_from(count).unwrap_or(i64::MAX))
            }
            Condition::Queued => matches!(end.owner, Owner::Listener(_)),
        })
    }

    /// The calls that have ended: the line's own, and those of jobs.
    fn calls(&self) -> impl Iterator<Item = &Made> {
        let jobs = self.outcome.into_iter().flat_map(|outcome| &outcome.jobs);
        let ended = jobs.filter_map(|job| match &job.what {
            JobState::Returned(made, _) | JobState::Cancelled(made) => Some(made),
            _ => None,
        });
        self.outcome.and_then(|outcome| outcome.made.as_ref()).into_iter().chain(ended)
    }

    /// The calls that were found blocked.
    fn blocked(&self) -> impl Iterator<Item = &Blocked> {
        let jobs = self.outcome.into_iter().flat_map(|outcome| &outcome.jobs);
        let blocked = jobs.filter_map(|job| match &job.what {
            JobState::Blocked(blocked) => Some(blocked),
            _ => None,
        });
        self.outcome.and_then(|outcome| outcome.blocked.as_ref()).into_iter().chain(blocked)
    }

    /// How many calls ended so.
    fn ended(&self, function: &str, constants: &[String], ending: &Ending) -> u32 {
        let meant = |call: &Call| is_meant(function, &call.function) && has(call, constants);
        let count = match ending {
            Ending::Blocks => self.blocked().filter(|blocked| meant(&blocked.call)).count(),
            _ => self.calls().filter(|made| meant(&made.call) && ended(made, ending)).count(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The verb of the line, if it did not fail.
    fn verb(&self) -> Option<String> {
        let outcome = self.outcome.filter(|outcome| outcome.ok())?;
        let line = language::parse(&outcome.line).ok()??;
        line.verb.bare().map(str::to_owned)
    }
}

/// Whether a protocol is meant by one of [`check::PROTOCOLS`](super::check::PROTOCOLS).
fn is_of(protocol: Protocol, name: &str) -> bool {
    match name {
        "unix" => protocol.is_unix(),
        "unix-stream" => protocol == Protocol::UnixStream,
        "unix-dgram" => protocol == Protocol::UnixDatagram,
        "unix-seqpacket" => protocol == Protocol::UnixSeqpacket,
        name => protocol.to_string().eq_ignore_ascii_case(name),
    }
}

fn ours(end: &End) -> bool {
    !matches!(end.owner, Owner::Program(_) | Owner::Other)
}

/// Whether a check that names a call means this one. `recvfrom` is a `recv` that also tells
/// from whom; a check that is about the sender's address names `recvfrom`.
fn is_meant(named: &str, function: &str) -> bool {
    named == "any" || named == function || (named == "recv" && function == "recvfrom")
}

/// Whether a call has these constants among its arguments, alone or joined by `|`.
fn has(call: &Call, constants: &[String]) -> bool {
    let given = |name: &String| {
        call.arguments.iter().any(
            |argument| matches!(argument, Value::Constant(_, names) if names.split('|').any(|one| one == name)),
        )
    };
    constants.iter().all(given)
}

fn ended(made: &Made, ending: &Ending) -> bool {
    let last = &made.done.last;
    let given = made.call.arguments.iter().find_map(|argument| match argument {
        Value::Bytes(bytes) => Some(bytes.len() as u64),
        _ => None,
    });
    match ending {
        Ending::Good => last.ok(),
        Ending::Returns(amount) if made.call.until == Until::Returned => {
            last.ok() && amount.holds(last.value)
        }
        Ending::Returns(amount) => amount.holds(i64::try_from(made.done.bytes).unwrap_or(i64::MAX)),
        Ending::Gives(amount) => {
            last.ok() && last.integer().is_some_and(|integer| amount.holds(integer.into()))
        }
        Ending::Partial => given.is_some_and(|given| last.ok() && made.done.bytes < given),
        Ending::Fails(None) => !last.ok(),
        Ending::Fails(Some(name)) => last.errno.is_some() && last.errno == errno::number(name),
        Ending::Blocks => false,
    }
}
