//! What is known of one socket, from all sources, at one moment.

use crate::address::Address;
use crate::kernel::sock_diag::{Protocol, SocketFact};
use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::End;
use crate::worker::close_look::{self, CloseLook};
use crate::worker::protocol::OwnSocket;

/// A socket that is to be shown.
pub(super) struct Subject {
    /// As the session knows it.
    pub end: End,
    /// Its descriptors in the worker.
    pub descriptors: Vec<i32>,
    /// What the descriptor tells.
    pub own: Option<OwnSocket>,
    /// What sock_diag tells of every socket.
    pub fact: Option<SocketFact>,
    /// The other end of its connection, if it is on this machine.
    pub other: Option<End>,
    /// The connections in its accept queue.
    pub waiting: Vec<End>,
    /// What only one socket is asked for.
    pub look: CloseLook,
}

impl Subject {
    /// Looks at the socket with this cookie; `None` when it is there no more.
    pub fn look(session: &mut Session, cookie: u64) -> Result<Option<Self>, Failure> {
        let Some(end) = session.ends().iter().find(|end| end.cookie == cookie).cloned() else {
            return Ok(None);
        };
        let which = match (end.fd, end.local.clone(), end.remote.clone()) {
            (Some(fd), _, _) => Some(close_look::Subject::Own(fd)),
            (None, Some(local), Some(remote)) => Some(close_look::Subject::End(end.protocol, local, remote)),
            // A listener of a program: sock_diag finds no single one without a peer.
            _ => None,
        };
        let look = which.map(|which| session.look_closely(which)).transpose()?.unwrap_or_default();
        let seen = session.seen();
        let own: Vec<&OwnSocket> = seen.own.iter().filter(|own| own.cookie == cookie).collect();
        let fact = seen.sockets.iter().find(|fact| fact.cookie == cookie).cloned();
        let ends = session.ends().iter();
        let waits = |other: &&End| end.accept_queue.is_some() && other.waits_in(&end);
        Ok(Some(Self {
            descriptors: own.iter().map(|own| own.fd).collect(),
            own: own.first().map(|own| (*own).clone()),
            fact,
            other: ends.clone().find(|other| other.faces(&end)).cloned(),
            waiting: ends.filter(waits).cloned().collect(),
            look,
            end,
        }))
    }

    /// Its inode, if it has one.
    pub fn inode(&self) -> Option<u64> {
        let fact = self.fact.as_ref().and_then(|fact| fact.inode);
        self.own.as_ref().map(|own| own.inode).or(fact)
    }

    /// Whether it is a socket of AF_INET6: its addresses may be those of IPv4 all the same.
    pub fn is_v6(&self) -> bool {
        let local = self.end.local.as_ref().and_then(Address::inet);
        match &self.own {
            Some(own) => own.domain == libc::AF_INET6,
            None => local.is_some_and(|local| local.is_ipv6()),
        }
    }

    /// The bytes that a program could receive now; for UDP those of the next datagram.
    pub fn unread(&self) -> u32 {
        self.own.as_ref().and_then(|own| own.unread).unwrap_or(self.end.unread)
    }

    /// Whether there are such bytes.
    pub fn has_unread(&self) -> bool {
        self.unread() > 0
    }

    /// Whether it is one end of a TCP connection.
    pub fn is_connection(&self) -> bool {
        self.end.protocol == Protocol::Tcp && self.end.remote.is_some()
    }
}
