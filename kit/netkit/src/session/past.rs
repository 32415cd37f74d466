//! The past: the session's sockets as they were at any line, which is the record's changes
//! added up.

use super::ends::{Change, End, Owner};
use std::collections::BTreeMap;

/// Every socket that was known at some moment, by cookie.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past(BTreeMap<u64, End>);

impl Past {
    /// Goes on to after these changes.
    pub(crate) fn then(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Appeared(end) => self.0.insert(end.cookie, end.clone()),
                Change::Became(_, end) => self.0.insert(end.cookie, (**end).clone()),
                Change::Vanished(end) => self.0.remove(&end.cookie),
            };
        }
    }

    /// All sockets.
    pub(crate) fn all(&self) -> impl Iterator<Item = &End> {
        self.0.values()
    }

    /// The sockets that have a descriptor, or had one.
    pub(crate) fn own(&self) -> impl Iterator<Item = &End> {
        own(self.0.values())
    }
}

/// Those among some ends that are the session's.
pub(crate) fn own<'a>(ends: impl Iterator<Item = &'a End>) -> impl Iterator<Item = &'a End> {
    ends.filter(|end| matches!(end.owner, Owner::Session(_) | Owner::Closed(_)))
}
