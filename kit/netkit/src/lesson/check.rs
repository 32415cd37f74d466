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

use crate::explain::errno;
use crate::kernel::state::TcpState;
use crate::verbs;

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
    /// A verb was typed and did not fail.
    Verb(String),
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

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

impl Check {
    /// Reads a check.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, then: bool) -> Result<Self, String> {
        let (text, own) = text.split_once(" # ").map_or((text, None), |(text, own)| (text, Some(own.trim())));
        let facts: Vec<Fact> =
            text.split(" and ").map(|text| Fact::parse(text.trim())).collect::<Result<_, _>>()?;
        let made: Vec<String> = facts.iter().map(Fact::words).collect();
        let words = own.map_or_else(|| made.join(", and "), str::to_owned);
        Ok(Self { facts, then, words })
    }
}

impl Fact {
    fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let fact = match words.next().unwrap_or_default() {
            "socket" => Self::Sockets(1, conditions(&mut words)?),
            "sockets" => Self::Sockets(number(&mut words, "sockets")?, conditions(&mut words)?),
            "no" if words.next_if_eq(&"socket").is_some() => Self::NoSocket(conditions(&mut words)?),
            "gone" => Self::Gone(conditions(&mut words)?),
            "pair" => Self::Pair(state(words.next())?, state(words.next())?),
            "call" => call(&mut words)?,
            "descriptor" if words.next_if_eq(&"reused").is_some() => Self::Reused,
            "verb" => {
                let name = words.next().unwrap_or_default();
                let verb = verbs::find(name).ok_or_else(|| format!("there is no verb `{name}`"))?;
                Self::Verb(verb.name.to_owned())
            }
            word => {
                return Err(format!(
                    "`{word}` begins no fact: socket, sockets, no socket, gone, pair, call, descriptor reused, verb do"
                ));
            }
        };
        match words.next() {
            Some(word) => Err(format!("`{word}` is not understood in `{text}`")),
            None => Ok(fact),
        }
    }

    /// What it says, in words.
    fn words(&self) -> String {
        match self {
            Self::Sockets(1, conditions) => phrase("a", "socket", conditions),
            Self::Sockets(count, conditions) => phrase(&count.to_string(), "sockets", conditions),
            Self::NoSocket(conditions) => phrase("no", "socket", conditions),
            Self::Gone(conditions) => format!("{} is gone", phrase("a", "socket", conditions)),
            Self::Pair(one, other) if one == other => format!("both ends of a connection are in {one}"),
            Self::Pair(one, other) => format!("one end of a connection is in {one}, the other in {other}"),
            Self::Call { function, constants, ending, times } => {
                let with = if constants.is_empty() {
                    String::new()
                } else {
                    format!(" with {}", constants.join(", "))
                };
                let times = if *times > 1 { format!(", {times} times") } else { String::new() };
                let function = if function == "any" { "a call".into() } else { format!("`{function}`") };
                format!("{function}{with} {}{times}", ending.words())
            }
            Self::Reused => "a call returns a descriptor's number that was given back before".into(),
            Self::Verb(name) => format!("you have looked with `{name}`"),
        }
    }
}

/// `a TCP socket in LISTEN with room for 2 in its accept queue`.
fn phrase(article: &str, noun: &str, conditions: &[Condition]) -> String {
    let protocol = conditions.iter().find_map(|condition| match condition {
        Condition::Protocol(protocol) => Some(format!("{} ", protocol_in_words(protocol))),
        _ => None,
    });
    let mut phrase = format!("{article} {}{noun}", protocol.unwrap_or_default());
    let rest: Vec<String> = conditions.iter().filter_map(Condition::words).collect();
    if !rest.is_empty() {
        phrase.push(' ');
        phrase.push_str(&rest.join(", "));
    }
    phrase
}

fn protocol_in_words(name: &str) -> String {
    match name.strip_prefix("unix-") {
        Some("dgram") => "UNIX datagram".into(),
        Some(kind) => format!("UNIX {kind}"),
        None => name.to_uppercase(),
    }
}

impl Condition {
    fn words(&self) -> Option<String> {
        Some(match self {
            Self::Protocol(_) => return None,
            Self::State(state) => format!("in {state}"),
            Self::Bound(true) => "with a port".into(),
            Self::Bound(false) => "without a port".into(),
            Self::Ip(ip) => format!("at {ip}"),
            Self::Waiting(amount) => format!("with {} waiting in its accept queue", amount.words()),
            Self::Limit(amount) => format!("with room for {} in its accept queue", amount.words()),
            Self::Unread(amount) => format!("with {} unread", amount.bytes()),
            Self::Unacknowledged(amount) => format!("with {} not acknowledged", amount.bytes()),
            Self::Descriptors(Amount { number: 0, .. }) => "without a descriptor".into(),
            Self::Descriptors(amount) => format!("with {} leading to it", amount.of("descriptor")),
            Self::Queued => "waiting in an accept queue".into(),
        })
    }
}

