//! What a check says, in words.

use super::{Amount, Comparison, Condition, Ending, Fact};

impl Fact {
    /// What it says, in words.
    pub(super) fn words(&self) -> String {
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
            Self::Verb(names) => format!("you have looked with `{}`", names.join("` or `")),
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
