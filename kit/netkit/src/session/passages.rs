//! Through which states sockets have come: those that were seen, and those that they must
//! have passed though nobody saw it.

use super::ends::{Change, End, Owner, inferred};
use super::record::Record;
use crate::kernel::state::TcpState;

/// The states that a socket passed unseen with a change; `all` are the changes of that moment.
pub fn passed(change: &Change, all: &[Change]) -> Vec<TcpState> {
    let ours = |end: &End| !matches!(end.owner, Owner::Other | Owner::Program(_));
    match change {
        Change::Appeared(end) if ours(end) && end.remote.is_some() => inferred(None, end.tcp(), None),
        Change::Appeared(_) => Vec::new(),
        Change::Vanished(end) => inferred(end.tcp(), None, other_end(end, all)),
        Change::Became(before, after) => inferred(before.tcp(), after.tcp(), other_end(before, all)),
    }
}

/// The state that the other end has come to.
fn other_end(end: &End, all: &[Change]) -> Option<TcpState> {
    all.iter().find_map(|change| match change {
        Change::Appeared(other) if other.faces(end) => other.tcp(),
        Change::Became(_, other) if other.faces(end) => other.tcp(),
        _ => None,
    })
}

/// A socket in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Which socket, by its cookie.
    pub cookie: u64,
    /// What it was called then.
    pub label: String,
    /// The state.
    pub state: TcpState,
    /// Whether it was seen there.
    pub seen: bool,
}

/// Every state that a TCP socket of the session has been in, in order of time.
pub fn passages(record: &Record) -> Vec<Passage> {
    let mut passages = Vec::new();
    for entry in record.present() {
        for changes in [&entry.outcome.meanwhile, &entry.outcome.changes] {
            for change in changes {
                let (before, after) = change.sides();
                let Some(end) = after.or(before) else { continue };
                let mut pass = |state, seen| {
                    passages.push(Passage { cookie: end.cookie, label: end.label(), state, seen });
                };
                passed(change, changes).into_iter().for_each(|state| pass(state, false));
                if let Some(state) = after.and_then(End::tcp) {
                    pass(state, true);
                }
            }
        }
    }
    passages
}
