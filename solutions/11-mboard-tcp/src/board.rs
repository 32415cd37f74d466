//! The board: all messages, and the answer to each request. It knows no socket, so that it can be
//! tested without one.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// So many bytes of messages are kept. A board that forgets nothing is a board that anyone can use
/// to fill the machine's memory; beyond this the oldest messages are forgotten.
const MOST_BYTES: usize = 256 << 20;

/// What a message needs beside its text, roughly: even empty ones are not free.
const OVERHEAD: usize = size_of::<Message>() + size_of::<Arc<Message>>();

/// The answer to a request that cannot be read, or is too long.
pub const BAD_FORMAT: &[u8] = b"1:";

/// The answer to a request for a message that is not there.
const NO_SUCH_MESSAGE: &[u8] = b"2:";

/// The answer to a request with a code that nobody knows.
const NO_SUCH_CODE: &[u8] = b"3:";

/// A message of the board.
#[derive(Debug)]
pub struct Message {
    /// `TIME:IP:PORT:`, as it stands before the text in a reply.
    head: String,
    text: Vec<u8>,
}

/// What is to be sent back. Messages are shared with the board: a reply may be larger than all that
/// one wants to copy, and a client may take its time to read it, while the board is needed by others.
#[derive(Debug)]
pub enum Reply {
    /// These bytes.
    Bytes(Vec<u8>),
    /// One message.
    Message(Arc<Message>),
    /// Several messages, each with its size before it.
    Sized(Vec<Arc<Message>>),
}

/// The messages, oldest first.
#[derive(Debug, Default)]
pub struct Board {
    messages: VecDeque<Arc<Message>>,
    /// How many were forgotten. The message at index `i` has the id `forgotten + i + 1`, so that no
    /// two messages ever have the same one.
    forgotten: u64,
    bytes: usize,
}

impl Reply {
    /// Writes the whole reply.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => out.write_all(bytes)?,
            Self::Message(message) => {
                out.write_all(b"0:")?;
                message.write_to(&mut out)?;
            }
            Self::Sized(messages) => {
                out.write_all(b"0:")?;
                for message in messages {
                    // Eight digits hold it: a request is no longer than 16 MiB.
                    write!(out, "{:08x}", message.head.len() + message.text.len())?;
                    message.write_to(&mut out)?;
                }
            }
        }
        out.flush()
    }
}

impl Message {
    fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(self.head.as_bytes())?;
        out.write_all(&self.text)
    }
}

impl Board {
    /// The reply to a request that came from `client`. Whatever the request is, there is one.
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Reply {
        // The first colon ends the code. All others belong to the payload.
        let Some(colon) = request.iter().position(|byte| *byte == b':') else {
            return Reply::Bytes(BAD_FORMAT.to_vec());
        };
        let (code, payload) = (&request[..colon], &request[colon + 1..]);
        Reply::Bytes(match (code, number(payload)) {
            (b"1", _) => {
                self.publish(payload, client, now);
                b"0:".to_vec()
            }
            (b"2", Some(count)) => {
                let ids: Vec<String> = self.last_ids(count).map(|id| id.to_string()).collect();
                format!("0:{}", ids.join(":")).into_bytes()
            }
            (b"3", Some(id)) => match self.message(id) {
                Some(message) => return Reply::Message(Arc::clone(message)),
                None => NO_SUCH_MESSAGE.to_vec(),
            },
            (b"4", Some(count)) => {
                let messages = self.last_ids(count).filter_map(|id| self.message(id));
                return Reply::Sized(messages.cloned().collect());
            }
            (b"2" | b"3" | b"4", None) => BAD_FORMAT.to_vec(),
            _ => NO_SUCH_CODE.to_vec(),
        })
    }

    fn publish(&mut self, text: &[u8], publisher: SocketAddrV4, now: SystemTime) {
        // A clock that was set to before 1970 is wrong, and no reason to fail.
        let time = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let (seconds, micros) = (time.as_secs(), time.subsec_micros());
        let head = format!("{seconds}.{micros:06}:{}:{}:", publisher.ip(), publisher.port());
        self.bytes += text.len() + OVERHEAD;
        self.messages.push_back(Arc::new(Message { head, text: text.to_vec() }));
        while self.bytes > MOST_BYTES
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.text.len() + OVERHEAD;
            self.forgotten += 1;
        }
    }

    /// The ids of the last messages, oldest first; all of them for 0.
    fn last_ids(&self, count: u64) -> impl Iterator<Item = u64> {
        let newest = self.forgotten + self.messages.len() as u64;
        let before = if count == 0 { 0 } else { newest.saturating_sub(count) };
        before.max(self.forgotten) + 1..=newest
    }

    fn message(&self, id: u64) -> Option<&Arc<Message>> {
        let index = id.checked_sub(self.forgotten)?.checked_sub(1)?;
        self.messages.get(usize::try_from(index).ok()?)
    }
}

