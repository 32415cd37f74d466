//! Responders of the session: UDP servers that answer by rule. As with relays, their sockets are
//! the session's and not the worker's: none of the student's descriptors is theirs.

use super::Session;
use super::waiting::News;
use crate::address::Address;
use crate::kernel::sock_diag::Protocol;
use crate::outcome::Failure;
use crate::responder::{Asked, Responder};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// The responders of a session, by name.
pub type Responders = BTreeMap<String, Responder>;

impl Session {
    /// The responders, by name.
    pub fn responders(&self) -> &Responders {
        &self.responders
    }

    /// Makes a responder of this name, if there is none.
    pub(crate) fn responder(&mut self, name: &str) -> Result<&Responder, Failure> {
        if !self.responders.contains_key(name) {
            let (sender, on_news) = (self.sender.clone(), Arc::clone(&self.on_news));
            let responder = Responder::start(move || {
                // A session that has ended needs no news.
                if sender.send(News::Relay).is_ok() {
                    on_news();
                }
            })
            .map_err(|error| Failure::new(format!("cannot make a server that answers: {error}")))?;
            self.names.has_address(Protocol::Udp, &Address::from(responder.address), name);
            self.responders.insert(name.to_owned(), responder);
        }
        self.responder_called(name)
    }

    /// The responder of this name.
    pub(crate) fn responder_called(&self, name: &str) -> Result<&Responder, Failure> {
        self.responders.get(name).ok_or_else(|| {
            Failure::new(format!("no server that answers by rule is called `{name}`"))
                .next(format!("`answer {name} \"REQUEST\" \"REPLY\"` makes one"))
        })
    }

    /// Ends a responder. Whether there was one of this name.
    pub(crate) fn stop_responder(&mut self, name: &str) -> bool {
        self.responders.remove(name).is_some()
    }

    /// Waits until a responder was asked all that it has answers to, or something else. When no
    /// program runs any more, nobody is left to ask.
    pub(crate) fn wait_until_asked(
        &mut self,
        name: &str,
        deadline: Option<Instant>,
    ) -> Result<Asked, Failure> {
        self.responder_called(name)?;
        let waited = self.wait_until(deadline, |session| {
            let last = !session.programs.any_runs();
            if last {
                // What was sent is there, but threads may not have come to it.
                session.relays_carry();
            }
            let asked = session.responders.get(name)?.asked();
            (last || asked.unanswered.is_some() || asked.missing.is_empty()).then_some(asked)
        });
        let shown = |requests: &[Vec<u8>], width| {
            requests.iter().map(|request| self.names.data(request, width)).collect::<Vec<_>>()
        };
        let missing =
            |asked: &Asked| format!("{name} was not asked {}", shown(&asked.missing, 200).join(", "));
        let (asked, failure) = match waited {
            Ok(asked) if asked.unanswered.is_some() || asked.missing.is_empty() => return Ok(asked),
            Ok(asked) => {
                let message = format!("{}, and no program runs that could ask", missing(&asked));
                (asked, Failure::new(message))
            }
            Err(stop) => {
                let asked = self.responder_called(name)?.asked();
                let failure = stop.failure(&missing(&asked));
                (asked, failure)
            }
        };
        Err(Failure { came: shown(&asked.answered, 2000).into(), ..failure })
    }
}
