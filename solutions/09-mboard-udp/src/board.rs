//! The board: all messages, and the answer to each request. It knows no socket, so that it can be
//! tested without one.

use std::collections::VecDeque;
use std::net::SocketAddrV4;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::LARGEST;

/// So many bytes of messages are kept. A board that forgets nothing is a board that anyone can use
/// to fill the machine's memory; beyond this the oldest messages are forgotten.
const MOST_BYTES: usize = 256 << 20;

/// What a message needs beside its text, roughly: even empty ones are not free.
const OVERHEAD: usize = size_of::<Message>();

/// The answer to a request that cannot be read.
const BAD_FORMAT: &[u8] = b"1:";

/// The answer to a request for a message that is not there.
const NO_SUCH_MESSAGE: &[u8] = b"2:";

/// The answer to a request with a code that nobody knows.
const NO_SUCH_CODE: &[u8] = b"3:";

/// A message of the board.
#[derive(Debug)]
struct Message {
    /// When it was published, since 1970.
    time: Duration,
    /// Who published it.
    publisher: SocketAddrV4,
    text: Vec<u8>,
}

/// The messages, oldest first.
#[derive(Debug, Default)]
pub struct Board {
    messages: VecDeque<Message>,
    /// How many were forgotten. The message at index `i` has the id `forgotten + i + 1`, so that no
    /// two messages ever have the same one.
    forgotten: u64,
    bytes: usize,
}

impl Board {
    /// The reply to a request that came from `client`. Whatever the request is, there is one, and it
    /// fits into a datagram.
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Vec<u8> {
        // The first colon ends the code. All others belong to the payload.
        let Some(colon) = request.iter().position(|byte| *byte == b':') else {
            return BAD_FORMAT.to_vec();
        };
        let (code, payload) = (&request[..colon], &request[colon + 1..]);
        match (code, number(payload)) {
            (b"1", _) => {
                self.publish(payload, client, now);
                b"0:".to_vec()
            }
            (b"2", Some(count)) => self.last(count),
            (b"3", Some(id)) => self.message(id).unwrap_or_else(|| NO_SUCH_MESSAGE.to_vec()),
            (b"2" | b"3", None) => BAD_FORMAT.to_vec(),
            _ => NO_SUCH_CODE.to_vec(),
        }
    }

    fn publish(&mut self, text: &[u8], publisher: SocketAddrV4, now: SystemTime) {
        // A clock that was set to before 1970 is wrong, and no reason to fail.
        let time = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.bytes += text.len() + OVERHEAD;
        self.messages.push_back(Message { time, publisher, text: text.to_vec() });
        while self.bytes > MOST_BYTES
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.text.len() + OVERHEAD;
            self.forgotten += 1;
        }
    }

    /// `0:ID:ID`: the ids of the last messages, oldest first; all of them for 0. As many of the
    /// newest as fit.
    fn last(&self, count: u64) -> Vec<u8> {
        let newest = self.forgotten + self.messages.len() as u64;
        let count = if count == 0 { u64::MAX } else { count };
        // Backwards from the newest, to find the oldest that still fits.
        let mut room = LARGEST - "0:".len();
        let mut first = newest + 1;
        while newest + 1 - first < count && first > self.forgotten + 1 {
            let colon = usize::from(first <= newest);
            let length = (first - 1).to_string().len() + colon;
            if length > room {
                break;
            }
            room -= length;
            first -= 1;
        }
        let ids: Vec<String> = (first..=newest).map(|id| id.to_string()).collect();
        format!("0:{}", ids.join(":")).into_bytes()
    }

    /// `0:TIME:IP:PORT:TEXT`, the text cut where the reply would be too long; `None` when there is
    /// no such message.
    fn message(&self, id: u64) -> Option<Vec<u8>> {
        let index = id.checked_sub(self.forgotten)?.checked_sub(1)?;
        let message = self.messages.get(usize::try_from(index).ok()?)?;
        let (seconds, micros) = (message.time.as_secs(), message.time.subsec_micros());
        let (ip, port) = (message.publisher.ip(), message.publisher.port());
        let mut reply = format!("0:{seconds}.{micros:06}:{ip}:{port}:").into_bytes();
        let room = LARGEST - reply.len();
        reply.extend_from_slice(&message.text[..message.text.len().min(room)]);
        Some(reply)
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
        board.answer(request, CLIENT, UNIX_EPOCH + Duration::from_micros(12_500_000))
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
    }

    #[test]
    fn a_message_comes_back_as_it_was() {
        check(b"3:1", b"0:12.500000:127.0.0.1:4000:one");
        check(b"3:2", b"0:12.500000:127.0.0.1:4000:a:b:");
        check(b"3:003", b"0:12.500000:127.0.0.1:4000:\0\n\xff");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for request in [&b""[..], b"1", b"hello", b"2:", b"2:x", b"2:+1", b"2:-1", b"2:1 ", b"3:1:", b"3:"] {
            check(request, b"1:");
        }
        for request in [&b"3:0"[..], b"3:4", b"3:99999999999999999999999"] {
            check(request, b"2:");
        }
        for request in [&b":"[..], b"0:", b"4:1", b"11:x", b"01:x", b" 1:x", b"\xff:"] {
            check(request, b"3:");
        }
    }

    #[test]
    fn replies_fit_into_a_datagram() {
        let mut board = Board::default();
        at(&mut board, &[b"1:", [b'x'; LARGEST - 2].as_slice()].concat());
        assert_eq!(at(&mut board, b"3:1").len(), LARGEST);
        for _ in 0..20_000 {
            at(&mut board, b"1:");
        }
        let ids = String::from_utf8(at(&mut board, b"2:0")).unwrap();
        assert!(ids.ends_with(":20000:20001") && ids.len() > LARGEST - 6 && ids.len() <= LARGEST);
    }

    #[test]
    fn what_is_too_much_is_forgotten_and_no_id_comes_again() {
        let mut board = Board { bytes: MOST_BYTES - 10, ..Board::default() };
        board.messages.push_back(Message { time: Duration::ZERO, publisher: CLIENT, text: vec![0; 100] });
        assert_eq!(at(&mut board, b"1:new"), b"0:");
        assert_eq!(at(&mut board, b"2:0"), b"0:2");
        assert_eq!(at(&mut board, b"3:1"), b"2:");
    }

    /// Random requests, and good ones with a byte changed: each has an answer that fits.
    #[test]
    fn any_request_has_an_answer() {
        let mut random = labkit::Random::new(9);
        let mut board = board();
        for _ in 0..10_000 {
            let request = match random.below(5) {
                0 => random.bytes(40),
                1 => random.mutated(b"2:12"),
                2 => random.mutated(b"3:2"),
                3 => random.mutated(b"1:"),
                _ => random.mutated(b"1:some text"),
            };
            let reply = at(&mut board, &request);
            assert!(reply.len() <= LARGEST && b"0123".contains(&reply[0]) && reply[1] == b':');
        }
    }
}
