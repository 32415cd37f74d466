//! Watching in the background: changes of some sockets become news, as those of jobs are.
//!
//! The kernel does not announce changes. So a thread asks for a look now and then; the look
//! itself is taken where all are taken, by whoever has the session.

use super::Session;
use super::ends;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a look is asked for. A line that runs sees all changes by itself.
const EVERY: Duration = Duration::from_millis(50);

/// The sockets that are watched, and the thread that asks for looks.
pub(super) struct Watching {
    cookies: Vec<u64>,
    /// Whether a look was asked for and not taken yet: one is enough.
    asked: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// Has the changes of these sockets told as news, in place of those watched before.
    pub(crate) fn watch(&mut self, cookies: Vec<u64>) -> io::Result<()> {
        let watching = Watching { cookies, asked: Arc::default(), over: Arc::default() };
        let (asked, over) = (Arc::clone(&watching.asked), Arc::clone(&watching.over));
        let on_news = Arc::clone(&self.on_news);
        std::thread::Builder::new().name("watch".into()).spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if !asked.swap(true, Ordering::Relaxed) {
                    on_news();
                }
                std::thread::sleep(EVERY);
            }
        })?;
        self.watching = Some(watching);
        Ok(())
    }

    /// Ends it; whether anything was watched.
    pub(crate) fn unwatch(&mut self) -> bool {
        self.watching.take().is_some()
    }

    /// Looks, if something is watched, and says whether there is a change to tell.
    pub(super) fn watch_has_news(&mut self) -> bool {
        let Some(watching) = &self.watching else { return false };
        watching.asked.store(false, Ordering::Relaxed);
        // That the worker is gone is said by the next line.
        if self.look(false).is_err() {
            self.watching = None;
            return false;
        }
        let Some(watching) = &self.watching else { return false };
        let watched: Vec<&ends::End> =
            self.ends.iter().chain(&self.told).filter(|end| watching.cookies.contains(&end.cookie)).collect();
        let concerns = |end: &ends::End| {
            watched.iter().any(|own| own.cookie == end.cookie || end.faces(own) || end.waits_in(own))
        };
        let changed = ends::changes(&self.told, &self.ends).iter().any(|change| match change {
            ends::Change::Appeared(end) | ends::Change::Vanished(end) => concerns(end),
            ends::Change::Became(before, after) => concerns(before) || concerns(after),
        });
        let gone = self.ends.iter().all(|end| !watching.cookies.contains(&end.cookie));
        if gone {
            self.watching = None;
        }
        changed
    }
}
