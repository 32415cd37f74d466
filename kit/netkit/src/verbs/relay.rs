//! `relay`: carries datagrams to a server and back, but for those that a rule names.

use super::{Argument, Arguments, Constant, Group, Kind, Run, Verb, arguments, needed};
use crate::address::Address;
use crate::language::values;
use crate::outcome::{Failure, Report};
use crate::relay::Direction;
use crate::relay::rules::{Action, Progress, Rule};
use crate::session::Session;
use crate::session::relays::Named;
use serde_json::json;
use std::time::Instant;

/// The row of `relay`.
pub(super) static VERB: Verb = Verb {
    name: "relay",
    group: Group::Programs,
    arguments: &[needed("WHAT", Kind::Relayed), Argument { name: "RULE", kind: Kind::Rule, optional: true }],
    summary: "Carries datagrams to a UDP server and back, and loses, doubles or delays those that you name.",
    details: "`link = relay server` makes a relay: datagrams that are sent to `link` go on to server, and its answers \
              go back. Who sends to it uses `link` as an address. A rule names datagrams by their number, counted \
              from 1 in each direction from when the relay was made: `relay link drop 2 to server` loses the second \
              one, `relay link duplicate 1 from server` delivers the first answer twice, `relay link swap 1 2 to \
              server` lets two that follow each other change places, `relay link hold 1 from server` keeps one back \
              until `relay link deliver 1 from server`, which waits for it, and `relay link hold 1 until 3 from server` \
              delivers it right before the third. `relay link` alone says what the rules \
              have done so far. It ends with the session, or by `stop link`.",
    example: &[
        "server = socket udp",
        "bind server 127.0.0.1:0",
        "link = relay server",
        "relay link drop 1 to server",
        "c = socket udp",
        "sendto c \"one\" link",
        "sendto c \"two\" link",
        "recvfrom server 100",
        "relay link",
        "stop link",
    ],
    run: Run::Session(run),
};

/// What a rule may begin with.
pub static ACTIONS: &[Constant] = &[
    Constant { name: "drop", short: &[], value: 0 },
    Constant { name: "duplicate", short: &[], value: 1 },
    Constant { name: "swap", short: &[], value: 2 },
    Constant { name: "hold", short: &[], value: 3 },
    Constant { name: "deliver", short: &[], value: 4 },
];

/// How a relay is called that is not given a name.
const UNNAMED: &str = "relay";

/// What is to be done with which datagrams.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    /// `None`: they are delivered now.
    action: Option<Action>,
    numbers: Vec<u64>,
    direction: Direction,
}

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let what = arguments.word(0).unwrap_or_default();
    let words: Vec<String> =
        arguments.command(1).iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let known = session.relays().contains_key(what);
    if let Some(name) = &arguments.name {
        return start(session, name, what, &words);
    }
    if !known && words.is_empty() {
        return start(session, UNNAMED, what, &words);
    }
    let named = session.relay(what)?;
    if words.is_empty() {
        let lines = shown(session, what, named);
        return Ok(report(session, what, lines));
    }
    let order = read(&words, &named.server).map_err(|failure| {
        let way = named.way(Direction::To);
        failure.next(format!("`relay {what} drop 2 {way}`, `relay {what} swap 1 2 {way}`"))
    })?;
    let deadline = session.limit().map(|limit| Instant::now() + limit);
    let mut lines = Vec::new();
    for number in order.numbers {
        lines.push(match order.action {
            Some(action) => session.add_rule(what, order.direction, action, number)?,
            None => {
                session.deliver(what, order.direction, number, deadline)?;
                format!("datagram {number} {} delivered", session.relay(what)?.way(order.direction))
            }
        });
    }
    Ok(report(session, what, lines))
}

fn start(session: &mut Session, name: &str, server: &str, words: &[String]) -> Result<Report, Failure> {
    if !words.is_empty() {
        return Err(Failure::new("a relay is made first, and is given its rules then")
            .next(format!("`{name} = relay {server}`, then `relay {name} {}`", words.join(" "))));
    }
    let target = match arguments::address_called(session, server, None)? {
        Address::Inet(target) => target,
        Address::Unix(_) => {
            return Err(Failure::new(
                "a relay carries UDP's datagrams, and this is an address of the UNIX domain",
            ));
        }
    };
    session
        .start_relay(name, server, target)
        .map_err(|error| Failure::new(format!("cannot make a relay to {server}: {error}")))?;
    let mut line = format!("{name} carries datagrams to {server} and back");
    if session.shows_numbers() {
        line = format!("{line}: send to {}", session.relay(name)?.address());
    }
    Ok(report(session, name, vec![line]))
}

