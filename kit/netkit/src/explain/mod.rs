//! Explanations: what an error means here and now, why a call does not return, and what
//! the words of the field mean.
//!
//! - [`errno`]: what each error number means for which call.
//! - `evidence`: what is found out about an error at the moment when it happens.
//! - `line`: what a line that cannot be read was probably meant to be.
//! - [`resolving`]: what an error of getaddrinfo means.
//! - [`phrases`]: a socket's situation in one plain phrase each.
//! - [`terms`]: states and words.
//! - [`topic`]: all of this, by a word.
//! - `waiting`: calls that do not wait, and the one that waits for several sockets.

pub mod errno;
mod evidence;
pub(crate) mod line;
pub mod phrases;
pub mod resolving;
pub mod terms;
pub mod topic;
mod waiting;

pub(crate) use evidence::{became_of_other, closed_at};

use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::language::values::show_size;
use crate::outcome::{Failure, Made};
use crate::session::ends::End;
use crate::session::names::Names;
use crate::session::{Session, Stop};
use crate::worker::call::{Call, Done, End as LoopEnd, Until, Value};
use std::time::Duration;

/// Why a call failed, with what can be found out about it now.
pub(crate) fn call_failed(session: &mut Session, made: &Made) -> Result<Failure, Failure> {
    let call = &made.call;
    let number = made.done.last.errno.unwrap_or(0);
    let mut failure = Failure::new(format!("{}: {}", tried(call, session), errno::said(number)));
    failure.errno = Some(number);
    let found = evidence::find(session, call, number)?;
    let meaning = errno::meaning(&call.function, on(session, call), number);
    let (did_not_wait, poll) = waiting::did_not_wait(session, call, number)?;
    match meaning {
        // Why it did not wait is known here: that it might be otherwise need not be told.
        Some(_) if !found.whole && waiting::found(call, number, &did_not_wait).is_some() => {
            failure.why.extend(waiting::found(call, number, &did_not_wait).map(str::to_owned));
        }
        Some(meaning) if !found.whole => failure.why.push(meaning.why.to_owned()),
        Some(_) => {}
        None if found.whole => {}
        None => failure.why.push(format!(
            "{} is not known to return this for a socket; its page of the manual is {0}(2)",
            call.function
        )),
    }
    failure.why.extend(found.why);
    failure.next = found.next;
    failure.why.extend(did_not_wait);
    failure.next.extend(poll);
    if failure.next.is_empty() {
        let socket = call.descriptor().map_or_else(|| "S".into(), |fd| label(fd, session.ends()));
        let address = call.address().map_or_else(|| "ADDRESS".into(), |at| session.names().address(at));
        failure.next.extend(meaning.map(|meaning| meaning.advice(&socket, &address)));
    }
    if let (None, Some(name)) = (meaning, errno::name(number)) {
        failure.next.push(format!("`explain {name}` tells what else it can mean"));
    }
    Ok(failure)
}

/// What kind of socket a call is about.
fn on(session: &Session, call: &Call) -> errno::On {
    let own = call.descriptor().and_then(|fd| session.seen().own.iter().find(|own| own.fd == fd));
    match own.map(|own| (own.domain, own.protocol)) {
        Some((libc::AF_UNIX, _)) => errno::On::Unix,
        Some((_, libc::IPPROTO_TCP)) => errno::On::Tcp,
        Some((_, libc::IPPROTO_UDP)) => errno::On::Udp,
        _ => errno::On::Any,
    }
}

/// What a call tried, in a few words: `connect c to 127.0.0.1:7777`.
fn tried(call: &Call, session: &Session) -> String {
    let socket = call.descriptor().map(|fd| label(fd, session.ends()));
    let mut words = vec![call.function.clone()];
    words.extend(socket);
    if let Some(address) = call.address() {
        words.push("to".into());
        words.push(session.names().address_of(call.protocol, address));
    }
    words.join(" ")
}

fn label(fd: i32, ends: &[End]) -> String {
    ends.iter().find(|end| end.has_fd(fd)).map_or_else(|| fd.to_string(), |end| end.label_of(fd))
}

/// A call that was ended before it returned by itself.
pub(crate) fn stopped(
    call: &Call,
    done: &Done,
    stop: &Stop,
    limit: Option<Duration>,
    names: &Names,
) -> Failure {
    let after = match (stop, limit) {
        (Stop::TimeUp, Some(limit)) => format!("had not returned after {limit:?}, and was interrupted"),
        _ => "was interrupted".into(),
    };
    let mut failure = Failure::new(format!("{} {after}", call.function));
    failure.errno = done.last.errno;
    if let Some(progress) = progress(call, done, names) {
        failure.why.push(progress);
    }
    if call.until == Until::Returned && done.last.value > 0 && failure.errno.is_none() {
        // A signal that comes after the first bytes is no error (send(2), signal(7)).
        let taken = done.last.value;
        failure
            .why
            .push(format!("{taken} bytes were taken before that: it returned their number, and no error"));
    }
    failure
}

