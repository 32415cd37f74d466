//! What poll(2) was asked, and what it found: by the names of the sockets.

use crate::outcome::Made;
use crate::worker::call::Polled;
use serde_json::{Value, json};

/// The events that poll(2) knows, by their names in C.
const NAMES: &[(i16, &str)] = &[
    (libc::POLLIN, "POLLIN"),
    (libc::POLLPRI, "POLLPRI"),
    (libc::POLLOUT, "POLLOUT"),
    (libc::POLLRDHUP, "POLLRDHUP"),
    (libc::POLLERR, "POLLERR"),
    (libc::POLLHUP, "POLLHUP"),
    (libc::POLLNVAL, "POLLNVAL"),
];

/// `POLLIN|POLLOUT`.
pub(crate) fn names(events: i16) -> String {
    let names: Vec<&str> = each(events).map(|(_, name)| *name).collect();
    names.join("|")
}

fn each(events: i16) -> impl Iterator<Item = &'static (i16, &'static str)> {
    NAMES.iter().filter(move |(event, _)| events & event != 0)
}

/// The array with its length: `[{fd=3, events=POLLIN}], 1`.
pub(crate) fn array(polled: &[Polled]) -> String {
    let one = |one: &Polled| format!("{{fd={}, events={}}}", one.fd, names(one.events));
    format!("[{}], {}", polled.iter().map(one).collect::<Vec<_>>().join(", "), polled.len())
}

/// What was found of each socket, a line each.
pub(crate) fn lines(made: &Made) -> Vec<String> {
    let found = found(made);
    if !found.is_empty() && found.iter().all(|(_, events)| *events == 0) {
        return vec!["the time is up, and none of them is ready".into()];
    }
    let line = |(polled, events): &(&Polled, i16)| match events {
        0 => format!("{}: not ready", polled.name),
        events => {
            let meanings: Vec<String> = each(*events).map(|(event, _)| meaning(polled, *event)).collect();
            format!("{}: {}: {}", polled.name, names(*events), meanings.join("; "))
        }
    };
    found.iter().map(line).collect()
}

/// The same for programs; nothing where no poll has returned.
pub(crate) fn facts(made: &Made) -> Option<Value> {
    made.call.polled()?;
    let fact = |(polled, events): (&Polled, i16)| {
        json!({
            "socket": polled.name,
            "fd": polled.fd,
            "events": names(polled.events),
            "revents": names(events),
        })
    };
    Some(found(made).into_iter().map(fact).collect())
}

pub(crate) fn found(made: &Made) -> Vec<(&Polled, i16)> {
    let polled = made.call.polled().unwrap_or_default();
    let found = |(place, one)| Some((one, made.done.last.found(place)?));
    polled.iter().enumerate().filter_map(found).collect()
}

/// What an event means for a socket, poll(2).
fn meaning(polled: &Polled, event: i16) -> String {
    let Polled { name, reads, writes, .. } = polled;
    match event {
        libc::POLLIN if reads == "accept" => "a connection waits, and accept will not block".into(),
        libc::POLLIN => format!("{reads} will not block: bytes are there, or the end, or an error"),
        libc::POLLPRI => "an urgent byte is there (MSG_OOB)".into(),
        libc::POLLOUT if writes == "connect" => {
            format!("connect has ended, and `getsockopt {name} SO_ERROR` says how")
        }
        libc::POLLOUT => format!("{writes} will not block: there is room"),
        libc::POLLRDHUP => "the other end has ended its side".into(),
        libc::POLLERR => format!("an error waits, which `getsockopt {name} SO_ERROR` takes"),
        libc::POLLHUP => "it is not connected, or both sides have ended".into(),
        _ => "no descriptor of this number is open; a limit has a unit, such as 100ms".into(),
    }
}
