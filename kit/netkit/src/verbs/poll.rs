//! `poll`: waits until one of several sockets is ready, poll(2).

use super::arguments::{Value as Given, constant};
use super::{Arguments, Constant, Group, Kind, Run, Verb, needed};
use crate::kernel::state::TcpState;
use crate::language::{Word, values};
use crate::outcome::Failure;
use crate::session::Session;
use crate::worker::call::{Call, Polled, Value};
use std::time::Duration;

/// The row of `poll`.
pub(super) static VERB: Verb = Verb {
    name: "poll",
    group: Group::Calls,
    arguments: &[needed("S[:EVENTS]... [LIMIT]", Kind::Polled)],
    summary: "Waits until one of several sockets is ready, poll(2).",
    details: "`poll srv c:out 2s` asks of srv whether something can be read or accepted (`in`, which is meant where \
              nothing is said), of c whether there is room to send, and waits 2 s at most. Events are `in`, `out`, \
              `pri` and `rdhup`, also joined: `c:in|out`. Without a limit it waits for as long as it takes; with \
              `0` not at all. It returns how many sockets are ready. Errors and hang-ups are told unasked. Ready \
              means that the next call will not block. It does not mean that the call will succeed.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "poll srv 0",
        "c = socket tcp",
        "connect c srv",
        "poll srv c:in|out 2s",
    ],
    run: Run::Call(call),
};

/// The events that can be asked for.
pub static EVENTS: &[Constant] = &[
    Constant { name: "POLLIN", short: &["in"], value: libc::POLLIN as i64 },
    Constant { name: "POLLOUT", short: &["out"], value: libc::POLLOUT as i64 },
    Constant { name: "POLLPRI", short: &["pri"], value: libc::POLLPRI as i64 },
    Constant { name: "POLLRDHUP", short: &["rdhup"], value: libc::POLLRDHUP as i64 },
];

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let Some(Given::Polled(polled, limit)) = arguments.get(0) else {
        return Err(Failure::new("poll needs a socket").next("for example `poll c 2s`"));
    };
    let milliseconds = limit.map_or(-1, |limit| i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
    // The kernel takes an int.
    let milliseconds = milliseconds.min(i64::from(i32::MAX));
    let polled = Value::Polled(polled.clone());
    Ok(system_call(polled, milliseconds))
}

#[cfg(target_arch = "x86_64")]
fn system_call(polled: Value, milliseconds: i64) -> Call {
    Call::once("poll", libc::SYS_poll, vec![polled, Value::Number(milliseconds)])
}

/// Where Linux came later there is ppoll alone, of which the C library makes poll: it takes a
/// `struct timespec`, or NULL, and a set of signals.
#[cfg(not(target_arch = "x86_64"))]
fn system_call(polled: Value, milliseconds: i64) -> Call {
    use crate::worker::call::{Length, Memory};
    let limit = if milliseconds < 0 {
        Value::Constant(0, "-1".into())
    } else {
        let parts = [milliseconds / 1000, milliseconds % 1000 * 1_000_000];
        let bytes = parts.iter().flat_map(|part| part.to_ne_bytes()).collect();
        let shown = milliseconds.to_string();
        Value::Memory(Memory { bytes, shown, length: Length::Untold, filled: false })
    };
    Call::once("poll", libc::SYS_ppoll, vec![polled, limit, Value::Hidden(0), Value::Hidden(0)])
}

/// Reads the words: sockets with their events, and at the end perhaps the limit.
pub(super) fn read(session: &Session, words: &[&Word]) -> Result<Given, Failure> {
    let mut polled = Vec::new();
    let mut limit = None;
    for (place, word) in words.iter().enumerate() {
        let last = place > 0 && place + 1 == words.len();
        match word.bare().and_then(limit_of).filter(|_| last) {
            Some(time) => limit = Some(time),
            None => polled.push(one(session, word).map_err(|failure| failure.at(word.span.clone()))?),
        }
    }
    Ok(Given::Polled(polled, limit))
}

/// A time span with its unit. A plain number is a descriptor, but for 0, which is never a
/// socket of the session.
fn limit_of(text: &str) -> Option<Duration> {
    let unit = text == "0" || text.ends_with(['s', 'm']);
    values::duration(text).filter(|_| unit)
}

/// What someone may have meant by a word that is no socket.
fn meant(text: &str) -> Option<Failure> {
    let event = constant(&text.replace(',', "|"), EVENTS).is_some();
    match text.split_once(',') {
        _ if event => Some(
            Failure::new(format!("`{text}` stands alone: events belong to a socket"))
                .next("with a colon, and joined by `|`: `poll c:in|out 2s`"),
        ),
        Some(_) => Some(
            Failure::new(format!("`{text}` is not a socket")).next("several stand apart: `poll srv c 2s`"),
        ),
        None => None,
    }
}

fn one(session: &Session, word: &Word) -> Result<Polled, Failure> {
    let advice = "sockets with what is asked of them, and a limit: `poll srv c:out 2s`";
    let text = word.bare().ok_or_else(|| Failure::new("a socket is needed here").next(advice))?;
    let (socket, events) = match text.rsplit_once(':') {
        Some((socket, events)) => match constant(events, EVENTS) {
            Some(Given::Constant(events, _)) => (socket, events),
            _ => {
                let joined = constant(&events.replace(',', "|"), EVENTS);
                let next = match joined {
                    Some(_) => format!("events are joined by `|`: `{socket}:{}`", events.replace(',', "|")),
                    None => "it is in, out, pri or rdhup, also several: `c:in|out`".to_owned(),
                };
                return Err(Failure::new(format!("`{events}` is not an event that poll knows")).next(next));
            }
        },
        None => (text, i64::from(libc::POLLIN)),
    };
    let fd = session.socket(socket).map_err(|failure| meant(text).unwrap_or(failure))?;
    let end = session.ends().iter().find(|end| end.has_fd(fd));
    let listens = end.is_some_and(|end| end.accept_queue.is_some());
    let connects = end.is_some_and(|end| end.tcp() == Some(TcpState::SynSent));
    Ok(Polled {
        fd,
        name: end.map_or_else(|| socket.to_owned(), |end| end.label_of(fd)),
        events: i16::try_from(events).unwrap_or(libc::POLLIN),
        reads: if listens { "accept" } else { "recv" }.into(),
        writes: if connects { "connect" } else { "send" }.into(),
    })
}
