//! What changed, a row a socket: `3  srv  CLOSED -> LISTEN  127.0.0.1:7777  accept queue 0 of 128`.

use super::Detail;
use super::table::table;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::session::ends::{Change, End, Owner};
use crate::session::names::Names;
use crate::session::passages::passed;

/// All changes, a line each, with `+` and `-` before sockets that came and went. `all`
/// are the sockets after the changes.
pub(super) fn changes(changes: &[Change], detail: Detail, names: &Names) -> Vec<String> {
    table(&rows(changes, detail, names))
}

/// The same as cells.
pub(crate) fn rows(changes: &[Change], detail: Detail, names: &Names) -> Vec<Vec<String>> {
    let shown = changes.iter().filter(|change| visible(change, detail));
    shown.map(|change| row(change, changes, detail, names)).collect()
}

/// Whether a change would be seen: a queue that goes from much to more would not, where
/// amounts are not told.
fn visible(change: &Change, detail: Detail) -> bool {
    let Change::Became(before, after) = change else { return true };
    let told = |end: &End| {
        let queue = end.accept_queue.map(|queue| (queue.waiting, queue.limit));
        // How much memory a datagram takes depends on the kernel.
        let unread = if end.counts_memory() { end.unread.min(1) } else { end.unread };
        let amounts = (amount(unread, detail), amount(end.unacknowledged, detail));
        let unix = (end.unix, end.unix.and(end.shutdown));
        let addresses = (end.local.clone(), end.remote.clone());
        (end.state, end.fds(), end.owner.clone(), addresses, queue, amounts, unix)
    };
    told(before) != told(after)
}

fn row(change: &Change, all: &[Change], detail: Detail, names: &Names) -> Vec<String> {
    let mut row = match change {
        Change::Appeared(end) => {
            vec!["+".into(), fd(end), end.label_beside(), state(end), addresses(end, names)]
        }
        Change::Vanished(end) => {
            vec![
                "-".into(),
                fd(end),
                end.label_beside(),
                format!("{} -> gone", state(end)),
                addresses(end, names),
            ]
        }
        Change::Became(before, after) => {
            let moved = before.state.name() != after.state.name();
            let states = if moved {
                format!("{} -> {}", before.state.name(), after.state.name())
            } else {
                state(after)
            };
            // A socket that lost its descriptor is shown with the one it had.
            let (sign, fd) = match (before.fd, after.fd) {
                (None, Some(_)) => ("+", fd(after)),
                (Some(_), None) => ("-", fd(before)),
                _ => (" ", fd(after)),
            };
            vec![sign.into(), fd, after.label_beside(), states, addresses(after, names)]
        }
    };
    row.push(remarks(change, all, detail).join("; "));
    row
}

impl End {
    /// The label, where the descriptor stands beside it already.
    fn label_beside(&self) -> String {
        let names = self.fds().into_iter().map(|fd| (fd, self.label_of(fd)));
        let names: Vec<String> =
            names.filter(|(fd, label)| *label != fd.to_string()).map(|(_, label)| label).collect();
        match (self.fd, names.as_slice()) {
            (None, _) => self.label(),
            (Some(_), names) => names.join(","),
        }
    }
}

fn fd(end: &End) -> String {
    let fds: Vec<String> = end.fds().iter().map(i32::to_string).collect();
    if fds.is_empty() { "-".into() } else { fds.join(",") }
}

fn state(end: &End) -> String {
    match end.protocol {
        Protocol::Tcp => end.state.name().to_owned(),
        protocol => format!("{protocol} {}", end.state.name()),
    }
}

fn addresses(end: &End, names: &Names) -> String {
    let address = |address| names.address_of(end.protocol, address);
    match (&end.local, &end.remote) {
        (None, None) => String::new(),
        (None, Some(remote)) => format!("> {}", address(remote)),
        (Some(local), None) => address(local),
        (Some(local), Some(remote)) => format!("{} > {}", address(local), address(remote)),
    }
}

