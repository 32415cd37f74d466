//! By what it is known that a goal is met: facts about sockets and calls, never the text
//! that was typed.
//!
//! ```text
//! socket tcp LISTEN queue 0 of 2      a socket of the session, or what is left of one, is so
//! sockets 2 udp bound                 at least two are
//! socket unix listening               in the UNIX domain; unix-stream, unix-dgram, unix-seqpacket
//! no socket open                      none is
//! gone tcp                            one that was so has vanished
//! pair FIN-WAIT-2 CLOSE-WAIT          the two ends of one connection, whichever is which
//! call bind fails EADDRINUSE          a call ended so: ok, returns N, gives N, partial, fails, fails E, blocks
//! call shutdown SHUT_WR ok            a call with this constant
//! call recv returns >= 1 times 2      so often
//! call any fails EBADF                any call
//! descriptor reused                   a call returned a number that was closed before
//! verb show                           this verb was typed, and did not fail
//! ```
//!
//! `A and B` holds when both do after the same line. Words behind ` # ` replace those that
//! the check is told in.
//!
//! - `read`: a check is read from a chapter.
//! - `words`: what it says to the person who is to meet it.

mod read;
mod words;

pub(crate) use read::state_name;

/// A check: met once all of its facts hold after one and the same line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The facts.
    pub facts: Vec<Fact>,
    /// Whether it can be met only once all checks before it are.
    pub then: bool,
    /// What it says, for the person who is to meet it.
    pub words: String,
}

/// A fact that the kernel shows or that a call brought to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// At least so many sockets are so.
    Sockets(u32, Vec<Condition>),
    /// No socket is so.
    NoSocket(Vec<Condition>),
    /// A socket that was so is in no table any more.
    Gone(Vec<Condition>),
    /// The two ends of a connection are in these states.
    Pair(String, String),
    /// A call ended like this.
    Call {
        /// Its name in C.
        function: String,
        /// Constants among its arguments.
        constants: Vec<String>,
        /// How it ended.
        ending: Ending,
        /// How often at least.
        times: u32,
    },
    /// A call returned a descriptor whose number was closed before.
    Reused,
    /// One of these verbs was typed and did not fail.
    Verb(Vec<&'static str>),
}

/// What is said of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Its protocol, one of `PROTOCOLS`.
    Protocol(String),
    /// Its state.
    State(String),
    /// It has a port or, in the UNIX domain, a name; or has none.
    Bound(bool),
    /// It has this IP address.
    Ip(String),
    /// So many connections wait in its accept queue.
    Waiting(Amount),
    /// So many have room in its accept queue.
    Limit(Amount),
    /// So many bytes are unread.
    Unread(Amount),
    /// So many bytes are unacknowledged.
    Unacknowledged(Amount),
    /// So many descriptors lead to it.
    Descriptors(Amount),
    /// It waits in an accept queue.
    Queued,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It did not fail.
    Good,
    /// It returned such a number; of a loop, so many bytes.
    Returns(Amount),
    /// It filled in such an integer.
    Gives(Amount),
    /// It took fewer bytes than it was given.
    Partial,
    /// It failed, with this error if one is named.
    Fails(Option<String>),
    /// It blocked.
    Blocks,
}

/// A number to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    how: Comparison,
    number: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    AtLeast,
    AtMost,
    More,
    Less,
}

impl Amount {
    /// Whether a number is so.
    pub fn holds(self, number: i64) -> bool {
        match self.how {
            Comparison::Equal => number == self.number,
            Comparison::AtLeast => number >= self.number,
            Comparison::AtMost => number <= self.number,
            Comparison::More => number > self.number,
            Comparison::Less => number < self.number,
        }
    }
}

/// The protocols of sockets; `unix` is any of the UNIX domain.
pub(super) const PROTOCOLS: [&str; 6] = ["tcp", "udp", "unix", "unix-stream", "unix-dgram", "unix-seqpacket"];

#[cfg(test)]
mod tests {
    use super::Check;

    /// What a check says, or what is wrong with it.
    fn check(text: &str, expected: &str) {
        let said = Check::parse(text, false).map_or_else(|wrong| format!("! {wrong}"), |check| check.words);
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn checks_are_told_in_words() {
        check(
            "socket tcp LISTEN queue 0 of 2",
            "a TCP socket in LISTEN, with room for 2 in its accept queue, with 0 waiting in its accept queue",
        );
        check("sockets 2 udp bound", "2 UDP sockets with a port");
        check("socket unix-dgram unconnected", "a UNIX datagram socket in unconnected");
        check("socket unix listening closed", "a UNIX socket in LISTEN, without a descriptor");
        check("no socket open", "no socket with at least 1 descriptor leading to it");
        check("gone tcp", "a TCP socket is gone");
        check("socket closed time_wait", "a socket without a descriptor, in TIME-WAIT");
        check("pair ESTAB established", "both ends of a connection are in ESTABLISHED");
        check(
            "pair FIN-WAIT-2 CLOSE-WAIT",
            "one end of a connection is in FIN-WAIT-2, the other in CLOSE-WAIT",
        );
        check("call bind fails EADDRINUSE", "`bind` fails with EADDRINUSE");
        check("call shutdown SHUT_WR ok", "`shutdown` with SHUT_WR succeeds");
        check("call recv returns >= 1 times 2", "`recv` returns at least 1, 2 times");
        check("call connect fails and socket unread 1", "`connect` fails, and a socket with 1 byte unread");
        check("call recv returns 0 # the stream ends", "the stream ends");
    }

    #[test]
    fn what_is_not_understood_is_said() {
        check(
            "",
            "! `` begins no fact: socket, sockets, no socket, gone, pair, call, descriptor reused, verb do",
        );
        check("socket LISTENS", "! `LISTENS` is neither a state nor another thing to say of a socket");
        check("socket queue x", "! `queue` needs a number");
        check("sockets tcp", "! `sockets` needs a number");
        check("call bind", "! how the call ends is missing: ok, returns, gives, partial, fails, blocks");
        check("call bind fails EFOO", "! `EFOO` is no error of this system");
        check("call bind ok twice", "! `twice` is not understood in `call bind ok twice`");
        check("verb xyzzy", "! there is no verb `xyzzy`");
    }
}
