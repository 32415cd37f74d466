//! The board: all messages, and the answer to each request. It knows no socket, so that it can be
//! tested without one.

use std::io::Write;
use std::net::SocketAddrV4;
use std::time::SystemTime;

/// The messages. What has to be kept of each, and in which order?
#[derive(Debug, Default)]
pub struct Board {}

impl Board {
    /// Writes the reply to a request that came from `client` to `out`. Whatever the request is, there
    /// is one.
    ///
    /// 1. Find the first colon: it ends the code. The rest is the payload, and its colons are the
    ///    payload's own. No colon at all is bad format: `1:`.
    /// 2. Do what the code says: publish, list ids, give one message, or several, each with its size
    ///    before it. A code of any other form is answered with `3:`.
    /// 3. `N` and `ID` are decimal digits and nothing else. (What does `parse` make of `+5`? And of
    ///    a number with thirty digits?)
    ///
    /// A text is bytes: do not turn it into a `String` on its way. And a reply to `4:0` may be much
    /// larger than a request: does all of it have to be in memory twice? You may return something
    /// else than bytes, and write it when the board is not needed any more.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn answer(
        &mut self,
        request: &[u8],
        client: SocketAddrV4,
        now: SystemTime,
        out: impl Write,
    ) -> std::io::Result<()> {
        let _ = (request, client, now, out); // Keeps the compiler quiet. Delete it when you use them.
        Err(labkit::not_written("Board::answer (src/board.rs)"))
    }
}

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
        let mut reply = Vec::new();
        for request in [b"1:one".as_slice(), b"1:two", request] {
            reply.clear();
            match board.answer(request, CLIENT, now, &mut reply) {
                Err(error) if error.kind() == std::io::ErrorKind::Unsupported => return,
                result => result.expect("answer failed"),
            }
        }
        assert_eq!(printable(&reply), printable(expected), "{}", printable(request));
    }

    #[test]
    fn a_published_message_is_confirmed() {
        check(b"1:three", b"0:");
    }

    #[test]
    fn what_cannot_be_read_is_bad_format() {
        check(b"hello", b"1:");
        check(b"4:many", b"1:");
    }

    // What else does the handout ask for? Add it here: ids, one message, several with their sizes.
}
