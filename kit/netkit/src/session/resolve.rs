//! Names of hosts and services to addresses, getaddrinfo(3).
//!
//! A name server that does not answer keeps getaddrinfo for many seconds, and no signal ends
//! it. So it runs on a thread of its own: Ctrl-C gives the prompt back, and what it finds
//! after that is thrown away.

use super::Session;
use super::waiting::News;
use crate::address::Address;
use crate::explain::resolving;
use crate::outcome::Failure;
use dns_lookup::{AddrInfo, AddrInfoHints, getaddrinfo};
use std::io;
use std::time::Instant;

/// What getaddrinfo answered: addresses in its order; or the number of its error and its words.
pub(super) type Answer = Result<Vec<AddrInfo>, (i32, String)>;

/// The look-ups of a session.
#[derive(Default)]
pub(super) struct Resolver {
    last: u64,
    answer: Option<Answer>,
}

impl Resolver {
    /// Takes an answer, if it is still waited for.
    pub(super) fn answered(&mut self, number: u64, answer: Answer) {
        if number == self.last {
            self.answer = Some(answer);
        }
    }
}

impl Session {
    /// All addresses of a host and a service, in the order in which they should be tried.
    /// `hints` are those of getaddrinfo(3): a family and a type of socket, or 0.
    pub(crate) fn resolve(
        &mut self,
        host: &str,
        service: Option<&str>,
        hints: AddrInfoHints,
    ) -> Result<Vec<AddrInfo>, Failure> {
        self.resolver.last += 1;
        self.resolver.answer = None;
        let number = self.resolver.last;
        let (host_name, service_name) = (host.to_owned(), service.map(str::to_owned));
        let sender = self.sender.clone();
        let look_up = move || {
            let answer = getaddrinfo(Some(&host_name), service_name.as_deref(), Some(hints))
                .map_err(|error| (error.error_num(), error.to_string()))
                .and_then(|answers| {
                    answers.collect::<io::Result<_>>().map_err(|error| (0, error.to_string()))
                });
            // A session that has ended needs no answer.
            let _ = sender.send(News::Resolved(number, answer));
        };
        let what = match service {
            Some(service) => format!("look up `{host}`, service `{service}`"),
            None => format!("look up `{host}`"),
        };
        std::thread::Builder::new()
            .name("getaddrinfo".into())
            .spawn(look_up)
            .map_err(|error| Failure::new(format!("{what}: {error}")))?;
        let deadline = self.limit().map(|limit| Instant::now() + limit);
        match self.wait_until(deadline, |session| session.resolver.answer.take()) {
            Ok(Ok(found)) => Ok(found),
            Ok(Err((error, words))) => Err(resolving::failure(&what, host, service, error, &words)),
            Err(stop) => {
                let failure = stop.failure(&what);
                Err(failure.next("an address such as 127.0.0.1:7777 needs no name server"))
            }
        }
    }

    /// The address that a name stands for, for a socket of a domain: the first answer. Which
    /// one was taken is noted for the line's outcome.
    pub(crate) fn resolve_for(
        &mut self,
        host: &str,
        service: &str,
        domain: Option<i32>,
    ) -> Result<Address, Failure> {
        // A type of socket, so that each address comes once. Which does not matter: the
        // services have the same port for all of them.
        // A name without IPv6 addresses is good for a socket of IPv6, too: IPv4-mapped.
        let flags = if domain == Some(libc::AF_INET6) { libc::AI_V4MAPPED } else { 0 };
        let hints = AddrInfoHints {
            flags,
            address: domain
                .filter(|domain| *domain == libc::AF_INET6 || *domain == libc::AF_INET)
                .unwrap_or(0),
            socktype: libc::SOCK_STREAM,
            ..AddrInfoHints::default()
        };
        let found = self.resolve(host, Some(service), hints)?;
        let Some(first) = found.first() else {
            return Err(Failure::new(format!("`{host}` has no address")));
        };
        let address = Address::from(first.sockaddr);
        let which = if found.len() == 1 {
            String::new()
        } else {
            format!(", the first of {} answers (`resolve {host}` shows all)", found.len())
        };
        let family = address.family_name();
        self.notes.push(format!("getaddrinfo: {host} is {} in {family}{which}", first.sockaddr.ip()));
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_nobody_waits_for_any_more_is_thrown_away() {
        let mut resolver = Resolver { last: 2, answer: None };
        resolver.answered(1, Ok(Vec::new()));
        assert!(resolver.answer.is_none());
        resolver.answered(2, Ok(Vec::new()));
        assert!(resolver.answer.is_some());
    }
}
