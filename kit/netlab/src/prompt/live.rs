//! The session, which two threads use in turn.
//!
//! The main thread runs lines; the announcer looks for news. Whoever holds the session must
//! not wait for the other: the announcer prints only after it has let go of the session.

use netkit::session::Session;
use std::sync::{Arc, Mutex, PoisonError};

/// A handle on the session.
#[derive(Clone)]
pub struct Live(Arc<Mutex<Option<Session>>>);

impl Live {
    /// A handle on a session that has just started.
    pub fn new(session: Session) -> Self {
        Self(Arc::new(Mutex::new(Some(session))))
    }

    /// Does something with the session; `None` once it has ended.
    pub fn with<T>(&self, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }

    /// Ends the session: its sockets are closed and its programs are gone when this returns.
    pub fn end(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
