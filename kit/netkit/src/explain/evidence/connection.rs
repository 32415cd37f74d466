//! Connections: whether there is one, who listens, and what became of the other end.

use super::{Evidence, end_of, past};
use crate::address::Address;
use crate::kernel::sock_diag::{Protocol, SocketFact};
use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::{End, Owner};
use crate::worker::call::Call;

/// What listens, and what does not, where a connect was refused.
pub(super) fn refused(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let Some(wanted) = call.address().filter(|address| address.inet().is_some()) else {
        return Ok(Evidence::default());
    };
    if wanted.port() == Some(0) {
        return Ok(Evidence::reason(
            "port 0 is nobody's: it only ever means `let the kernel choose` in bind",
        )
        .next("name the port at which the server listens; its `getsockname` tells it"));
    }
    let all = session.all_sockets()?;
    let at = |fact: &&SocketFact| fact.remote.is_none() && fact.local.overlaps(wanted);
    let there: Vec<&SocketFact> =
        all.iter().filter(|fact| fact.protocol == Protocol::Tcp).filter(at).collect();
    let shown = session.names().address(wanted);
    let own =
        |fact: &&&SocketFact| session.ends().iter().find(|end| end.cookie == fact.cookie && end.fd.is_some());
    let listens: Vec<&SocketFact> =
        there.iter().filter(|fact| fact.accept_queue().is_some()).copied().collect();
    let v6 = |address: &Address| address.inet().is_some_and(|address| address.is_ipv6());
    if !v6(wanted) && !listens.is_empty() && listens.iter().all(|fact| v6(&fact.local)) {
        let found = Evidence::reason(format!(
            "what listens at the port of {shown} is a socket of IPv6, and lets no client of IPv4 in if IPV6_V6ONLY is set on it"
        ));
        return Ok(match listens.iter().find_map(|fact| own(&fact)) {
            Some(end) => found.next(format!("`getsockopt {} IPV6_V6ONLY` tells", end.label())),
            None => found.next("connect with a socket of AF_INET6"),
        });
    }
    if !listens.is_empty() {
        return Ok(Evidence::reason(format!(
            "nothing listened at {shown} when the SYN came; now something does"
        ))
        .next("connect again, with a new socket"));
    }
    let mut found = Evidence::reason(format!(
        "nothing listens at {shown}: the kernel there answered the SYN with RST. That is an answer: the machine is there, the server is not"
    ));
    if let Some(end) = there.iter().find_map(|fact| own(&fact)) {
        found.why.push(format!("{} is bound to it, but does not listen", end.label()));
        found.next.push(format!("`listen {}`, then connect again", end.label()));
    } else if let Some(end) = session.ends().iter().find(|end| end.accept_queue.is_some() && end.fd.is_some())
    {
        let address = end.local.as_ref().map(|address| session.names().address(address)).unwrap_or_default();
        found.next.push(format!("{} listens at {address}: was that meant?", end.label()));
    }
    let udp = all.iter().filter(|fact| fact.protocol == Protocol::Udp).any(|fact| at(&fact));
    if udp {
        found.why.push("a UDP socket has that port; UDP and TCP ports are counted apart".into());
    }
    if found.next.is_empty() {
        found
            .next
            .push("start the server first, and compare the port; `netstat -a` lists what listens".into());
    }
    Ok(found)
}

/// No connection to receive from, or to shut down.
pub(super) fn not_connected(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let me = end.label();
    if end.accept_queue.is_some() {
        return Evidence::reason(format!(
            "{me} listens: it hands out connections and carries no data itself"
        ))
        .next(format!("`conn = accept {me}`, then use conn"));
    }
    if end.protocol.is_datagram() {
        return Evidence::reason(format!(
            "{me} has no fixed peer: it was never connected, or `connect {me} AF_UNSPEC` has taken it away"
        ))
        .next(format!("`connect {me} 127.0.0.1:7777` fixes one; sendto and recvfrom need none"));
    }
    let state = end.state.name();
    match past::connected(session, end.cookie) {
        Some(before) => {
            let mut found = Evidence::reason(format!(
                "{me} had a connection, which is over: it was broken off, or has ended in both directions. Its state is {state}"
            ));
            found.why.extend(what_became(session, &before));
            found.next(format!("`close {me}`, and connect a new socket"))
        }
        None => Evidence::fact(format!("{me} is in state {state}: it was never connected")),
    }
}

