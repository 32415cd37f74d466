//! When each call blocks, and what it returns: the rules by which one can predict. They are
//! those of the calls' man pages.

/// The rules of a call.
#[derive(Debug)]
pub struct Rule {
    /// The calls, by their names in C.
    pub calls: &'static [&'static str],
    /// When it blocks.
    pub blocks: &'static str,
    /// What it returns.
    pub returns: &'static str,
    /// Whether it may change the state of its socket.
    pub moves: bool,
}

const NUMBER: &str = "it returns a new descriptor: the lowest number that is free";
const ZERO: &str = "it returns 0 when it has succeeded";
const AT_ONCE: &str = "it never blocks: it only has to do with this machine's own tables";

/// The rules. A call that is in none of them does not block, and returns 0.
pub static RULES: &[Rule] = &[
    Rule { calls: &["socket", "dup"], blocks: AT_ONCE, returns: NUMBER, moves: true },
    Rule { calls: &["bind", "listen"], blocks: AT_ONCE, returns: ZERO, moves: true },
    Rule {
        calls: &["accept"],
        blocks: "it blocks while no connection waits in the accept queue, and only then",
        returns: NUMBER,
        moves: true,
    },
    Rule {
        calls: &["connect"],
        blocks: "with TCP it blocks until the other side's kernel has answered its SYN; a socket that listens answers at \
                 once, whether or not its program calls accept, unless its accept queue is full. With UDP it sends nothing, \
                 and never blocks",
        returns: ZERO,
        moves: true,
    },
    Rule {
        calls: &["send", "sendto"],
        blocks: "it blocks while the send queue has no room, and only then: it does not wait until anybody receives",
        returns: "it returns how many bytes the kernel has taken",
        moves: false,
    },
    Rule {
        calls: &["recv", "recvfrom"],
        blocks: "it blocks while nothing is there, and only then: with TCP one byte is enough, or the end of the stream",
        returns: "it returns how many bytes it has fetched: what is there, up to the size that was asked for; 0 at the end \
                  of a stream",
        moves: false,
    },
    Rule {
        calls: &["shutdown"],
        blocks: "it never blocks: the kernel sends what is left, and the FIN, by itself",
        returns: ZERO,
        moves: true,
    },
    Rule {
        calls: &["close"],
        blocks: "it does not block, unless SO_LINGER says so: the kernel ends the connection by itself",
        returns: ZERO,
        moves: true,
    },
    Rule {
        calls: &["poll"],
        blocks: "it blocks until one of its sockets is ready, or its time is up",
        returns: "it returns how many of its sockets are ready",
        moves: false,
    },
];

static OTHER: Rule = Rule { calls: &[], blocks: AT_ONCE, returns: ZERO, moves: false };

/// The rules of a call.
pub fn rule(function: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.calls.contains(&function)).unwrap_or(&OTHER)
}
