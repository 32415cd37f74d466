//! Calls that did not wait, what a call without an end of its own leaves behind, and the call
//! that waits for several sockets.

use super::label;
use crate::kernel::sock_diag::Protocol;
use crate::options::{self, decode::decode};
use crate::outcome::{Failure, Made};
use crate::render::polled::names;
use crate::session::ends::End;
use crate::session::{Session, flags};
use crate::worker::call::{Call, Polled, Value};

/// Why a call did not wait, or not any longer; and what to do next.
pub(super) fn did_not_wait(
    session: &mut Session,
    call: &Call,
    errno: i32,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let receives = matches!(call.function.as_str(), "recv" | "recvfrom" | "accept");
    let sends = matches!(call.function.as_str(), "send" | "sendto" | "connect");
    let (Some(fd), true) = (call.descriptor(), receives || sends) else { return Ok(Default::default()) };
    if !matches!(errno, libc::EAGAIN | libc::EINPROGRESS) {
        return Ok(Default::default());
    }
    let me = label(fd, session.ends());
    let mut next = Vec::new();
    let why = if has_flag(call, libc::MSG_DONTWAIT) {
        "MSG_DONTWAIT says that this call must not wait".into()
    } else if session.is_nonblocking(fd)? {
        next.push(match (errno, receives) {
            (libc::EINPROGRESS, _) => format!("`poll {me}:out 5s` waits for its end"),
            (_, true) => format!("`poll {me} 5s` waits until there is something"),
            (_, false) => format!("`poll {me}:out 5s` waits until there is room"),
        });
        if errno == libc::EINPROGRESS {
            next.push(format!("then `getsockopt {me} SO_ERROR` says how it has ended"));
        }
        format!("{me} is non-blocking (O_NONBLOCK): no call on it waits")
    } else {
        let name = if receives { "SO_RCVTIMEO" } else { "SO_SNDTIMEO" };
        let Some(option) = options::find(name) else { return Ok(Default::default()) };
        let read = session.make_quietly(vec![option.get(fd)])?;
        let limit = read.first().and_then(|read| read.memory.as_deref());
        match limit.filter(|limit| limit.iter().any(|byte| *byte != 0)) {
            Some(limit) => {
                next.push(format!(
                    "`setsockopt {me} {name} 0` takes the limit away: then it waits as long as it must"
                ));
                let limit = decode(option, limit).words;
                format!("{name} lets a call on {me} wait {limit} and no longer")
            }
            None => return Ok(Default::default()),
        }
    };
    Ok((vec![why], next))
}

/// What the call found that it would have had to wait for, where it is known why it did not.
pub(super) fn found(call: &Call, errno: i32, why: &[String]) -> Option<&'static str> {
    if errno != libc::EAGAIN || why.is_empty() {
        return None;
    }
    Some(match call.function.as_str() {
        "accept" => "the accept queue is empty: no client waits to be accepted",
        "recv" | "recvfrom" => "nothing has come yet. It is not the end: that is 0 bytes",
        "send" | "sendto" => "the send queue is full: nothing was taken",
        "connect" => {
            "the listener's accept queue is full. (With TCP the kernel would go on trying; UNIX sockets do not)"
        }
        _ => return None,
    })
}

fn has_flag(call: &Call, flag: i32) -> bool {
    call.arguments.get(2).is_some_and(|argument| {
        matches!(argument, Value::Constant(flags, name) if name.starts_with("MSG_") && flags & i64::from(flag) != 0)
    })
}

/// How long the first datagram was that waited. A SOCK_SEQPACKET tells the sum of all.
fn cut_off(end: &End) -> i64 {
    match end.protocol {
        Protocol::Udp | Protocol::UnixDatagram => end.unread.into(),
        _ => 0,
    }
}

/// What is to be noticed about flags, of a call and of a descriptor.
pub(super) fn note(made: &Made, end: Option<&End>) -> Option<String> {
    let Made { call, done } = made;
    if !done.last.ok() {
        return None;
    }
    let value = done.last.value;
    let nonblock = i64::from(libc::O_NONBLOCK);
    let me = end.zip(call.descriptor()).map_or_else(|| "it".to_owned(), |(end, fd)| end.label_of(fd));
    let waits = |on: bool| match on {
        true => format!("{me} is non-blocking: where a call would have to wait, it fails with EAGAIN"),
        false => format!("{me} is blocking: calls on it wait"),
    };
    match (call.function.as_str(), call.arguments.as_slice()) {
        ("fcntl", [_, _, Value::Constant(flags, _)]) => Some(waits(flags & nonblock != 0)),
        ("fcntl", _) => {
            let other = if value & nonblock == 0 { "on" } else { "off" };
            let waits = waits(value & nonblock != 0);
            Some(format!("{value} is {}: {waits}. `nonblock {me} {other}` changes that", flags::names(value)))
        }
        ("recv" | "recvfrom", _) => {
            let room = call.arguments.iter().find_map(|argument| match argument {
                Value::Room(room) => i64::try_from(*room).ok(),
                _ => None,
            })?;
            let datagram = end.is_some_and(|end| end.protocol.is_datagram());
            match (has_flag(call, libc::MSG_PEEK), has_flag(call, libc::MSG_TRUNC)) {
                (_, true) if datagram && value > room => Some(format!(
                    "MSG_TRUNC: the datagram has {value} bytes, and only {room} had room here"
                )),
                // tcp_recvmsg_locked in net/ipv4/tcp.c does not copy then.
                (false, true) if !datagram && value > 0 && end.is_some_and(|end| end.tcp().is_some()) => {
                    Some("MSG_TRUNC on TCP: these bytes are thrown away unread, and nothing was written to the buffer".into())
                }
                // What the last look has seen of the first datagram: the one that was received.
                (false, false) if end.is_some_and(|end| cut_off(end) > room) => {
                    let size = end.map_or(0, cut_off);
                    Some(format!("the datagram had {size} bytes, and only {room} had room here: the rest is gone"))
                }
                (true, _) if value > 0 => {
                    Some("MSG_PEEK: what was read is still in the queue; the next recv gets it again".into())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What poll(2) waits for, and what would end the wait.
pub(super) fn polled(polled: &[Polled]) -> (Vec<String>, Vec<String>) {
    let asked: Vec<String> =
        polled.iter().map(|one| format!("{} ({})", one.name, names(one.events))).collect();
    let none = if let [one] = asked.as_slice() {
        format!("{one} is not ready")
    } else {
        format!("none of them is ready: {}", asked.join(", "))
    };
    let next = polled.iter().map(|one| {
        let reads = one.events & libc::POLLIN != 0;
        match one.reads.as_str() {
            "accept" if reads => format!("a connect to {} would end the wait", one.name),
            _ if reads => format!("anything that comes to {} would end the wait", one.name),
            _ if one.events & libc::POLLOUT != 0 && one.writes == "connect" => {
                format!("an answer to the SYN of {} would end the wait", one.name)
            }
            _ if one.events & libc::POLLOUT != 0 => {
                format!("room to send at {} would end the wait", one.name)
            }
            _ => format!("{} at {} would end the wait", names(one.events), one.name),
        }
    });
    (vec![none], next.collect())
}
