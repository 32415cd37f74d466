//! What may be done with a socket in its state, as lines to type.

use super::subject::Subject;
use crate::address::{Address, UnixAddress};
use crate::kernel::sock_diag::{SocketState, UdpState, UnixState};
use crate::kernel::state::TcpState;
use crate::session::Session;
use crate::session::ends::{End, Owner};

/// Lines to type, and what each would do now.
pub(super) fn next(session: &Session, subject: &Subject) -> Vec<(String, String)> {
    let end = &subject.end;
    let name = end.label();
    let line = |verb: &str, rest: &str, what: &str| {
        let gap = if rest.is_empty() { "" } else { " " };
        (format!("{verb} {name}{gap}{rest}"), what.to_owned())
    };
    if end.fd.is_none() {
        return without_descriptor(end);
    }
    let mut next = match end.state {
        SocketState::Tcp(state) => tcp(session, subject, state, line),
        SocketState::Udp(UdpState::Connected) => vec![
            line("send", "\"hello\"", "sends a datagram to its peer"),
            line("recv", "2048", waiting(udp_waits(subject), "takes the next datagram")),
        ],
        SocketState::Unix(state) => unix(session, subject, state, line),
        SocketState::Udp(UdpState::Unconnected) => udp(session, end, udp_waits(subject), line),
    };
    next.push(line("close", "", closing(end)));
    next
}

/// What the end of a program, or one without a descriptor, still does.
fn without_descriptor(end: &End) -> Vec<(String, String)> {
    match &end.owner {
        Owner::Listener(listener) if end.tcp() != Some(TcpState::SynReceived) => {
            vec![(format!("accept {listener}"), "gives it a descriptor".into())]
        }
        Owner::Closed(name) => {
            vec![(
                format!("watch {name} 60s"),
                "follows it; nothing else can be done without a descriptor".into(),
            )]
        }
        _ => vec![("state".into(), "shows both ends".into())],
    }
}

fn tcp(
    session: &Session,
    subject: &Subject,
    state: TcpState,
    line: impl Fn(&str, &str, &str) -> (String, String),
) -> Vec<(String, String)> {
    let end = &subject.end;
    let recv = || line("recv", "100", waiting(subject.has_unread(), "takes what has come"));
    let rest = subject.has_unread().then(recv);
    match state {
        TcpState::Closed if end.local.is_none() => {
            vec![line("bind", "127.0.0.1:0", "gives it an address"), connect(session, end, line)]
        }
        // It had a connection, and cannot have another (EISCONN).
        TcpState::Closed => rest.into_iter().collect(),
        TcpState::Bound => vec![line("listen", "", "makes a listener of it"), connect(session, end, line)],
        TcpState::Listen => {
            let waits = end.accept_queue.is_some_and(|queue| queue.waiting > 0);
            vec![line(
                "accept",
                "",
                if waits { "fetches a connection from its queue" } else { "blocks until someone connects" },
            )]
        }
        TcpState::SynSent => vec![line("wait", "ESTABLISHED 5s", "waits for the answer")],
        TcpState::Established | TcpState::CloseWait => {
            let mut lines = vec![line("send", "\"hello\"", "sends 5 bytes")];
            let ended = state == TcpState::CloseWait && !subject.has_unread();
            lines.push(match (subject.has_unread(), end.has_shut_receiving()) {
                (false, true) => line("recv", "100", "returns 0 bytes, until something comes"),
                _ if ended => line("recv", "100", "returns 0 bytes: the end of the stream"),
                _ => recv(),
            });
            lines.push(line(
                "shutdown",
                "SHUT_WR",
                "says that this end is done sending, and goes on receiving",
            ));
            lines
        }
        TcpState::FinWait1 | TcpState::FinWait2 => vec![recv()],
        TcpState::Closing | TcpState::LastAck | TcpState::SynReceived => {
            rest.into_iter().chain([line("watch", "10s", "follows it")]).collect()
        }
        TcpState::TimeWait => {
            rest.into_iter().chain([line("watch", "60s", "follows it to its end")]).collect()
        }
    }
}