/// What else is to be said of a change.
fn remarks(change: &Change, all: &[Change], detail: Detail) -> Vec<String> {
    let mut remarks = Vec::new();
    let (before, after) = change.sides();
    remarks.extend(queues(before, after, detail));
    if let Some(after) = after {
        match (&after.owner, before.map(|before| &before.owner)) {
            (Owner::Listener(_), None) if after.tcp() == Some(TcpState::SynReceived) => {
                remarks.push("its handshake is not over".into());
            }
            (Owner::Listener(_), None) => remarks.push("not accepted yet".into()),
            (Owner::Session(_), Some(Owner::Listener(_))) => remarks.push("accepted".into()),
            (Owner::Closed(_), Some(Owner::Session(_))) => remarks.push("no descriptor any more".into()),
            _ => {}
        }
    }
    if let (Some(before), Some(after)) = (before, after) {
        remarks.extend(descriptors(before, after));
        remarks.extend(unix(before, after));
    }
    let passed = passed(change, all);
    if !passed.is_empty() {
        let states: Vec<&str> = passed.iter().map(|state| state.name()).collect();
        remarks.push(format!("through {}, inferred", states.join(", ")));
    }
    remarks
}

/// What dup and close did to the descriptors of a socket that is still open.
fn descriptors(before: &End, after: &End) -> Option<String> {
    let (old, new) = (before.fds(), after.fds());
    if old.is_empty() || new.is_empty() || old.len() == new.len() {
        return None;
    }
    Some(match new.len() {
        1 => "one descriptor is left, and the socket stays open".into(),
        count => format!("{count} descriptors, one socket"),
    })
}

/// The UNIX domain has no states that would show what the other end did.
fn unix(before: &End, after: &End) -> Vec<String> {
    let (Some(old), Some(new)) = (before.unix, after.unix) else { return Vec::new() };
    let mut remarks = Vec::new();
    let gone = old.peer.is_some_and(|peer| peer != 0) && new.peer == Some(0);
    if gone {
        remarks.push("the other end is closed".into());
    } else if let Some(halves) = after.shutdown.filter(|_| before.shutdown != after.shutdown) {
        let was = before.shutdown.unwrap_or_default();
        if halves.write && !was.write {
            remarks.push("can send no more".into());
        }
        if halves.read && !was.read {
            remarks.push("nothing more will come".into());
        }
    }
    if old.peer == Some(0) && new.peer.is_some_and(|peer| peer != 0) {
        remarks.push("was accepted".into());
    }
    remarks
}

fn queues(before: Option<&End>, after: Option<&End>, detail: Detail) -> Vec<String> {
    let Some(after) = after else { return Vec::new() };
    let mut remarks = Vec::new();
    let mut tell = |what: &str, old: u32, new: u32, unit: &str| {
        let unit = if new == 1 && unit == " bytes" { " byte" } else { unit };
        let (old_text, new_text) = (amount(old, detail), amount(new, detail));
        // From much to more is not told where amounts are not: it depends on who was faster.
        if old_text == new_text {
            return;
        }
        if before.is_some() {
            remarks.push(format!("{what} {old_text} -> {new_text}{unit}"));
        } else {
            remarks.push(format!("{what} {new_text}{unit}"));
        }
    };
    if let Some(queue) = after.accept_queue {
        match before.and_then(|before| before.accept_queue) {
            // Another listen of a listener sets a new limit.
            Some(old) if old.limit != queue.limit => remarks.push(format!(
                "accept queue {} of {} -> {} of {}",
                old.waiting, old.limit, queue.waiting, queue.limit
            )),
            Some(old) => tell("accept queue", old.waiting, queue.waiting, &format!(" of {}", queue.limit)),
            None => remarks.push(format!("accept queue {} of {}", queue.waiting, queue.limit)),
        }
        return remarks;
    }
    if after.counts_memory() {
        let had = before.is_some_and(|before| before.unread > 0);
        remarks.extend(match (had, after.unread > 0) {
            (false, true) => Some("a datagram waits".to_owned()),
            (true, false) => Some("no datagram waits".to_owned()),
            _ => None,
        });
        return remarks;
    }
    // The kernel counts a FIN as a byte in both queues until it is read or acknowledged.
    let unread = if after.protocol.is_datagram() { "next datagram" } else { "receive queue" };
    tell(unread, before.map_or(0, |before| before.unread), after.unread, " bytes");
    tell("unacknowledged", before.map_or(0, |before| before.unacknowledged), after.unacknowledged, " bytes");
    let fin = matches!(after.tcp(), Some(TcpState::CloseWait)) && !remarks.is_empty() && after.unread > 0;
    if fin && before.is_none_or(|before| before.state != after.state) {
        remarks.push("its FIN counts as a byte".into());
    }
    remarks
}

fn amount(count: u32, detail: Detail) -> String {
    super::amount(count, detail != Detail::Stable)
}