fn report(session: &Session, name: &str, lines: Vec<String>) -> Report {
    let named = session.relay(name).ok();
    let rules = named.map(Named::rules).unwrap_or_default();
    let rule = |(direction, rule): &(Direction, Rule)| {
        json!({
            "direction": if *direction == Direction::To { "to" } else { "from" },
            "action": rule.action.name(),
            "datagram": rule.number,
            "state": match rule.progress {
                Progress::Waiting => "waiting",
                Progress::Kept => "kept",
                Progress::Done => "done",
            },
        })
    };
    let rules: Vec<_> = rules.iter().map(rule).collect();
    let facts =
        json!({ "relay": name, "server": named.map(|named| &named.server), "rules": rules, "lines": lines });
    Report { lines, facts }
}

/// What the rules have done; how many datagrams came, and from whom, only where numbers that
/// differ from run to run are shown: a program may send again.
fn shown(session: &Session, name: &str, named: &Named) -> Vec<String> {
    while named.relay().carry() {}
    let mut lines = Vec::new();
    if session.shows_numbers() {
        let counts = [Direction::To, Direction::From].map(|direction| {
            let (_, came) = named.relay().rules(direction);
            format!("{came} {}", named.way(direction))
        });
        lines.push(format!("{name}, at {}: datagrams came, {}", named.address(), counts.join(", ")));
        let senders = named.relay().senders().into_iter();
        lines.extend(senders.map(|(_, own, seen)| {
            let name = |address| session.names().address(&Address::Inet(address));
            format!("who sends from {} is {} to {}", name(own), name(seen), named.server)
        }));
    }
    let rules = named.rules();
    if rules.is_empty() {
        lines.push("no rules: every datagram is carried".into());
    }
    lines.extend(rules.into_iter().map(|(direction, rule)| named.in_words(direction, rule)));
    lines
}

/// Reads `drop 2 to server`.
fn read(words: &[String], server: &str) -> Result<Order, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [first, rest @ ..] = words.as_slice() else {
        return Err(Failure::new("a rule begins with what it does"));
    };
    let action = match *first {
        "drop" => Some(Action::Drop),
        "duplicate" => Some(Action::Duplicate),
        "swap" => Some(Action::Swap),
        "hold" => Some(Action::Hold),
        "deliver" => None,
        other => {
            let names: Vec<&str> = ACTIONS.iter().map(|action| action.name).collect();
            return Err(Failure::new(format!("`{other}` is not what a relay does: {}", names.join(", "))));
        }
    };
    let count = rest.iter().take_while(|word| values::decimal(word).is_some()).count();
    let (numbers, way) = rest.split_at(count);
    let mut numbers: Vec<u64> = numbers.iter().filter_map(|word| values::decimal(word)).collect();
    if numbers.is_empty() || numbers.contains(&0) {
        return Err(Failure::new(format!("`{first}` needs the number of a datagram, counted from 1")));
    }
    let (action, way) = match (action, way) {
        (Some(Action::Hold), ["until", until, way @ ..]) => {
            let until = values::decimal(until).filter(|until| numbers.iter().all(|number| number < until));
            let until = until.ok_or_else(|| {
                Failure::new("behind `until` stands the number of a later datagram: `hold 1 until 3`")
            })?;
            (Some(Action::HoldUntil(until)), way)
        }
        other => other,
    };
    let direction = match way {
        ["to", name] if *name == server => Direction::To,
        ["from", name] if *name == server => Direction::From,
        _ => {
            return Err(Failure::new(format!(
                "behind the number stands which way the datagram goes: `to {server}` or `from {server}`"
            )));
        }
    };
    if action == Some(Action::Swap) {
        match numbers[..] {
            [one, other] if one.checked_add(1) == Some(other) => numbers.truncate(1),
            _ => return Err(Failure::new("two datagrams change places that follow each other: `swap 1 2`")),
        }
    }
    Ok(Order { action, numbers, direction })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<Order> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        read(&words, "server").ok()
    }

    #[test]
    fn rules_are_read() {
        let order =
            |action, numbers: &[u64], direction| Some(Order { action, numbers: numbers.to_vec(), direction });
        for (text, expected) in [
            ("drop 2 to server", order(Some(Action::Drop), &[2], Direction::To)),
            ("drop 1 2 3 to server", order(Some(Action::Drop), &[1, 2, 3], Direction::To)),
            ("duplicate 1 from server", order(Some(Action::Duplicate), &[1], Direction::From)),
            ("swap 1 2 to server", order(Some(Action::Swap), &[1], Direction::To)),
            ("hold 4 from server", order(Some(Action::Hold), &[4], Direction::From)),
            ("hold 1 until 3 from server", order(Some(Action::HoldUntil(3)), &[1], Direction::From)),
            ("deliver 4 from server", order(None, &[4], Direction::From)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
        for text in [
            "drop",
            "drop to server",
            "drop 0 to server",
            "drop 2",
            "drop 2 to",
            "drop 2 to c",
            "lose 1 to server",
            "swap 1 to server",
            "swap 1 3 to server",
            "swap 2 1 to server",
            "hold 2 until 2 to server",
            "hold 2 until to server",
            "drop 1 until 3 to server",
            "drop 2 to server now",
            "drop +1 to server",
            "swap 18446744073709551615 1 to server",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