fn unix(
    session: &Session,
    subject: &Subject,
    state: UnixState,
    line: impl Fn(&str, &str, &str) -> (String, String),
) -> Vec<(String, String)> {
    let end = &subject.end;
    let (has_name, datagram) = (end.local.is_some(), end.protocol.is_datagram());
    match state {
        UnixState::Listening => {
            let waits = end.accept_queue.is_some_and(|queue| queue.waiting > 0);
            let what =
                if waits { "fetches a connection from its queue" } else { "blocks until someone connects" };
            vec![line("accept", "", what)]
        }
        UnixState::Connected => {
            let halves = end.shutdown.unwrap_or_default();
            let recv = match (subject.has_unread(), halves.read) {
                (true, _) => "takes what has come",
                // Whether ECONNRESET is due can be asked only by taking it away (SO_ERROR).
                (false, true) => {
                    "tells the end: 0 bytes, or ECONNRESET if the other end left something unread"
                }
                (false, false) => "blocks until something comes",
            };
            let send = (!halves.write).then(|| line("send", "\"hello\"", "sends 5 bytes"));
            send.into_iter().chain([line("recv", "100", recv)]).collect()
        }
        UnixState::Unconnected if datagram => unix_datagram(session, subject, has_name, line),
        UnixState::Unconnected if has_name => vec![line("listen", "", "makes a listener of it")],
        UnixState::Unconnected => {
            vec![line("bind", "unix:@NAME", "gives it a name"), connect(session, end, line)]
        }
    }
}

/// A datagram socket without a peer: it sends to those that have a name.
fn unix_datagram(
    session: &Session,
    subject: &Subject,
    has_name: bool,
    line: impl Fn(&str, &str, &str) -> (String, String),
) -> Vec<(String, String)> {
    let end = &subject.end;
    let fits =
        |other: &&End| other.protocol == end.protocol && other.cookie != end.cookie && other.has_address();
    let other = session.ends().iter().find(fits).map(End::label);
    let mut lines = Vec::new();
    if has_name {
        lines.push(line("recvfrom", "2048", waiting(subject.has_unread(), "takes the next datagram")));
    } else {
        lines.push(line("bind", "unix:@NAME", "gives it a name, to which others can send"));
    }
    lines.extend(other.map(|other| line("sendto", &format!("\"hello\" {other}"), "sends a datagram")));
    lines
}

fn udp(
    session: &Session,
    end: &End,
    waits: bool,
    line: impl Fn(&str, &str, &str) -> (String, String),
) -> Vec<(String, String)> {
    let other = session.ends().iter().find(|other| {
        other.protocol == end.protocol
            && other.cookie != end.cookie
            && other.local.is_some()
            && other.fd.is_some()
    });
    let to = other.map_or_else(|| "127.0.0.1:7777".into(), End::label);
    let mut lines = Vec::new();
    if end.local.is_none() {
        lines.push(line("bind", "127.0.0.1:0", "gives it an address"));
    }
    lines.push(line("sendto", &format!("\"hello\" {to}"), "sends a datagram"));
    if end.local.is_some() {
        lines.push(line("recvfrom", "2048", waiting(waits, "takes the next datagram, and says from whom")));
    }
    lines.push(line("connect", &to, "fixes its peer"));
    lines
}

fn connect(
    session: &Session,
    end: &End,
    line: impl Fn(&str, &str, &str) -> (String, String),
) -> (String, String) {
    let fits = |other: &&End| other.accept_queue.is_some() && other.protocol == end.protocol;
    let listener = session.ends().iter().find(fits);
    match listener.map(End::label) {
        Some(listener) => line("connect", &listener, "connects it to the listener"),
        None if end.unix.is_some() => line("connect", "unix:@NAME", "connects it, if someone listens there"),
        None => line("connect", "127.0.0.1:7777", "connects it, if someone listens there"),
    }
}

/// What a call that takes something does now.
fn waiting(there: bool, what: &'static str) -> &'static str {
    if there { what } else { "blocks until something comes" }
}

fn udp_waits(subject: &Subject) -> bool {
    subject.look.memory.is_some_and(|memory| memory.receive_used > 0)
}

fn closing(end: &End) -> &'static str {
    if let Some(Address::Unix(UnixAddress::Path(_))) = &end.local
        && end.remote.is_none()
    {
        return "gives the descriptor up, but does not remove the file: `unlink` does";
    }
    match end.tcp() {
        Some(TcpState::Established) if end.unread > 0 => {
            "gives it up; with bytes that were not received, the other end is told by RST"
        }
        Some(TcpState::Established) => "says that this end is done (FIN), and gives the descriptor up",
        Some(TcpState::CloseWait) => "ends this side, too, and gives the descriptor up",
        Some(TcpState::Listen) => "ends listening; what waits in its queue is reset",
        _ => "gives the descriptor up",
    }
}
