//! The session, which two threads use in turn.
//!
//! The main thread runs lines; the announcer looks for news. Whoever holds the session must
//! not wait for the other: the announcer prints only after it has let go of the session.

use netkit::session::Session;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How often the session was used: what was known of it then may not be so any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp(u64);

/// A handle on the session.
#[derive(Clone)]
pub struct Live {
    session: Arc<Mutex<Option<Session>>>,
    uses: Arc<AtomicU64>,
}

impl Live {
    /// A handle on a session that has just started.
    pub fn new(session: Session) -> Self {
        Self { session: Arc::new(Mutex::new(Some(session))), uses: Arc::new(AtomicU64::new(1)) }
    }

    /// Does something with the session; `None` once it has ended.
    pub fn with<T>(&self, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let done = self.session.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act);
        self.uses.fetch_add(1, Ordering::Release);
        done
    }

    /// Looks at the session, unless nothing was done with it since, or another thread has it
    /// in hand just now.
    pub fn look_unless<T>(&self, since: Stamp, look: impl FnOnce(&Session) -> T) -> Option<(T, Stamp)> {
        let now = Stamp(self.uses.load(Ordering::Acquire));
        if now == since {
            return None;
        }
        let session = self.session.try_lock().ok()?;
        session.as_ref().map(|session| (look(session), now))
    }

    /// Ends the session: its sockets are closed and its programs are gone when this returns.
    pub fn end(&self) {
        drop(self.session.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
