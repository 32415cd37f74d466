//! What the words of a line mean in this session: sockets, addresses, verbs.

use super::Session;
use super::ends::{End, Owner};
use crate::address::Address;
use crate::explain;
use crate::kernel::sock_diag::Protocol;
use crate::language::{is_name, values};
use crate::outcome::Failure;

impl Session {
    /// The descriptor of a socket that is open.
    pub(crate) fn socket(&self, text: &str) -> Result<i32, Failure> {
        if let Some((fd, _)) = self.memory.names.iter().find(|(_, name)| *name == text) {
            return Ok(*fd);
        }
        match text.parse::<i32>() {
            // Any number may be tried: what the kernel says to one that is not open is a lesson.
            Ok(fd) if fd >= 0 => Ok(fd),
            _ => Err(self.no_such_socket(text)),
        }
    }

    /// The sockets of a name or descriptor, by their cookies: one of the session, one that
    /// was closed and is still in the kernel, or those of a program.
    pub(crate) fn ends_called(&self, text: &str) -> Result<Vec<u64>, Failure> {
        let open = self.socket(text);
        if let Ok(fd) = open {
            let found = self.ends.iter().find(|end| end.has_fd(fd));
            return found.map(|end| vec![end.cookie]).ok_or_else(|| self.not_a_socket(fd));
        }
        let named = self.ends.iter().filter(|end| match &end.owner {
            Owner::Closed(name) | Owner::Program(name) => name == text,
            _ => false,
        });
        let cookies: Vec<u64> = named.map(|end| end.cookie).collect();
        if cookies.is_empty() { open.map(|_| cookies) } else { Ok(cookies) }
    }

    fn not_a_socket(&self, fd: i32) -> Failure {
        let open = self.seen.descriptors.iter().any(|descriptor| descriptor.fd == fd);
        let what = if open { "is no TCP or UDP socket" } else { "is not open" };
        Failure::new(format!("descriptor {fd} {what}")).next("`fds` lists what is open")
    }

    pub(crate) fn no_such_socket(&self, text: &str) -> Failure {
        let was = self.memory.closed.contains(text);
        let job = self.calls.awaited(text);
        let message = match job {
            Some(job) => format!("`{text}` is not there yet: job {job} has not returned"),
            None if was => match explain::closed_at(self, text) {
                Some(line) => format!("`{text}` was closed {line}"),
                None => format!("`{text}` was closed"),
            },
            None => format!("no socket is called `{text}`"),
        };
        let names: Vec<String> = self.memory.names.values().cloned().collect();
        let advice = match (job, names.as_slice()) {
            (Some(job), _) => format!("`wait {job}` waits for it"),
            (None, []) => format!("`{text} = socket tcp` makes a new one"),
            (None, names) => format!("open sockets are {}", names.join(", ")),
        };
        Failure::new(message).next(advice)
    }

    /// The domain of a socket that is open: `AF_INET`, as a number.
    pub(crate) fn domain(&self, fd: i32) -> Option<i32> {
        self.seen.own.iter().find(|own| own.fd == fd).map(|own| own.domain)
    }

    /// The address at which a socket or program of this name can be reached, as a socket of
    /// a domain has to name it; `None` when nothing is called so.
    pub(crate) fn address_of(&mut self, text: &str, domain: Option<i32>) -> Result<Option<Address>, Failure> {
        let found = self.bound_address_of(text)?;
        Ok(found
            .map(|address| domain.map_or(address.clone(), |domain| address.seen_from(domain)).reachable()))
    }

    /// Gives a name to an address that a call has returned: that of the sender of a datagram,
    /// say. From now on it is shown by this name, unless a socket of the session has it.
    pub(super) fn name_address(&mut self, name: &str, address: Address, protocol: Option<Protocol>) {
        let own = |end: &End| {
            let local = end.local.as_ref().map(Address::reachable);
            matches!(end.owner, Owner::Session(_)) && local.is_some_and(|local| local.is_same_place(&address))
        };
        if let (Some(protocol), Some(port), false) = (protocol, address.port(), self.ends.iter().any(own)) {
            self.names.call_port(protocol, port, name);
        }
        self.addresses.insert(name.to_owned(), address);
    }

    /// The names of addresses that calls have returned.
    pub fn named_addresses(&self) -> impl Iterator<Item = (&str, &Address)> {
        self.addresses.iter().map(|(name, address)| (name.as_str(), address))
    }

    fn bound_address_of(&mut self, text: &str) -> Result<Option<Address>, Failure> {
        if !is_name(text) && values::decimal(text).is_none() {
            return Ok(None);
        }
        if self.programs.find(text).is_some() {
            return self.program_address(text).map(Some);
        }
        if let Some(relay) = self.relays.get(text) {
            return Ok(Some(relay.address().into()));
        }
        if let Some(responder) = self.responders.get(text) {
            return Ok(Some(responder.address.into()));
        }
        let open = self.socket(text).ok();
        if let (None, Some(address)) = (open, self.addresses.get(text)) {
            return Ok(Some(address.clone()));
        }
        // What the kernel keeps of a closed socket has an address as well: that is what a bind
        // after a restart runs into.
        let called = |end: &&End| match (open, &end.owner) {
            (Some(fd), _) => end.has_fd(fd),
            (None, Owner::Closed(name)) => name == text,
            (None, _) => false,
        };
        let Some(end) = self.ends.iter().find(called) else { return Ok(None) };
        match &end.local {
            Some(address) => Ok(Some(address.clone())),
            None => {
                let address = if end.protocol.is_unix() { "unix:@some-name" } else { "127.0.0.1:0" };
                Err(Failure::new(format!("`{text}` has no address yet"))
                    .next(format!("`bind {text} {address}` gives it one")))
            }
        }
    }
}
