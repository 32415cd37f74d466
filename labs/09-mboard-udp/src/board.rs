//! The board: all messages, and the answer to each request. It knows no socket, so that it can be
//! tested without one.

use std::net::SocketAddrV4;
use std::time::SystemTime;

/// The messages. What has to be kept of each, and in which order?
#[derive(Debug, Default)]
pub struct Board {}

impl Board {
    /// The reply to a request that came from `client`. Whatever the request is, there is one, and it
    /// fits into a datagram of [`LARGEST`](crate::LARGEST) bytes.
    ///
    /// 1. Find the first colon: it ends the code. The rest is the payload, and its colons are the
    ///    payload's own. No colon at all is bad format: `1:`.
    /// 2. Do what the code says: publish, list ids, or give one message. A code of any other form
    ///    is answered with `3:`.
    /// 3. `N` and `ID` are decimal digits and nothing else. (What does `parse` make of `+5`? And of
    ///    a number with thirty digits?)
    ///
    /// A text is bytes: do not turn it into a `String` on its way.
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Vec<u8> {
        let _ = (request, client, now); // Keeps the compiler quiet. Delete it when you use them.
        NOT_WRITTEN.to_vec()
    }
}

/// What `answer` gives as long as it is not written. Delete it then.
const NOT_WRITTEN: &[u8] = b"Board::answer (src/board.rs) is not written yet";

#[cfg(test)]
mod tests {
    use super::*;
    use labkit::printable;
    use std::net::Ipv4Addr;
    use std::time::{Duration, UNIX_EPOCH};

    const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 4000);

    /// Publishes `one` and `two`, then compares a reply. Passes as long as `answer` is not written.
    fn check(request: &[u8], expected: &[u8]) {
        let mut board = Board::default();
        let now = UNIX_EPOCH + Duration::from_millis(12_500);
        for text in ["one", "two"] {
            board.answer(format!("1:{text}").as_bytes(), CLIENT, now);
        }
        let reply = board.answer(request, CLIENT, now);
        if reply != b"Board::answer (src/board.rs) is not written yet" {
            assert_eq!(printable(&reply), printable(expected), "{}", printable(request));
        }
    }

    #[test]
    fn a_published_message_is_confirmed() {
        check(b"1:three", b"0:");
    }

    #[test]
    fn what_cannot_be_read_is_bad_format() {
        check(b"hello", b"1:");
        check(b"2:many", b"1:");
    }

    // What else does the handout ask for? Add it here: ids, their order, one message, colons in it.
}
