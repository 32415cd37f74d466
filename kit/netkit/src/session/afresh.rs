//! Beginning afresh: another worker, and nothing in it.

use super::Session;
use super::calls::Calls;
use super::ends::Memory;
use super::names::Names;
use super::programs::Programs;
use super::waiting::News;
use crate::outcome::Failure;
use crate::worker::Worker;
use crate::worker::protocol::Event;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// Starts a worker whose news come with its number.
pub(super) fn worker(
    program: &Path,
    generation: u32,
    sender: &Sender<News>,
    on_news: &Arc<dyn Fn() + Send + Sync>,
) -> io::Result<Worker> {
    let (hear, on_news) = (sender.clone(), Arc::clone(on_news));
    Worker::start(program, move |event| {
        let tells = matches!(event, Event::Blocked(..) | Event::Done { .. } | Event::Gone(_));
        // A session that has ended needs no news.
        if hear.send(News::Worker(generation, event)).is_ok() && tells {
            on_news();
        }
    })
}

impl Session {
    /// Goes on with a fresh worker: no socket, no job, no program, no name. The record stays.
    /// The names of the sockets that were closed by it.
    pub(crate) fn begin_afresh(&mut self) -> Result<Vec<String>, Failure> {
        let worker = worker(&self.options.worker, self.generation + 1, &self.sender, &self.on_news)
            .map_err(|error| Failure::new(format!("cannot start a fresh worker: {error}")))?;
        let closed = match self.worker_gone() {
            Some(_) => Vec::new(),
            None => self.ends.iter().filter(|end| end.fd.is_some()).map(super::ends::End::label).collect(),
        };
        self.sever();
        self.generation += 1;
        // The old one ends here, and its sockets with it.
        self.worker = worker;
        self.calls = Calls::default();
        self.programs = Programs::new(self.sender.clone(), self.options.surroundings.clone());
        self.relays.clear();
        self.responders.clear();
        self.addresses.clear();
        self.names = Names::new(self.options.naming, self.options.seed);
        self.memory = Memory::default();
        self.record.begins_afresh();
        self.look(false)?;
        self.told.clone_from(&self.ends);
        Ok(closed)
    }
}
