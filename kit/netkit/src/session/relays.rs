//! Relays of the session: datagrams for a server go through one, and it does to them what its
//! rules say.
//!
//! Its sockets are the session's and not the worker's: none of the student's descriptors is
//! theirs. Before a look that waits for rest, relays carry all that has come, so that what a line
//! sent has arrived when the line is told.

use super::Session;
use super::waiting::{News, Stop};
use crate::address::Address;
use crate::kernel::sock_diag::Protocol;
use crate::outcome::Failure;
use crate::relay::rules::{Action, Progress, Refused, Rule, Undelivered};
use crate::relay::{Direction, Relay};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The relays of a session, by name.
pub type Relays = BTreeMap<String, Named>;

/// A relay, as the session knows it.
#[derive(Debug)]
pub struct Named {
    relay: Relay,
    /// What it leads to, as it was typed.
    pub server: String,
    /// The rules as they were told last.
    told: Vec<(Direction, Rule)>,
}

impl Named {
    /// Where it takes datagrams.
    pub fn address(&self) -> SocketAddr {
        self.relay.address
    }

    /// The relay itself.
    pub(crate) fn relay(&self) -> &Relay {
        &self.relay
    }

    /// All rules as they stand.
    pub(crate) fn rules(&self) -> Vec<(Direction, Rule)> {
        [Direction::To, Direction::From]
            .into_iter()
            .flat_map(|direction| {
                self.relay.rules(direction).0.into_iter().map(move |rule| (direction, rule))
            })
            .collect()
    }

    /// `to server`.
    pub(crate) fn way(&self, direction: Direction) -> String {
        let word = if direction == Direction::To { "to" } else { "from" };
        format!("{word} {}", self.server)
    }

    /// The datagrams of a rule, and how far it has come.
    pub(crate) fn in_words(&self, direction: Direction, rule: Rule) -> String {
        let (number, way) = (rule.number, self.way(direction));
        let state = match (rule.action, rule.progress) {
            (Action::Drop, Progress::Done) => "dropped",
            (Action::Drop, _) => "will be dropped",
            (Action::Duplicate, Progress::Done) => "delivered twice",
            (Action::Duplicate, _) => "will be delivered twice",
            (Action::Hold, Progress::Waiting) => "will be held back",
            (Action::Hold, Progress::Kept) => "held back",
            (Action::Hold, Progress::Done) => "held back, and delivered",
            (Action::HoldUntil(other), Progress::Done) => &format!("held back, and delivered before {other}"),
            (Action::HoldUntil(other), Progress::Kept) => &format!("held back until {other}"),
            (Action::HoldUntil(other), Progress::Waiting) => &format!("will be held back until {other}"),
            (Action::Swap, progress) => {
                let state = match progress {
                    Progress::Waiting => "will change places".into(),
                    Progress::Kept => format!("will change places: {number} waits for {}", number + 1),
                    Progress::Done => "changed places".into(),
                };
                return format!("datagrams {number} and {} {way} {state}", number + 1);
            }
        };
        format!("datagram {number} {way} {state}")
    }
}

impl Session {
    /// The relays, by name.
    pub fn relays(&self) -> &Relays {
        &self.relays
    }

    /// The relay of this name.
    pub(crate) fn relay(&self, name: &str) -> Result<&Named, Failure> {
        self.relays.get(name).ok_or_else(|| {
            Failure::new(format!("no relay is called `{name}`"))
                .next(format!("`{name} = relay SERVER` makes one"))
        })
    }

    /// Makes a relay to a server. One that had the name before ends.
    pub(crate) fn start_relay(&mut self, name: &str, server: &str, target: SocketAddr) -> io::Result<()> {
        let (sender, on_news) = (self.sender.clone(), Arc::clone(&self.on_news));
        let relay = Relay::start(target, move || {
            // A session that has ended needs no news.
            if sender.send(News::Relay).is_ok() {
                on_news();
            }
        })?;
        let address = Address::from(relay.address);
        self.names.has_address(Protocol::Udp, &address, name);
        let named = Named { relay, server: server.to_owned(), told: Vec::new() };
        self.relays.insert(name.to_owned(), named);
        Ok(())
    }

