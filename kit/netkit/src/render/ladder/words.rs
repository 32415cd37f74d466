//! What stands in a ladder, in few words: calls with their results, states, bytes.

use crate::data;
use crate::explain::errno;
use crate::outcome::Made;
use crate::render::polled;
use crate::session::ends::{Change, Owner};
use crate::session::names::Names;
use crate::session::passages::passed;
use crate::session::record::KEPT;
use crate::worker::call::{Call, Until, Value};

/// So many characters of sent and received bytes are shown.
const DATA: usize = 24;

/// From which state to which; `None` if it stayed in its state.
pub(super) fn states(change: &Change, all: &[Change]) -> Option<String> {
    let (first, last) = match change {
        Change::Appeared(end) if end.tcp().is_none() => {
            return Some(format!("{}, {}", end.protocol, end.state.name()));
        }
        Change::Appeared(end) => (None, Some(end.state.name())),
        Change::Vanished(end) => (Some(end.state.name()), Some("gone")),
        Change::Became(before, after) if before.state.name() == after.state.name() => {
            let accepted = matches!((&before.owner, &after.owner), (Owner::Listener(_), Owner::Session(_)));
            return accepted.then(|| format!("{}, accepted", after.state.name()));
        }
        Change::Became(before, after) => (Some(before.state.name()), Some(after.state.name())),
    };
    let between = passed(change, all).into_iter().map(|state| format!("{}?", state.name()));
    let way: Vec<String> =
        first.map(str::to_owned).into_iter().chain(between).chain(last.map(str::to_owned)).collect();
    // An arrow stays with the state that it points at when the text is broken into rows.
    Some(way.join(" ->\u{a0}"))
}

/// A call with its result, in little space: without the descriptor, whose column it stands in.
pub(super) fn call(made: &Made, names: &Names) -> String {
    let Made { call, done } = made;
    let mut text = started(call, names);
    let result = match done.last.errno {
        Some(number) => format!("-1\u{a0}{}", errno::said(number).split(' ').next().unwrap_or_default()),
        None => done.last.value.to_string(),
    };
    if call.until == Until::Returned {
        text.push_str(&format!(" =\u{a0}{result}"));
    } else {
        text = format!("{} in a loop: {}", call.function, counted(done.bytes));
        if !done.last.ok() {
            text.push_str(&format!(", then {result}"));
        }
    }
    let ready: Vec<String> = polled::found(made)
        .iter()
        .filter(|(_, events)| *events != 0)
        .map(|(one, events)| format!("{}:\u{a0}{}", one.name, polled::names(*events)))
        .collect();
    if !ready.is_empty() {
        text.push_str(&format!(", {}", ready.join(", ")));
    }
    if let Some(data) = done.last.data.as_deref().filter(|data| !data.is_empty()) {
        text.push_str(&format!(" {}", begin(data, done.bytes, names)));
    }
    text
}

/// A call without its result.
pub(super) fn started(call: &Call, names: &Names) -> String {
    let argument = |value: &Value| match value {
        Value::Address(address) => Some(names.address_of(call.protocol, address)),
        // The record keeps no more of them.
        Value::Bytes(bytes) if bytes.len() >= KEPT => Some(format!("{KEPT} bytes or more")),
        Value::Bytes(bytes) => Some(counted(bytes.len() as u64)),
        Value::Polled(asked) => {
            let asked = asked.iter().map(|one| format!("{}:\u{a0}{}", one.name, polled::names(one.events)));
            Some(asked.collect::<Vec<_>>().join(", "))
        }
        Value::Room(size) => Some(size.to_string()),
        Value::Constant(_, name) => Some(name.clone()),
        Value::Memory(memory) if !memory.filled => Some(memory.shown.clone()),
        Value::Number(number) if call.function == "listen" => Some(number.to_string()),
        _ => None,
    };
    let arguments: Vec<String> = call.arguments.iter().filter_map(argument).collect();
    format!("{}({})", call.function, arguments.join(", "))
}

pub(super) fn counted(bytes: u64) -> String {
    if bytes == 1 { "1\u{a0}byte".into() } else { format!("{bytes}\u{a0}bytes") }
}

/// How bytes begin, as a literal of the language.
pub(super) fn begin(bytes: &[u8], all: u64, names: &Names) -> String {
    let shown = data::show(bytes, &names.known(), DATA);
    let whole = shown.rest == 0 && bytes.len() as u64 == all;
    let dots = if whole { "" } else { "..." };
    format!("{}{dots}", shown.literal.replace(' ', "\u{a0}"))
}
