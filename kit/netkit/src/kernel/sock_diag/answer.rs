//! Putting an answer together from the datagrams in which it comes.

use std::io;

use super::fact::{Protocol, SocketFact};
use super::unix;
use super::wire::{self, Message, Messages, SocketView};
use crate::kernel::memory::Memory;
use crate::kernel::tcp_info::TcpInfo;

/// An answer, as far as it has come.
#[derive(Debug)]
pub(super) struct Answer {
    /// The sockets in it.
    pub facts: Vec<SocketFact>,
    /// What else was said of a single socket.
    pub info: Option<TcpInfo>,
    /// The memory of a single socket.
    pub memory: Option<Memory>,
    /// The kernel marked it as inconsistent.
    pub interrupted: bool,
    /// Nothing more belongs to it.
    pub complete: bool,
    protocol: Protocol,
    /// The number of the request that is answered.
    pub sequence: u32,
    /// The answer to a dump has many messages and ends with DONE; any other is
    /// a single message.
    dump: bool,
}

impl Answer {
    /// The answer to come to the request with this sequence number.
    pub fn new(protocol: Protocol, sequence: u32, dump: bool) -> Self {
        Self {
            facts: Vec::new(),
            info: None,
            memory: None,
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
            // Not the answer to this question.
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
            wire::SOCK_DIAG_BY_FAMILY if message.body.first() == Some(&(libc::AF_UNIX as u8)) => {
                self.facts.push(unix::read(message.body)?);
                self.complete = !self.dump;
            }
            wire::SOCK_DIAG_BY_FAMILY | wire::TCP_OF_ANY_FAMILY => {
                let view = SocketView::new(message.body)
                    .ok_or_else(|| malformed("a socket's description that is cut off"))?;
                let fact = SocketFact::read(&view, self.protocol)
                    .map_err(|wrong| malformed(&format!("a socket that makes no sense: {wrong}")))?;
                self.facts.push(fact);
                // Only asked for one socket: these stay empty in a dump.
                self.info = view.attribute(wire::INFO).and_then(TcpInfo::read);
                self.memory = view.attribute(wire::MEMORY).and_then(Memory::read);
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
    io::Error::new(io::ErrorKind::InvalidData, format!("the kernel's answer over netlink holds {what}"))
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{MsgFlags, send};

    use super::super::SockDiag;
    use super::*;
    use crate::kernel::sock_diag::wire::{SOCK_DIAG_BY_FAMILY, Subject, request};

    const SEQUENCE: u32 = 7;

    fn message(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend((16 + body.len() as u32).to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend(0u32.to_ne_bytes());
        bytes.extend(body);
        bytes
    }

    /// A TCP listener on 127.0.0.1:80 in the kernel's words.
    fn socket(family: u8, state: u8) -> Vec<u8> {
        let mut body = vec![family, state, 0, 0, 0, 80, 0, 0, 127, 0, 0, 1];
        body.resize(72, 0);
        body
    }

    fn dumped(datagrams: &[&[u8]]) -> io::Result<Answer> {
        let mut answer = Answer::new(Protocol::Tcp, SEQUENCE, true);
        for datagram in datagrams {
            answer.add(datagram)?;
        }
        Ok(answer)
    }

    #[test]
    fn an_answer_in_parts_is_put_together() {
        let one = message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE, &socket(2, 10));
        let two = [one.clone(), one.clone()].concat();
        let done = message(wire::DONE, 2, SEQUENCE, &[0; 4]);
        let answer = dumped(&[&two, &one]).unwrap();
        assert_eq!((answer.facts.len(), answer.complete), (3, false));
        let answer = dumped(&[&two, &one, &done]).unwrap();
        assert_eq!((answer.facts.len(), answer.complete), (3, true));
        assert!(!answer.interrupted);
        assert_eq!(answer.facts[0].local.to_string(), "127.0.0.1:80");
    }

    #[test]
    fn the_cookie_is_put_together_from_two_words() {
        let mut body = socket(2, 10);
        body[44..48].copy_from_slice(&0x89ab_cdefu32.to_ne_bytes());
        body[48..52].copy_from_slice(&0x0123_4567u32.to_ne_bytes());
        let answer = dumped(&[&message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE, &body)]).unwrap();
        assert_eq!(answer.facts[0].cookie, 0x0123_4567_89ab_cdef);
    }

    #[test]
    fn an_inconsistent_dump_is_marked() {
        let one = message(SOCK_DIAG_BY_FAMILY, 2 | 0x10, SEQUENCE, &socket(2, 10));
        let done = message(wire::DONE, 2, SEQUENCE, &[0; 4]);
        assert!(dumped(&[&one, &done]).unwrap().interrupted);
        let done = message(wire::DONE, 2 | 0x10, SEQUENCE, &[0; 4]);
        assert!(dumped(&[&done]).unwrap().interrupted);
    }

    #[test]
    fn the_answer_to_another_question_is_passed_over() {
        let old = message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE - 1, &socket(2, 10));
        let end = message(wire::DONE, 2, SEQUENCE - 1, &[0; 4]);
        let answer = dumped(&[&old, &end]).unwrap();
        assert_eq!((answer.facts.len(), answer.complete), (0, false));
    }

    #[test]
    fn the_kernels_error_keeps_its_number() {
        for kind in [wire::ERROR, wire::DONE] {
            let body = [&(-libc::EPERM).to_ne_bytes()[..], &[0; 16]].concat();
            let error = dumped(&[&message(kind, 0, SEQUENCE, &body)]).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EPERM));
        }
    }

    #[test]
    fn nonsense_is_an_error_that_says_what_is_wrong() {
        let whole = message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE, &socket(2, 10));
        let mut too_long = whole.clone();
        too_long[0] = 200;
        let mut too_short = whole.clone();
        too_short[0] = 15;
        let mut endless = whole.clone();
        endless[..4].copy_from_slice(&[0xff; 4]);
        let socket_with = |family, state| message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE, &socket(family, state));
        for (bytes, expected) in [
            (vec![0], "false length"),
            (vec![0; 15], "false length"),
            (vec![0; 16], "false length"),
            (vec![0xff; 64], "false length"),
            (too_long, "false length"),
            (too_short, "false length"),
            (endless, "false length"),
            ([whole.clone(), vec![16, 0]].concat(), "false length"),
            (message(SOCK_DIAG_BY_FAMILY, 0, SEQUENCE, &[]), "cut off"),
            (message(SOCK_DIAG_BY_FAMILY, 0, SEQUENCE, &socket(2, 10)[..71]), "cut off"),
            (message(wire::DONE, 0, SEQUENCE, &[]), "without a status"),
            (message(wire::ERROR, 0, SEQUENCE, &[0; 3]), "without a status"),
            (message(wire::OVERRUN, 0, SEQUENCE, &[]), "lost"),
            (message(99, 0, SEQUENCE, &[]), "unknown type 99"),
            (socket_with(2, 0), "state 0"),
            (socket_with(2, 14), "state 14"),
            (socket_with(17, 10), "family 17"),
        ] {
            let error = dumped(&[&bytes]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{bytes:?}");
            assert!(error.to_string().contains(expected), "{error} for {bytes:?}");
        }
    }

    #[test]
    fn broken_attributes_are_passed_over() {
        for (attributes, shutdown) in [
            (&[5, 0, 8, 0, 3, 0, 0, 0][..], Some((true, true))),
            (&[5, 0, 9, 0, 3, 0, 0, 0, 5, 0, 8, 0, 1], Some((true, false))),
            (&[4, 0, 8, 0], None),
            (&[0, 0, 8, 0, 3], None),
            (&[3, 0, 8, 0, 3], None),
            (&[9, 0, 8, 0, 3], None),
            (&[0xff; 9], None),
            (&[5], None),
        ] {
            let body = [&socket(2, 10), attributes].concat();
            let bytes = message(SOCK_DIAG_BY_FAMILY, 2, SEQUENCE, &body);
            let facts = dumped(&[&bytes]).unwrap().facts;
            let halves = facts[0].shutdown.map(|halves| (halves.read, halves.write));
            assert_eq!(halves, shutdown, "{attributes:?}");
        }
    }

    /// What the kernel really says about a listener, when asked for it alone.
    fn real_answer() -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody: SocketAddr = "0.0.0.0:0".parse().unwrap();
        let subject = Subject::One { source: listener.local_addr().unwrap(), destination: nobody };
        let mut diag = SockDiag::open().unwrap();
        let request = request(2, 6, subject, SEQUENCE);
        send(diag.socket.as_raw_fd(), &request, MsgFlags::empty()).unwrap();
        diag.receive().unwrap().to_vec()
    }

    #[test]
    fn an_answer_that_nobody_read_is_not_in_the_way() {
        let mut diag = SockDiag::open().unwrap();
        let request = request(2, 6, Subject::All, SEQUENCE);
        send(diag.socket.as_raw_fd(), &request, MsgFlags::empty()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let facts = diag.dump(Protocol::Tcp).unwrap();
        assert!(facts.iter().any(|fact| fact.local == address));
    }

    #[test]
    fn a_real_answer_cut_anywhere_is_never_taken_for_whole() {
        let whole = real_answer();
        let complete = |bytes: &[u8]| {
            let mut answer = Answer::new(Protocol::Tcp, SEQUENCE, false);
            answer.add(bytes).is_ok() && answer.complete
        };
        assert!(complete(&whole));
        // Up to three bytes at the end are padding.
        let length = u32::from_ne_bytes(*whole.first_chunk().unwrap()) as usize;
        for cut in 0..length {
            assert!(!complete(&whole[..cut]), "cut at {cut}");
        }
    }

    #[test]
    fn a_real_answer_with_any_byte_changed_is_read_without_panic() {
        let mut bytes = real_answer();
        for place in 0..bytes.len() {
            let original = bytes[place];
            for changed in 0..=u8::MAX {
                bytes[place] = changed;
                // Whether it still makes sense is not the question.
                let _ = Answer::new(Protocol::Tcp, SEQUENCE, true).add(&bytes);
            }
            bytes[place] = original;
        }
    }
}