/// Decimal digits as a number; one that is too large to hold counts as the largest, which is more
/// messages than there are, or the id of none. `None` for anything else: `parse` would take `+5`.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use labkit::printable;

    const CLIENT: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 4000);

    fn at(board: &mut Board, request: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let reply = board.answer(request, CLIENT, UNIX_EPOCH + Duration::from_micros(12_500_000));
        reply.write_to(&mut bytes).unwrap();
        bytes
    }

    /// A board with three messages.
    fn board() -> Board {
        let mut board = Board::default();
        for request in [&b"1:one"[..], b"1:a:b:", b"1:\0\n\xff"] {
            assert_eq!(at(&mut board, request), b"0:");
        }
        board
    }

    fn check(request: &[u8], reply: &[u8]) {
        assert_eq!(printable(&at(&mut board(), request)), printable(reply), "{}", printable(request));
    }

    #[test]
    fn messages_are_listed_oldest_first() {
        check(b"2:0", b"0:1:2:3");
        check(b"2:2", b"0:2:3");
        check(b"2:3", b"0:1:2:3");
        check(b"2:99999999999999999999999", b"0:1:2:3");
        assert_eq!(at(&mut Board::default(), b"2:0"), b"0:");
        assert_eq!(at(&mut Board::default(), b"4:0"), b"0:");
    }

    #[test]
    fn a_message_comes_back_as_it_was() {
        check(b"3:1", b"0:12.500000:127.0.0.1:4000:one");
        check(b"3:2", b"0:12.500000:127.0.0.1:4000:a:b:");
        check(b"3:003", b"0:12.500000:127.0.0.1:4000:\0\n\xff");
    }

    #[test]
    fn several_messages_come_each_with_its_size() {
        check(b"4:1", b"0:0000001c12.500000:127.0.0.1:4000:\0\n\xff");
        check(b"4:2", b"0:0000001d12.500000:127.0.0.1:4000:a:b:0000001c12.500000:127.0.0.1:4000:\0\n\xff");
        assert_eq!(at(&mut board(), b"4:0"), at(&mut board(), b"4:3"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for request in [&b""[..], b"1", b"hello", b"2:", b"2:x", b"4:+1", b"2:-1", b"4:1 ", b"3:1:", b"4:"] {
            check(request, b"1:");
        }
        for request in [&b"3:0"[..], b"3:4", b"3:99999999999999999999999"] {
            check(request, b"2:");
        }
        for request in [&b":"[..], b"0:", b"5:1", b"11:x", b"01:x", b" 1:x", b"\xff:"] {
            check(request, b"3:");
        }
    }

    #[test]
    fn what_is_too_much_is_forgotten_and_no_id_comes_again() {
        let mut board = Board { bytes: MOST_BYTES - OVERHEAD - 50, ..Board::default() };
        at(&mut board, &[b"1:", [b'x'; 40].as_slice()].concat());
        assert_eq!(at(&mut board, b"1:new"), b"0:");
        assert_eq!(at(&mut board, b"2:0"), b"0:2");
        assert_eq!(at(&mut board, b"3:1"), b"2:");
    }

    /// Random requests, and good ones with a byte changed: each has an answer.
    #[test]
    fn any_request_has_an_answer() {
        let mut random = labkit::Random::new(11);
        let mut board = board();
        for _ in 0..10_000 {
            let request = match random.below(6) {
                0 => random.bytes(40),
                1 => random.mutated(b"2:12"),
                2 => random.mutated(b"3:2"),
                3 => random.mutated(b"4:2"),
                4 => random.mutated(b"1:"),
                _ => random.mutated(b"1:some text"),
            };
            let reply = at(&mut board, &request);
            assert!(b"0123".contains(&reply[0]) && reply[1] == b':');
        }
    }
}