/// Why nothing can be sent.
pub(super) fn cannot_send(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let me = end.label();
    let signal = "in a program the signal SIGPIPE comes along with EPIPE and ends it, unless it is ignored or MSG_NOSIGNAL is set";
    if end.accept_queue.is_some() {
        let mut found = not_connected(session, call);
        found.why.push(signal.into());
        return found;
    }
    let shut = end.fd.and_then(|fd| past::called_on(session, fd, past::ends_sending));
    let mut found = match (shut, past::connected(session, end.cookie)) {
        (Some(entry), _) => Evidence::reason(format!(
            "{me} has ended sending itself, {}: it can still receive",
            past::line(entry)
        ))
        .next(format!(
            "`recv {me} 100` receives what the other end still sends; to send again, connect a new socket"
        )),
        (None, Some(before)) => {
            let mut found = Evidence::reason(format!(
                "the connection of {me} was broken off, so nothing can be sent on it"
            ));
            found.why.extend(what_became(session, &before));
            found.next(format!("`close {me}`, and connect a new socket"))
        }
        (None, None) if end.protocol == Protocol::Tcp => {
            Evidence::reason(format!("{me} was never connected: its state is {}", end.state.name()))
                .next(format!("`connect {me} 127.0.0.1:7777` comes before send"))
        }
        (None, None) => return Evidence::default(),
    };
    found.why.push(signal.into());
    found
}

/// Why the other end broke the connection off, as far as it can be known.
pub(super) fn reset(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let before = past::connected(session, end.cookie);
    match before.map(|before| what_became(session, &before)) {
        Some(why) if !why.is_empty() => {
            let mut found = Evidence::reason("the other end broke the connection off: its kernel sent RST");
            found.why.extend(why);
            found.next(format!("this connection is over: `close {}`", end.label()))
        }
        _ => Evidence::default(),
    }
}

/// What became of the other end of a socket that was connected once, as far as it can be known.
pub(crate) fn became_of_other(session: &Session, cookie: u64) -> Vec<String> {
    past::connected(session, cookie).map(|before| what_became(session, &before)).unwrap_or_default()
}

/// What became of the other end of a socket as it was when it was connected.
fn what_became(session: &Session, before: &End) -> Vec<String> {
    let Some((entry, other)) = past::left(session, before) else { return Vec::new() };
    let name = other.label();
    if let Some(program) = program_of(session, before, &other) {
        let ending =
            session.programs().find(&program).and_then(crate::session::program::Program::ending_in_words);
        return match ending {
            Some(ending) => {
                vec![format!("the other end was {program}'s, and that program has {ending}")]
            }
            // A program is looked at after each line, and has closed it somewhat earlier.
            None => vec![format!("the program {program} has closed its end, seen {}", past::line(entry))],
        };
    }
    let mut why = vec![format!("the other end ({name}) was closed {}", past::line(entry))];
    let linger =
        other.fd.and_then(|fd| past::called_on_before(session, fd, entry.number, past::sets_linger_zero));
    let sent = before.fd.and_then(|fd| {
        past::called_on(session, fd, |call| matches!(call.function.as_str(), "send" | "sendto"))
    });
    if let Some(set) = linger {
        why.push(format!(
            "SO_LINGER 0 was set on it {}: with that, close sends RST in place of FIN",
            past::line(set)
        ));
    } else if other.unread > 0 {
        let bytes =
            if other.unread == 1 { "1 byte was".into() } else { format!("{} bytes were", other.unread) };
        why.push(format!(
            "{bytes} unread in it: a close that throws unread bytes away sends RST in place of FIN, so that the sender hears of it (inferred)",
        ));
    } else if let Some(sent) = sent.filter(|sent| sent.number > entry.number) {
        why.push(format!(
            "bytes were sent to it {}, when it was closed already: its kernel answered them with RST (inferred)",
            past::line(sent)
        ));
    }
    why
}