impl Ending {
    fn words(&self) -> String {
        match self {
            Self::Good => "succeeds".into(),
            Self::Returns(amount) => format!("returns {}", amount.words()),
            Self::Gives(amount) => format!("gives {}", amount.words()),
            Self::Partial => "takes fewer bytes than it was given".into(),
            Self::Fails(Some(errno)) => format!("fails with {errno}"),
            Self::Fails(None) => "fails".into(),
            Self::Blocks => "blocks".into(),
        }
    }
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

    fn words(self) -> String {
        let how = match self.how {
            Comparison::Equal => "",
            Comparison::AtLeast => "at least ",
            Comparison::AtMost => "at most ",
            Comparison::More => "more than ",
            Comparison::Less => "less than ",
        };
        format!("{how}{}", self.number)
    }

    fn of(self, thing: &str) -> String {
        let s = if self.number == 1 { "" } else { "s" };
        format!("{} {thing}{s}", self.words())
    }

    fn bytes(self) -> String {
        self.of("byte")
    }
}

fn conditions(words: &mut Words<'_>) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    while let Some(word) = words.next() {
        let condition = match word {
            word if PROTOCOLS.contains(&word) => Condition::Protocol(word.to_owned()),
            "bound" => Condition::Bound(true),
            "unbound" => Condition::Bound(false),
            "ip" => Condition::Ip(words.next().unwrap_or_default().to_owned()),
            "queue" => {
                let waiting = amount(words, "queue")?;
                if words.next_if_eq(&"of").is_some() {
                    conditions.push(Condition::Limit(amount(words, "of")?));
                }
                Condition::Waiting(waiting)
            }
            "unread" => Condition::Unread(amount(words, word)?),
            "unacknowledged" => Condition::Unacknowledged(amount(words, word)?),
            "descriptors" => Condition::Descriptors(amount(words, word)?),
            "open" => Condition::Descriptors(Amount { how: Comparison::AtLeast, number: 1 }),
            "closed" => Condition::Descriptors(Amount { how: Comparison::Equal, number: 0 }),
            "queued" => Condition::Queued,
            word => Condition::State(state(Some(word))?),
        };
        conditions.push(condition);
    }
    Ok(conditions)
}

/// The protocols of sockets; `unix` is any of the UNIX domain.
pub(super) const PROTOCOLS: [&str; 6] = ["tcp", "udp", "unix", "unix-stream", "unix-dgram", "unix-seqpacket"];

/// The states that are not TCP's.
const OTHER_STATES: [&str; 2] = ["connected", "unconnected"];

/// A state's name as sockets have it, for any spelling.
pub(crate) fn state_name(word: &str) -> Option<String> {
    let other = OTHER_STATES.iter().find(|other| other.eq_ignore_ascii_case(word));
    let tcp = word.parse().ok().map(|state: TcpState| state.name().to_owned());
    tcp.or(other.map(|other| (*other).to_owned()))
}

fn state(word: Option<&str>) -> Result<String, String> {
    let word = word.ok_or("a state is missing")?;
    state_name(word)
        .ok_or_else(|| format!("`{word}` is neither a state nor another thing to say of a socket"))
}

fn call(words: &mut Words<'_>) -> Result<Fact, String> {
    let function = words.next().ok_or("`call` needs the name of a call")?.to_owned();
    let mut constants = Vec::new();
    let ending = loop {
        let word =
            words.next().ok_or("how the call ends is missing: ok, returns, gives, partial, fails, blocks")?;
        match word {
            "ok" => break Ending::Good,
            "returns" => break Ending::Returns(amount(words, word)?),
            "gives" => break Ending::Gives(amount(words, word)?),
            "partial" => break Ending::Partial,
            "blocks" => break Ending::Blocks,
            "fails" => break Ending::Fails(words.next_if(|word| word.starts_with('E')).map(str::to_owned)),
            constant if constant.contains('_') => constants.push(constant.to_owned()),
            other => return Err(format!("`{other}` is neither a constant nor how a call ends")),
        }
    };
    if let Ending::Fails(Some(name)) = &ending {
        errno::number(name).ok_or_else(|| format!("`{name}` is no error of this system"))?;
    }
    let times = if words.next_if_eq(&"times").is_some() { number(words, "times")? } else { 1 };
    Ok(Fact::Call { function, constants, ending, times })
}

fn number(words: &mut Words<'_>, after: &str) -> Result<u32, String> {
    let number = words.next().and_then(|word| word.parse().ok());
    number.ok_or_else(|| format!("`{after}` needs a number"))
}

/// `5`, `>= 5`, `> 5`, `<= 5`, `< 5`.
fn amount(words: &mut Words<'_>, after: &str) -> Result<Amount, String> {
    let how = match words.peek().copied() {
        Some(">=") => Comparison::AtLeast,
        Some("<=") => Comparison::AtMost,
        Some(">") => Comparison::More,
        Some("<") => Comparison::Less,
        _ => Comparison::Equal,
    };
    if how != Comparison::Equal {
        words.next();
    }
    Ok(Amount { how, number: number(words, after)?.into() })
}

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