/// A loop over calls that ended before it had what it was made for.
pub(crate) fn loop_fell_short(made: &Made, names: &Names) -> Option<Failure> {
    let what = match made.done.end {
        LoopEnd::Reached | LoopEnd::Failed => return None,
        LoopEnd::StreamEnded => "the stream ended",
        LoopEnd::LimitReached => "the limit was reached",
    };
    let progress = progress(&made.call, &made.done, names).unwrap_or_default();
    let mut failure = Failure::new(format!("{what} too early: {progress}"));
    if made.done.end == LoopEnd::StreamEnded {
        failure.why.push("a recv of 0 bytes: the other end has ended its side, and no more will come".into());
    }
    Some(failure)
}

/// How far a loop got.
fn progress(call: &Call, done: &Done, names: &Names) -> Option<String> {
    let received = |done: &Done| {
        let data = done.last.data.as_deref().unwrap_or_default();
        if data.is_empty() { String::new() } else { format!(": {}", names.data(data, 200)) }
    };
    Some(match &call.until {
        Until::Returned => return None,
        Until::AllSent => {
            let size: usize = call
                .arguments
                .iter()
                .map(|argument| match argument {
                    Value::Bytes(bytes) => bytes.len(),
                    _ => 0,
                })
                .sum();
            format!("{} of {} bytes were sent", done.bytes, size)
        }
        Until::Received(size) => format!("{} of {size} bytes came{}", done.bytes, received(done)),
        Until::Found { delimiter, .. } => {
            format!(
                "{} bytes came, and no {} among them{}",
                done.bytes,
                names.data(delimiter, 40),
                received(done)
            )
        }
        Until::Ended { .. } => format!("{} came, and no end{}", bytes(done.bytes), received(done)),
    })
}

fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".into() } else { format!("{} bytes", show_size(count)) }
}

/// What a beginner might not notice about a call that succeeded.
pub(crate) fn notes(made: &Made, ends: &[End]) -> Vec<String> {
    let Made { call, done } = made;
    let end = call.descriptor().and_then(|fd| ends.iter().find(|end| end.has_fd(fd)));
    let stream = end.is_some_and(|end| !end.protocol.is_datagram());
    let value = done.last.value;
    if let Some(note) = waiting::note(made, end) {
        return vec![note];
    }
    let how = call.arguments.get(1);
    let sending = Value::Constant(i64::from(libc::SHUT_WR), "SHUT_WR".into());
    if call.function == "shutdown" && done.last.ok() && how == Some(&sending) && end.is_some_and(listens) {
        return vec![
            "a listener has nothing to send: nothing has changed. SHUT_RD would end its listening".into(),
        ];
    }
    let room = call.arguments.iter().any(|argument| matches!(argument, Value::Room(size) if *size > 0));
    let given = call.arguments.iter().find_map(|argument| match argument {
        Value::Bytes(bytes) => Some(bytes.len() as i64),
        _ => None,
    });
    match given {
        _ if call.until != Until::Returned || !done.last.ok() => Vec::new(),
        None if stream && room && value == 0 && end.is_some_and(End::has_shut_receiving) => {
            vec!["0 bytes: this end has shut its receiving side. The other end has not ended its side, and what it sends still comes".into()]
        }
        None if stream && room && value == 0 => {
            vec![no_bytes(end).into()]
        }
        Some(given) if value < given => {
            vec!["fewer bytes were taken than given: the rest must be sent again, or it is lost".into()]
        }
        _ => Vec::new(),
    }
}

/// Whether it is a listener of TCP, on which only SHUT_RD does something (`inet_shutdown` in
/// net/ipv4/af_inet.c).
fn listens(end: &End) -> bool {
    end.tcp() == Some(TcpState::Listen)
}

/// What a recv of 0 bytes says. Only some states show that a FIN has come: after an RST, and
/// after this end's own shutdown with SHUT_RD, recv returns 0 as well.
fn no_bytes(end: Option<&End>) -> &'static str {
    use TcpState::{CloseWait, Closed, Closing, LastAck, TimeWait};
    match end.map(|end| (end.protocol, end.tcp())) {
        Some((Protocol::Tcp, Some(Closed))) => "0 bytes: this connection is over, and nothing more will come",
        Some((Protocol::Tcp, state)) if !matches!(state, Some(CloseWait | LastAck | Closing | TimeWait)) => {
            "0 bytes: the end of the stream. Nothing more can be received here"
        }
        _ => "0 bytes: the end of the stream. The other end has ended its side, and all of it has been read",
    }
}