    /// Ends a relay. Whether there was one of this name.
    pub(crate) fn stop_relay(&mut self, name: &str) -> bool {
        self.relays.remove(name).is_some()
    }

    /// Makes a rule for a datagram that is still to come; what it says, in words.
    pub(crate) fn add_rule(
        &mut self,
        name: &str,
        direction: Direction,
        action: Action,
        number: u64,
    ) -> Result<String, Failure> {
        let named = self.relay(name)?;
        // What was sent before this line is not what the rule is about.
        while named.relay.carry() {}
        let way = named.way(direction);
        let added = named.relay.add(direction, action, number);
        added.map_err(|refused| match refused {
            Refused::TooLate(came) => Failure::new(format!("datagram {number} {way} has passed already"))
                .next(format!("{came} have passed; the next one is number {}", came + 1)),
            Refused::Taken(rule) => Failure::new(format!("{} already", named.in_words(direction, rule)))
                .next("a datagram has one rule; a relay that is made anew has none and counts from 1"),
        })?;
        let words = named.in_words(direction, Rule { action, number, progress: Progress::Waiting });
        self.rules_told(name);
        Ok(words)
    }

    /// Delivers a datagram that is held back; waits for it if it has not come yet.
    pub(crate) fn deliver(
        &mut self,
        name: &str,
        direction: Direction,
        number: u64,
        deadline: Option<Instant>,
    ) -> Result<(), Failure> {
        let what = format!("datagram {number} {}", self.relay(name)?.way(direction));
        let waited = self.wait_until(deadline, |session| {
            let named = session.relays.get(name)?;
            named.relay.carry();
            match named.relay.deliver(direction, number) {
                Err(Undelivered::NotYet) => None,
                other => Some(other),
            }
        });
        self.rules_told(name);
        match waited {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Undelivered::Before)) => Err(Failure::new(format!("{what} was delivered before"))),
            Ok(Err(_)) => Err(Failure::new(format!("{what} is not held back"))
                .next(format!("`relay {name} hold ...` holds one back that is still to come"))),
            Err(stop) => Err(stop_waiting(&stop, &what)),
        }
    }

    /// Carries all that has come to any relay, and answers all that responders were asked, until
    /// nothing is on its way between them. Whether there was anything.
    pub(super) fn relays_carry(&self) -> bool {
        let mut carried = false;
        loop {
            let relays = self.relays.values().filter(|named| named.relay.carry()).count();
            let responders = self.responders.values().filter(|responder| responder.answer()).count();
            if relays + responders == 0 {
                return carried;
            }
            carried = true;
        }
    }

    /// Whether datagrams go through threads of the session.
    pub(super) fn carries(&self) -> bool {
        !self.relays.is_empty() || !self.responders.is_empty()
    }

    /// Names what the relays' senders are called towards the server.
    pub(super) fn name_senders(&mut self) {
        for (name, named) in &self.relays {
            for (number, _, seen) in named.relay.senders() {
                self.names.has_address(Protocol::Udp, &seen.into(), &format!("{name}.{number}"));
            }
        }
    }

    /// What rules have done since this was asked last, a line each.
    pub(super) fn relay_news(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, named) in &mut self.relays {
            let now = named.rules();
            let new =
                now.iter().filter(|rule| rule.1.progress != Progress::Waiting && !named.told.contains(rule));
            lines.extend(
                new.map(|(direction, rule)| format!("{name}: {}", named.in_words(*direction, *rule))),
            );
            named.told = now;
        }
        lines
    }

    /// Whether there is anything that [`Session::relay_news`] would tell.
    pub(super) fn relays_have_news(&self) -> bool {
        self.relays.values().any(|named| {
            let now = named.rules();
            now.iter().any(|rule| rule.1.progress != Progress::Waiting && !named.told.contains(rule))
        })
    }

    /// Notes that the rules of a relay were told as they stand.
    pub(crate) fn rules_told(&mut self, name: &str) {
        if let Some(named) = self.relays.get_mut(name) {
            named.told = named.rules();
        }
    }
}

fn stop_waiting(stop: &Stop, what: &str) -> Failure {
    stop.failure(&format!("{what} has not come"))
}
