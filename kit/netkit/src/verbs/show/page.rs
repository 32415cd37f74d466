//! One socket on a page, section by section.

use super::subject::Subject;
use super::{next, traffic};
use crate::address::Address;
use crate::explain::phrases;
use crate::kernel::sock_diag::{Protocol, SocketState, UnixState};
use crate::kernel::state::TcpState;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::render::{amount, counted, json};
use crate::session::Session;
use crate::session::ends::{End, Owner};
use crate::session::origin;
use serde_json::{Value, json};

/// A heading, and rows of a label and what is to be said.
pub(super) struct Section {
    pub title: &'static str,
    pub rows: Vec<(&'static str, String)>,
}

/// The page of a socket.
pub(super) fn page(session: &mut Session, subject: &Subject) -> Result<Report, Failure> {
    let changed = changed(session, subject)?;
    // The flag belongs to the open file: all descriptors that dup made share it, open(2).
    let nonblocking = subject.end.fd.map_or(Ok(false), |fd| session.is_nonblocking(fd))?;
    let sections = [
        identity(session, subject, nonblocking),
        Section { title: "queues", rows: queues(session, subject) },
        Section { title: "directions", rows: directions(subject) },
        Section { title: "options that were changed", rows: changed.clone() },
        Section { title: "buffers", rows: traffic::buffers(session, subject) },
        Section { title: "TCP's account", rows: traffic::account(session, subject) },
    ];
    let next = next::next(session, subject);
    let mut lines = Vec::new();
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        lines.push(match section.title {
            "" => title(subject),
            title => title.to_owned(),
        });
        lines.extend(section.rows.iter().map(|(label, text)| format!("  {label:LABEL$}  {text}")));
    }
    lines.push("what may come next".into());
    let rows: Vec<Vec<String>> = next.iter().map(|(line, why)| vec![line.clone(), why.clone()]).collect();
    lines.extend(table(&rows).into_iter().map(|line| format!("  {line}")));
    Ok(Report { lines, facts: facts(session, subject, &changed, nonblocking, &next) })
}

/// The width of the labels: that of the longest.
const LABEL: usize = 13;

/// `c: TCP socket of IPv4`.
fn title(subject: &Subject) -> String {
    let end = &subject.end;
    let family = match (end.protocol.is_unix(), subject.is_v6()) {
        (true, _) => "",
        (false, true) => " of IPv6",
        (false, false) => " of IPv4",
    };
    format!("{}: {} socket{family}", end.label(), end.protocol)
}

fn identity(session: &Session, subject: &Subject, nonblocking: bool) -> Section {
    let end = &subject.end;
    let mut rows = vec![("descriptor", descriptor(session, subject))];
    if nonblocking {
        rows.push(("mode", "non-blocking (O_NONBLOCK): no call on it waits".into()));
    }
    if session.shows_numbers() {
        let inode = subject.inode().map(|inode| inode.to_string());
        rows.push(("inode", inode.unwrap_or_else(|| "none: no descriptor belongs to it".into())));
        rows.push(("cookie", format!("{}, the kernel's number for it, never used twice", end.cookie)));
    }
    if let Some(entry) = origin::made(session.record(), end.cookie) {
        rows.push(("made by", format!("line {}: {}", entry.number, entry.outcome.shown_line())));
    }
    // The kernel leaves the state of a UNIX socket as it was when its other end is closed.
    let alone = end.unix.is_some_and(|unix| unix.peer.is_none_or(|peer| peer == 0))
        && end.shutdown.is_some_and(|halves| halves.read && halves.write);
    let meaning = match end.state {
        SocketState::Unix(UnixState::Connected) if alone => "it was; its other end is closed",
        state => phrases::state(state, end.local.is_some()),
    };
    rows.push(("state", format!("{}: {meaning}", end.state.name())));
    if let Some(address) = &end.local {
        rows.push(("own address", own_address(session, subject, address)));
    } else {
        rows.push(("own address", "none yet".into()));
    }
    rows.extend(other_end(session, subject).map(|text| ("other end", text)));
    let timer = end.timer.as_ref();
    let timer =
        timer.and_then(|timer| phrases::timer(timer, end.protocol, end.state, session.shows_numbers()));
    rows.extend(timer.map(|text| ("timer", text)));
    Section { title: "", rows }
}

fn descriptor(session: &Session, subject: &Subject) -> String {
    let end = &subject.end;
    let numbers: Vec<String> = subject.descriptors.iter().map(i32::to_string).collect();
    match &end.owner {
        _ if numbers.len() > 1 => format!("{}, all for this one socket", numbers.join(" and ")),
        _ if !numbers.is_empty() => numbers.join(""),
        Owner::Closed(_) => match origin::closed(session.record(), end.cookie) {
            Some(entry) => format!("none: closed by line {}, `{}`", entry.number, entry.outcome.shown_line()),
            None => "none: it was closed".into(),
        },
        Owner::Listener(listener) if end.tcp() == Some(TcpState::SynReceived) => {
            format!(
                "none yet: it is in the SYN queue of {listener}, and accept finds it once the handshake is over"
            )
        }
        Owner::Listener(listener) => format!("none yet: it waits until `accept {listener}` fetches it"),
        Owner::Program(program) => format!("in the program {program}"),
        _ => "none here".into(),
    }
}

