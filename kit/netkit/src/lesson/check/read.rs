//! A check is read.

use super::{Amount, Check, Comparison, Condition, Ending, Fact, PROTOCOLS};
use crate::explain::errno;
use crate::kernel::state::TcpState;
use crate::verbs;

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
                let names = words.next().unwrap_or_default().split('|');
                let find = |name| verbs::find(name).ok_or_else(|| format!("there is no verb `{name}`"));
                Self::Verb(names.map(|name| find(name).map(|verb| verb.name)).collect::<Result<_, _>>()?)
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