/// The listener of this session at a call's address, if its accept queue takes no more.
fn full(call: &Call, ends: &[End]) -> Option<String> {
    let wanted = call.address()?;
    let at = |end: &&End| end.local.as_ref().is_some_and(|local| local.overlaps(wanted));
    // sk_acceptq_is_full in the kernel's include/net/sock.h: more than the limit.
    let full = |end: &&End| end.accept_queue.is_some_and(|queue| queue.waiting > queue.limit);
    ends.iter().filter(|end| end.fd.is_some()).filter(at).find(full).map(End::label)
}

/// What a call waits for, from what the last look showed; and what would end the wait.
pub(crate) fn blocked(call: &Call, ends: &[End], names: &Names) -> (Vec<String>, Vec<String>) {
    if let Some(polled) = call.polled() {
        return waiting::polled(polled);
    }
    let Some(end) = call.descriptor().and_then(|fd| ends.iter().find(|end| end.has_fd(fd))) else {
        return Default::default();
    };
    let me = end.label();
    let other = ends.iter().find(|other| other.faces(end));
    let local = end
        .local
        .as_ref()
        .map(|address| names.address_of(end.protocol, &address.reachable()))
        .unwrap_or_default();
    let (why, next) = match (call.function.as_str(), end.protocol) {
        ("accept", _) => (
            format!("no connection waits in the accept queue of {me}"),
            format!("a connect to {local} would wake it"),
        ),
        ("recv" | "recvfrom", Protocol::Tcp | Protocol::UnixStream | Protocol::UnixSeqpacket) => {
            let state = other
                .map(|other| format!(" ({}, {})", other.label(), other.state.name()))
                .unwrap_or_default();
            (
                format!(
                    "the receive queue of {me} is empty, and its other end{state} has not ended its side"
                ),
                match end.unix {
                    Some(_) => "data from there would wake it, or its close".into(),
                    None => "data, FIN or RST from there would wake it".into(),
                },
            )
        }
        ("recv" | "recvfrom", Protocol::Udp | Protocol::UnixDatagram) if end.local.is_some() => {
            (format!("no datagram waits at {me}"), format!("a sendto {local} would wake it"))
        }
        ("recv" | "recvfrom", Protocol::Udp) => (
            format!("no datagram waits at {me}, and none can come: it has no address"),
            format!("`bind {me} 127.0.0.1:0` would give it one; only then can others send to it"),
        ),
        ("recv" | "recvfrom", Protocol::UnixDatagram) => (
            format!("no datagram waits at {me}, and none can come: it has no name"),
            format!("`bind {me} unix:@NAME` would give it one; only then can others send to it"),
        ),
        ("send" | "sendto", Protocol::UnixDatagram) => (
            "what was sent waits unread at the receiver, and there is no room for more".into(),
            "receiving there would make room".into(),
        ),
        ("connect", Protocol::UnixStream | Protocol::UnixSeqpacket) => (
            format!(
                "the accept queue of {} is full",
                call.address().map(|to| names.address_of(call.protocol, to)).unwrap_or_default()
            ),
            "an accept there would make room".into(),
        ),
        ("send" | "sendto", Protocol::Tcp | Protocol::UnixStream | Protocol::UnixSeqpacket) => {
            let unread = other.filter(|other| other.unread > 0);
            let unread =
                unread.map(|other| format!(", and its other end ({}) has unread bytes", other.label()));
            (
                format!("the send queue of {me} is full{}", unread.unwrap_or_default()),
                "receiving at the other end would make room".into(),
            )
        }
        ("connect", Protocol::Tcp) => match full(call, ends) {
            Some(listener) => (
                format!(
                    "{me} is in {}: its SYN has not been answered; the accept queue of {listener} is full, and what comes meanwhile is thrown away",
                    end.state.name()
                ),
                format!(
                    "`accept {listener}` would make room for the next SYN, which is sent after a second or more"
                ),
            ),
            None => (
                format!("{me} is in {}: its SYN has not been answered", end.state.name()),
                "an answer (SYN,ACK or RST) would end the wait".into(),
            ),
        },
        _ => return Default::default(),
    };
    let mut next = vec![next];
    if call.opens {
        // __sys_accept4_file in the kernel's net/socket.c takes the number before it waits.
        next.push("the next free descriptor number is set aside for what it will return".into());
    }
    (vec![why], next)
}