fn own_address(session: &Session, subject: &Subject, address: &Address) -> String {
    let mut text = session.names().address_of(subject.end.protocol, address);
    let Some(inet) = address.inet() else { return text };
    if is_left_over(session, &subject.end) {
        text.push_str(", says getsockname; but the kernel, which chose the port, has taken it back");
        return text;
    }
    if inet.ip().is_unspecified() {
        text.push_str(", which stands for every address of this machine");
    }
    let chosen = subject.look.chosen_ports.filter(|(first, last)| (*first..=*last).contains(&inet.port()));
    if let (Some((first, last)), false) = (chosen, session.names().is_typed(inet.port())) {
        text.push_str("; the kernel chose the port");
        if session.shows_numbers() {
            text.push_str(&format!(", from {first} to {last}"));
        }
    }
    text
}

/// Whether the address of a TCP socket without a connection is that of the last one: the port
/// that connect gave it is free again (`inet_put_port`, which leaves `inet_sport` as it was).
/// A port that bind gave it stays its own.
fn is_left_over(session: &Session, end: &End) -> bool {
    let was_bound = || {
        let made = origin::made(session.record(), end.cookie).map_or(0, |entry| entry.number);
        session.record().entries().iter().filter(|entry| entry.number > made).any(|entry| {
            entry.outcome.made.as_ref().is_some_and(|made| {
                made.call.function == "bind" && made.call.descriptor() == end.fd && made.done.last.ok()
            })
        })
    };
    end.tcp() == Some(TcpState::Closed) && !was_bound()
}

fn other_end(session: &Session, subject: &Subject) -> Option<String> {
    let end = &subject.end;
    let other = subject.other.as_ref().map(|other| format!(": {}, {}", who(other), other.state.name()));
    match &end.remote {
        Some(address) => {
            let address = session.names().address_of(end.protocol, address);
            Some(format!("{address}{}", other.unwrap_or_default()))
        }
        None if end.accept_queue.is_some() => None,
        None => Some("none".into()),
    }
}

/// A socket by its name and descriptor.
pub(super) fn who(end: &End) -> String {
    match (&end.owner, end.fd) {
        (Owner::Session(Some(name)), Some(fd)) => format!("{name} ({fd})"),
        (Owner::Session(None), Some(fd)) => format!("descriptor {fd}"),
        (Owner::Closed(name), _) => format!("{name}, closed"),
        (Owner::Program(name), _) => format!("in the program {name}"),
        _ => end.label(),
    }
}

fn queues(session: &Session, subject: &Subject) -> Vec<(&'static str, String)> {
    let end = &subject.end;
    if let Some(queue) = end.accept_queue {
        let mut text = format!("{} of {}", queue.waiting, queue.limit);
        if queue.is_full() {
            text.push_str(": full, and whoever connects now must wait");
        } else if queue.waiting == 0 {
            text.push_str(": no connection waits for accept");
        }
        if let (Some(longest), true) = (subject.look.longest_accept_queue, session.shows_numbers()) {
            text.push_str(&format!(" (listen may ask for {longest} at most: net.core.somaxconn)"));
        }
        let mut rows = vec![("accept", text)];
        rows.extend(subject.waiting.iter().map(|end| ("", in_accept_queue(session, end))));
        return rows;
    }
    if end.protocol == Protocol::Udp {
        return vec![("receive", udp_queue(subject))];
    }
    // What was sent in the UNIX domain is in the other end's receive queue at once.
    if end.protocol.is_unix() {
        let text = match (end.protocol, end.unread) {
            // Only the first datagram is counted (`unix_inq_len` in net/unix/af_unix.c).
            (Protocol::UnixDatagram, 0) => "empty".into(),
            (Protocol::UnixDatagram, size) => {
                format!("a datagram of {} is the next one", counted(size, "byte"))
            }
            _ => receive_queue(session, subject),
        };
        return vec![("receive", text)];
    }
    if !subject.is_connection() || end.tcp() == Some(TcpState::TimeWait) {
        // What came before the end can still be received.
        let rest = subject.has_unread().then(|| ("receive", receive_queue(session, subject)));
        return rest.into_iter().collect();
    }
    vec![("receive", receive_queue(session, subject)), ("send", send_queue(session, subject))]
}

fn in_accept_queue(session: &Session, end: &End) -> String {
    let from = end
        .remote
        .as_ref()
        .map(|remote| session.names().address_of(end.protocol, remote))
        .unwrap_or_default();
    let unread = match end.unread {
        0 => String::new(),
        count => format!(", {} waiting", bytes(session, count)),
    };
    format!("from {from}, {}{unread}", end.state.name())
}

