//! Putting an answer together from the datagrams in which it comes.

use std::io;

use super::fact::{Protocol, SocketFact};
use super::wire::{self, Message, Messages, SocketView};

/// An answer, as far as it has come.
#[derive(Debug)]
pub(super) struct Answer {
    /// The sockets in it.
    pub facts: Vec<SocketFact>,
    /// The kernel marked it as inconsistent.
    pub interrupted: bool,
    /// Nothing more belongs to it.
    pub complete: bool,
    protocol: Protocol,
    sequence: u32,
    /// The answer to a dump has many messages and ends with DONE; any other is
    /// a single message.
    dump: bool,
}

impl Answer {
    /// The answer to come to the request with this sequence number.
    pub fn new(protocol: Protocol, sequence: u32, dump: bool) -> Self {
        Self {
            facts: Vec::new(),
            interrupted: false,
            complete: false,
            protocol,
            sequence,
            dump,
        }
    }

    /// Takes in one datagram.
    ///
    /// # Errors
    /// The kernel answered with an error (its errno), or with nonsense.
    pub fn add(&mut self, datagram: &[u8]) -> io::Result<()> {
        for message in Messages(datagram) {
            let message = message.ok_or_else(|| malformed("a message with a false length"))?;
            // The rest of an earlier answer that was given up half-way.
            if message.sequence != self.sequence {
                continue;
            }
            self.add_message(message)?;
            if self.complete {
                break;
            }
        }
        Ok(())
    }

    fn add_message(&mut self, message: Message<'_>) -> io::Result<()> {
        self.interrupted |= message.flags & wire::DUMP_INTERRUPTED != 0;
        match message.kind {
            wire::NOOP => {}
            wire::DONE | wire::ERROR => {
                self.complete = true;
                let number = wire::error_number(message.body)
                    .ok_or_else(|| malformed("a status message without a status"))?;
                if number != 0 {
                    return Err(io::Error::from_raw_os_error(number.saturating_neg()));
                }
            }
            wire::SOCK_DIAG_BY_FAMILY => {
                let view = SocketView::new(message.body)
                    .ok_or_else(|| malformed("a socket's description that is cut off"))?;
                let fact = SocketFact::read(&view, self.protocol).map_err(|wrong| {
                    malformed(&format!("a socket that makes no sense: {wrong}"))
                })?;
                self.facts.push(fact);
                self.complete = !self.dump;
            }
            wire::OVERRUN => return Err(malformed("that part of the answer was lost")),
            kind => return Err(malformed(&format!("a message of the unknown type {kind}"))),
        }
        Ok(())
    }
}

/// An answer that is not what the protocol promises.
pub(super) fn malformed(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the kernel's answer over netlink holds {what}"),
    )
}
