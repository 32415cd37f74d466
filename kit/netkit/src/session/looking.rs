//! Looking at the kernel, and what changed between two looks.

use super::Session;
use super::ends;
use crate::outcome::Failure;
use crate::worker::protocol::Watch;
use std::collections::HashSet;

impl Session {
    /// Waits until the kernel has come to rest, as far as it does.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn settle(&mut self) -> Result<(), Failure> {
        self.look(true)
    }

    /// Looks at the kernel.
    pub(crate) fn look(&mut self, settle: bool) -> Result<(), Failure> {
        self.memory.programs = self.programs.sockets();
        if settle {
            self.relays_carry();
        }
        self.seen = self.ask_for_look(self.to_watch(settle))?;
        // What a program answered meanwhile goes on to whom it is for.
        if settle && self.relays_carry() {
            self.seen = self.ask_for_look(self.to_watch(settle))?;
        }
        self.absorb();
        Ok(())
    }

    /// Takes the look that followed a call, or looks now. What a relay has to carry, or a
    /// responder to answer, had not arrived when that look was made.
    pub(super) fn look_after(&mut self) -> Result<(), Failure> {
        match self.look_that_follows()? {
            Some(seen) if !self.carries() => {
                self.seen = seen;
                self.absorb();
                Ok(())
            }
            _ => self.look(self.options.settle),
        }
    }

    /// Takes the look that the worker has made before a call.
    pub(super) fn look_that_came_first(&mut self) -> Result<(), Failure> {
        self.seen = self.looked()?;
        self.absorb();
        Ok(())
    }

    /// What a look is to see.
    pub(super) fn to_watch(&self, settle: bool) -> Watch {
        Watch {
            cookies: self.memory.labels.keys().copied().collect(),
            inodes: self.memory.programs.keys().copied().collect(),
            settle,
        }
    }

    /// Makes ends of the last snapshot.
    pub(super) fn absorb(&mut self) {
        self.name_new_sockets();
        let ends = ends::ends(&self.seen, &self.memory);
        let before = std::mem::replace(&mut self.ends, ends);
        ends::keep_order(&before, &mut self.ends);
        self.note_ports();
        for end in &self.ends {
            // A program's socket, too, is followed when it has lost its descriptor.
            if let ends::Owner::Program(program) = &end.owner {
                self.memory.labels.insert(end.cookie, program.clone());
            }
        }
    }

    /// What changed since the last time that changes were told.
    pub(super) fn changes(&mut self) -> Vec<ends::Change> {
        let changes = ends::changes(&self.told, &self.ends);
        self.told.clone_from(&self.ends);
        changes
    }

    /// Notes that the changes of these sockets up to now were told.
    pub(crate) fn has_told(&mut self, cookies: &[u64]) {
        self.told.retain(|end| !cookies.contains(&end.cookie));
        let now = self.ends.iter().filter(|end| cookies.contains(&end.cookie));
        self.told.extend(now.cloned());
    }

    /// Brings the names up to date: forgets those whose descriptor is closed, and notes
    /// the sockets that are there.
    fn name_new_sockets(&mut self) {
        let open: HashSet<i32> = self.seen.own.iter().map(|own| own.fd).collect();
        let closed = self.memory.names.iter().filter(|(fd, _)| !open.contains(fd));
        self.memory.closed.extend(closed.map(|(_, name)| name.clone()));
        self.memory.names.retain(|fd, _| open.contains(fd));
        for own in &self.seen.own {
            let label = self.memory.names.get(&own.fd).cloned().unwrap_or_else(|| own.fd.to_string());
            self.memory.labels.insert(own.cookie, label);
        }
        // What is in no table of the kernel any more need not be asked for again.
        let known: HashSet<u64> = self
            .seen
            .own
            .iter()
            .map(|own| own.cookie)
            .chain(self.seen.sockets.iter().map(|fact| fact.cookie))
            .collect();
        self.memory.labels.retain(|cookie, _| known.contains(cookie));
    }

    fn note_ports(&mut self) {
        self.name_senders();
        for end in &self.ends {
            let named = matches!(end.owner, ends::Owner::Session(_) | ends::Owner::Program(_));
            if let (true, Some(local)) = (named, &end.local) {
                self.names.has_address(end.protocol, local, &end.label());
            }
        }
    }
}
