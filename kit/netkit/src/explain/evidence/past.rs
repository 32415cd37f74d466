//! What the record of the session knows: which line closed a descriptor, which other end a
//! socket had, and what became of that one.

use crate::kernel::state::TcpState;
use crate::options;
use crate::session::Session;
use crate::session::ends::{Change, End, Owner};
use crate::session::record::Entry;
use crate::worker::call::{Call, Value};

/// A line of the past: ` at line 7 (`close c`)`.
pub(super) fn line(entry: &Entry) -> String {
    match entry.outcome.shown_line().as_str() {
        "" => format!("after line {}", entry.number),
        text => format!("at line {} (`{text}`)", entry.number),
    }
}

/// Where the socket of this name or descriptor was closed, if the record knows.
pub(crate) fn closed_at(session: &Session, label: &str) -> Option<String> {
    let fd = label.parse::<i32>().ok();
    let was = |end: &End| match (&end.owner, end.fd) {
        (Owner::Session(name), Some(number)) => name.as_deref() == Some(label) || fd == Some(number),
        _ => false,
    };
    find(session, |change| match change {
        Change::Vanished(end) => was(end).then_some(()),
        Change::Became(before, after) => (was(before) && after.fd.is_none()).then_some(()),
        Change::Appeared(_) => None,
    })
    .map(|(entry, ())| line(entry))
}

/// The newest change that is wanted, and in which line it was.
fn find<T>(session: &Session, wanted: impl Fn(&Change) -> Option<T>) -> Option<(&Entry, T)> {
    session.record().entries().iter().rev().find_map(|entry| {
        let mut changes = entry.outcome.meanwhile.iter().chain(&entry.outcome.changes).rev();
        changes.find_map(&wanted).map(|found| (entry, found))
    })
}

/// A socket as it was when it last had another end.
pub(super) fn connected(session: &Session, cookie: u64) -> Option<End> {
    let had = |end: &End| (end.cookie == cookie && end.remote.is_some()).then(|| end.clone());
    find(session, |change| match change {
        Change::Appeared(end) | Change::Vanished(end) => had(end),
        Change::Became(before, after) => had(after).or_else(|| had(before)),
    })
    .map(|(_, end)| end)
}

/// The other end of a connection as it was before it lost its descriptor or vanished, and
/// where that was.
pub(super) fn left<'a>(session: &'a Session, end: &End) -> Option<(&'a Entry, End)> {
    let mut last = None;
    for entry in session.record().entries() {
        for change in entry.outcome.meanwhile.iter().chain(&entry.outcome.changes) {
            match change {
                Change::Vanished(other) if other.faces(end) && last.is_none() => {
                    last = Some((entry, other.clone()));
                }
                Change::Became(before, after) if before.faces(end) && ended(before, after) => {
                    last = Some((entry, (**before).clone()));
                }
                // Nobody had it any more when it was seen first in this state: it was closed by then.
                Change::Appeared(other) if other.faces(end) && is_closing(other) && last.is_none() => {
                    last = Some((entry, other.clone()));
                }
                Change::Became(_, other) if other.faces(end) && is_closing(other) && last.is_none() => {
                    last = Some((entry, (**other).clone()));
                }
                _ => {}
            }
        }
    }
    last
}

/// Whether a socket that no descriptor is known of has sent its FIN.
fn is_closing(end: &End) -> bool {
    use TcpState::{Closing, FinWait1, FinWait2, LastAck, TimeWait};
    let has_sent_fin = matches!(end.tcp(), Some(FinWait1 | FinWait2 | Closing | LastAck | TimeWait));
    has_sent_fin && end.fd.is_none() && !matches!(end.owner, Owner::Program(_))
}

/// Whether a socket has lost its descriptor, the session's or a program's, or its connection.
fn ended(before: &End, after: &End) -> bool {
    let has_program = |end: &End| matches!(end.owner, Owner::Program(_));
    before.fd.is_some() && after.fd.is_none()
        || has_program(before) && !has_program(after)
        || before.remote.is_some() && after.remote.is_none()
}

/// The newest line that made such a call with success.
pub(super) fn called(session: &Session, wanted: impl Fn(&Call) -> bool) -> Option<&Entry> {
    session.record().entries().iter().rev().find(|entry| {
        entry.outcome.made.as_ref().is_some_and(|made| made.done.last.ok() && wanted(&made.call))
    })
}

/// The line that made this descriptor's socket: what was done to the number before was done
/// to another socket.
fn made(session: &Session, fd: i32) -> u32 {
    let opened = |entry: &&Entry| {
        let made = entry.outcome.made.as_ref();
        made.is_some_and(|made| made.call.opens && made.done.last.value == i64::from(fd))
    };
    session.record().entries().iter().rev().find(opened).map_or(0, |entry| entry.number)
}

/// The newest line that made such a call on this descriptor's socket with success.
pub(super) fn called_on(session: &Session, fd: i32, wanted: impl Fn(&Call) -> bool) -> Option<&Entry> {
    let since = made(session, fd);
    called(session, |call| call.descriptor() == Some(fd) && wanted(call))
        .filter(|entry| entry.number >= since)
}

/// The same for a descriptor that was closed at a line.
pub(super) fn called_on_before(
    session: &Session,
    fd: i32,
    closed: u32,
    wanted: impl Fn(&Call) -> bool,
) -> Option<&Entry> {
    let entries = session.record().entries();
    let before = entries.iter().rev().filter(|entry| entry.number <= closed);
    for entry in before {
        let Some(made) = entry.outcome.made.as_ref().filter(|made| made.done.last.ok()) else { continue };
        if made.call.descriptor() == Some(fd) && wanted(&made.call) {
            return Some(entry);
        }
        if made.call.opens && made.done.last.value == i64::from(fd) {
            return None;
        }
    }
    None
}

/// Whether a call sets an option, by its name, to something that is not zero.
pub(super) fn sets(call: &Call, option: &str) -> bool {
    value_set(call, option).is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0))
}

/// Whether a call has close break the connection off: SO_LINGER, on, with no time. (A
/// `struct linger` is two ints, socket(7).)
pub(super) fn sets_linger_zero(call: &Call) -> bool {
    value_set(call, "SO_LINGER").is_some_and(|bytes| {
        let (on, time) = bytes.split_at(bytes.len() / 2);
        on.iter().any(|byte| *byte != 0) && time.iter().all(|byte| *byte == 0)
    })
}

/// What a call sets an option to.
fn value_set<'a>(call: &'a Call, option: &str) -> Option<&'a [u8]> {
    let named = options::of_call(call).is_some_and(|found| found.name == option);
    call.arguments.iter().filter(|_| named && call.function == "setsockopt").find_map(|value| match value {
        Value::Memory(memory) => Some(memory.bytes.as_slice()),
        _ => None,
    })
}

/// Whether a call ends sending.
pub(super) fn ends_sending(call: &Call) -> bool {
    let sending = |value: &Value| matches!(value, Value::Constant(how, _) if *how == i64::from(libc::SHUT_WR) || *how == i64::from(libc::SHUT_RDWR));
    call.function == "shutdown" && call.arguments.iter().any(sending)
}