fn udp_queue(subject: &Subject) -> String {
    let memory = subject.look.memory.map_or(0, |memory| memory.receive_used);
    match subject.own.as_ref().and_then(|own| own.unread).unwrap_or(0) {
        // SIOCINQ says 0 of an empty datagram, too: only its memory shows that it is there.
        0 if memory > 0 => "a datagram of 0 bytes is the next one".into(),
        0 => "no datagram waits".into(),
        size => format!("a datagram of {} is the next one", counted(size, "byte")),
    }
}

fn receive_queue(session: &Session, subject: &Subject) -> String {
    // sock_diag counts the FIN, SIOCINQ does not (tcp(7)).
    let (queued, unread) = (subject.end.unread, subject.unread());
    let fin = if queued == unread + 1 { ", and behind them the other end's FIN" } else { "" };
    match (unread, fin) {
        (0, "") => "empty".into(),
        (0, _) => "the other end's FIN, which recv will tell as 0 bytes".into(),
        (count, fin) => format!("{} came and were not received by the program{fin}", bytes(session, count)),
    }
}

fn send_queue(session: &Session, subject: &Subject) -> String {
    // SIOCOUTQ leaves the SYN out (net/ipv4/tcp.c, tcp_ioctl), sock_diag counts it.
    if subject.end.tcp() == Some(TcpState::SynSent) {
        return "the SYN, which is not acknowledged".into();
    }
    let total = subject.look.unacknowledged.unwrap_or(subject.end.unacknowledged);
    let Some(unsent) = subject.look.unsent else {
        return match total {
            0 => "empty".into(),
            count => format!("{} not acknowledged", bytes(session, count)),
        };
    };
    let sent = total.saturating_sub(unsent);
    match (sent, unsent) {
        (0, 0) => "empty: the other end has acknowledged everything".into(),
        (sent, 0) => format!("{} sent, and not acknowledged", bytes(session, sent)),
        (0, unsent) => format!("{} not yet sent", bytes(session, unsent)),
        // Where the border lies depends on the moment.
        _ if !session.shows_numbers() => format!("{} not acknowledged", bytes(session, total)),
        (sent, unsent) => {
            let (sent, unsent) = (counted(sent, "byte"), counted(unsent, "byte"));
            format!("{sent} sent, and not acknowledged; {unsent} not yet sent")
        }
    }
}

fn bytes(session: &Session, count: u32) -> String {
    counted(amount(count, session.shows_numbers()), "byte")
}

fn directions(subject: &Subject) -> Vec<(&'static str, String)> {
    let halves = subject.fact.as_ref().and_then(|fact| fact.shutdown);
    if let (SocketState::Unix(UnixState::Connected), Some(halves)) = (subject.end.state, halves) {
        return phrases::unix_directions(halves).map(|(label, text)| (label, text.to_owned())).into();
    }
    let Some(state) = subject.end.tcp().filter(|_| subject.is_connection()) else { return Vec::new() };
    let rows = [("sending", phrases::sending(state)), ("receiving", phrases::receiving(state, halves))];
    rows.into_iter().filter_map(|(label, text)| Some((label, text?.to_owned()))).collect()
}

/// The options that are not as on a new socket, with what they are there.
fn changed(session: &mut Session, subject: &Subject) -> Result<Vec<(&'static str, String)>, Failure> {
    let Some(fd) = subject.end.fd else { return Ok(Vec::new()) };
    let rows = session.options_differing(fd)?.into_iter().map(|reading| {
        let fresh = reading.fresh.map(|fresh| format!("; new: {}", fresh.words)).unwrap_or_default();
        (reading.option.name, format!("{}{fresh}", reading.value.words))
    });
    Ok(rows.collect())
}

fn facts(
    session: &Session,
    subject: &Subject,
    changed: &[(&str, String)],
    nonblocking: bool,
    next: &[(String, String)],
) -> Value {
    let made = origin::made(session.record(), subject.end.cookie);
    let line =
        |entry: &crate::session::record::Entry| json!({ "line": entry.number, "input": entry.outcome.line });
    json!({
        "socket": json::end(&subject.end),
        "descriptors": subject.descriptors,
        "nonblocking": nonblocking,
        "inode": subject.inode(),
        "made_by": made.map(line),
        "closed_by": origin::closed(session.record(), subject.end.cookie).map(line),
        "other_end": subject.other.as_ref().map(json::end),
        "in_accept_queue": subject.waiting.iter().map(json::end).collect::<Value>(),
        "unacknowledged": subject.look.unacknowledged,
        "unsent": subject.look.unsent,
        "shutdown": subject.fact.as_ref().and_then(|fact| fact.shutdown),
        "timer": subject.end.timer,
        "options": changed.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<Value>(),
        "memory": subject.look.memory,
        "tcp_info": subject.look.info,
        "next": next.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect::<Value>(),
    })
}