/// The program that had the other end: it is known of that itself, or the program listens where the
/// connection led to.
fn program_of(session: &Session, before: &End, other: &End) -> Option<String> {
    let programs = session.programs();
    if let Owner::Program(name) | Owner::Closed(name) = &other.owner
        && programs.find(name).is_some()
    {
        return Some(name.clone());
    }
    let listens = |end: &&End| {
        end.accept_queue.is_some() && before.remote.as_ref().is_some_and(|remote| end.holds(remote))
    };
    match session.ends().iter().find(listens).map(|end| &end.owner) {
        Some(Owner::Program(name)) if other.fd.is_none() => Some(name.clone()),
        _ => None,
    }
}

/// A socket that was to accept and does not listen.
pub(super) fn not_listening(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call).filter(|end| end.accept_queue.is_none()) else {
        return Evidence::default();
    };
    let me = end.label();
    let found = Evidence::reason(format!("{me} is in {}: it does not listen", end.state.name()));
    if end.remote.is_some() {
        let listener = session.ends().iter().find(|end| end.accept_queue.is_some() && end.fd.is_some());
        let found = Evidence {
            why: vec![format!("{me} is one end of a connection ({}): it does not listen", end.state.name())],
            ..found
        };
        return match listener {
            Some(listener) => {
                let srv = listener.label();
                found.next(format!("{srv} is the one that listens: `conn = accept {srv}`"))
            }
            None => found.next("make a socket that listens: `srv = socket tcp`, bind, listen"),
        };
    }
    let shut = end.fd.and_then(|fd| past::called_on(session, fd, |call| call.function == "shutdown"));
    let mut found = found;
    if let Some(entry) = shut {
        found.why.push(format!("it was shut down {}, which ends listening", past::line(entry)));
    }
    if end.local.is_some() {
        found.next(format!("`listen {me}` comes before `accept {me}`"))
    } else {
        found.next(format!("`bind {me} 127.0.0.1:7777`, then `listen {me}`"))
    }
}

/// A socket that has its other end.
pub(super) fn connected(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let me = end.label();
    if end.accept_queue.is_some() {
        return Evidence::fact(format!("{me} listens: it cannot be an end of a connection as well"));
    }
    let Some(remote) = &end.remote else { return Evidence::default() };
    let since = end
        .fd
        .and_then(|fd| past::called_on(session, fd, |call| call.function == "connect"))
        .map(|entry| format!(" since {}", past::line(entry).trim_start_matches("at ")));
    Evidence::fact(format!(
        "{me} is connected to {}{} ({})",
        session.names().address(remote),
        since.unwrap_or_default(),
        end.state.name()
    ))
}

/// A handshake that is not over.
pub(super) fn under_way(session: &Session, call: &Call) -> Evidence {
    match end_of(session, call) {
        Some(end) => Evidence::fact(format!("{} is in state {} now", end.label(), end.state.name())),
        None => Evidence::default(),
    }
}

/// Nothing to receive, or to accept, yet.
pub(super) fn nothing_yet(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let other = session.ends().iter().find(|other| other.faces(end) && other.fd.is_some());
    match other {
        Some(other) => Evidence::fact(format!(
            "the receive queue of {} is empty; its other end is {}, in state {}",
            end.label(),
            other.label(),
            other.state.name()
        ))
        .next(format!("`send {} \"hello\"` would put something into it", other.label())),
        None => Evidence::default(),
    }
}

/// A send queue that takes nothing more.
pub(super) fn full(session: &Session, call: &Call) -> Evidence {
    let Some(end) = end_of(session, call) else { return Evidence::default() };
    let other = session.ends().iter().find(|other| other.faces(end) && other.fd.is_some());
    match other.filter(|other| other.unread > 0) {
        Some(other) => Evidence::fact(format!("its other end ({}) has unread bytes", other.label()))
            .next(format!("`recv {} 1M` would make room", other.label())),
        None => Evidence::default(),
    }
}
