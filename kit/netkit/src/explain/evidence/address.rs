//! Addresses: who has them, which there are, which may be had.

use super::{Evidence, end_of, past};
use crate::address::Address;
use crate::data::printable;
use crate::kernel::limits;
use crate::kernel::process::{self, Holder, Holders};
use crate::kernel::sock_diag::{Protocol, SocketFact};
use crate::kernel::state::TcpState;
use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::Owner;
use crate::worker::call::Call;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Who has the address.
pub(super) fn in_use(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let end = end_of(session, call).cloned();
    let Some(wanted) = call.address().or(end.as_ref().and_then(|end| end.local.as_ref())).cloned() else {
        return Ok(Evidence::default());
    };
    let protocol = end.as_ref().map_or(Protocol::Tcp, |end| end.protocol);
    let all = session.all_sockets()?;
    if wanted.port() == Some(0) {
        return Ok(no_port_left(&all, protocol));
    }
    let own = end.as_ref().map(|end| end.cookie);
    let mut rivals: Vec<&SocketFact> = all
        .iter()
        .filter(|fact| fact.protocol == protocol && Some(fact.cookie) != own && fact.local.overlaps(&wanted))
        .collect();
    if call.function == "listen" {
        rivals.retain(|fact| fact.accept_queue().is_some());
    }
    let inodes: Vec<u64> = rivals.iter().filter_map(|fact| fact.inode).collect();
    // What cannot be read is said below, socket by socket.
    let holders = process::holders_where(|inode| inodes.contains(&inode)).unwrap_or_default();
    // Two can be bound, and only one listen: that needs to be told.
    let whole = call.function != "listen" && !rivals.is_empty();
    let mut found = Evidence { whole, ..Evidence::default() };
    for fact in rivals.iter().take(3) {
        let who = holder(session, fact, &holders);
        let place = session.names().address_of(fact.protocol, &fact.local);
        found.why.push(format!("{place} is held by {who} ({})", fact.state.name()));
    }
    if let Some(more) = rivals.len().checked_sub(3).filter(|more| *more > 0) {
        found.why.push(format!("and by {more} more sockets"));
    }
    let me = end.map(|end| end.label()).unwrap_or_default();
    let reuses = call
        .descriptor()
        .is_some_and(|fd| past::called_on(session, fd, |call| past::sets(call, "SO_REUSEADDR")).is_some());
    let ever = past::called(session, |call| past::sets(call, "SO_REUSEADDR")).is_some();
    if call.function == "bind" && !rivals.is_empty() {
        let listener = rivals.iter().find(|fact| fact.accept_queue().is_some());
        let own = listener
            .and_then(|fact| session.ends().iter().find(|end| end.cookie == fact.cookie && end.fd.is_some()));
        let own = own.map(crate::session::ends::End::label);
        would_reuse_help(&mut found, &rivals, &me, own.as_deref(), [reuses, ever]);
    }
    Ok(found)
}

/// Whether SO_REUSEADDR would let the address be taken. The rule is
/// `inet_csk_bind_conflict` in the kernel, and was tried: it must be set on both sockets
/// (one in TIME-WAIT has it from the socket that it was), and none of them may listen.
///
/// `own` is the listener among them, if it is the session's; the last two tell whether the
/// option is set on the new socket, and whether it was ever set in this session.
fn would_reuse_help(
    found: &mut Evidence,
    rivals: &[&SocketFact],
    me: &str,
    own: Option<&str>,
    [reuses, ever]: [bool; 2],
) {
    let udp = rivals.iter().any(|fact| fact.protocol == Protocol::Udp);
    let listens = rivals.iter().any(|fact| fact.accept_queue().is_some());
    let waits = rivals.iter().all(|fact| fact.state.tcp() == Some(TcpState::TimeWait));
    let other_port = "or take another port; 0 lets the kernel choose a free one";
    if listens {
        found.why.push("SO_REUSEADDR would not help: where a socket listens, no other can be bound".into());
        let close = match own {
            Some(name) => format!("`close {name}`"),
            None => "end the program that listens".into(),
        };
        found.next.push(format!(
            "{close}, or take another port; `bind {me} 127.0.0.1:0` lets the kernel choose a free one"
        ));
    } else if waits {
        let condition = "On Linux both must have it set before bind: the old socket (a connection has it from \
                         its listener) and the new one";
        match (reuses, ever) {
            (true, _) => found.why.push(format!(
                "SO_REUSEADDR is set on {me}, but that is not enough: the socket that is in TIME-WAIT did not have it. {condition}"
            )),
            (false, true) => {
                found.why.push(format!("{me} does not have SO_REUSEADDR, with which TIME-WAIT is no obstacle. {condition}"));
                found.next.push(format!("`setsockopt {me} SO_REUSEADDR 1`, then bind again"));
            }
            (false, false) => found.why.push(format!(
                "SO_REUSEADDR is what servers set against this. {condition}"
            )),
        }
        found.next.push(format!("wait until TIME-WAIT is over, {other_port}"));
        if !ever {
            found.next.push(
                "the next time set it before the server's bind, as in `setsockopt srv SO_REUSEADDR 1`".into(),
            );
        }
    } else if udp {
        found.why.push("SO_REUSEADDR on both sockets would let them share it; each datagram then reaches only the one that was bound last".into());
        found
            .next
            .push("close that socket, or take another port; 0 lets the kernel choose a free one".into());
    } else {
        found.why.push(
            "SO_REUSEADDR on both sockets would let them be bound to it, but only one could listen".into(),
        );
        found
            .next
            .push("close that socket, or take another port; 0 lets the kernel choose a free one".into());
    }
}

/// The kernel was to choose a port, and none was free.
fn no_port_left(all: &[SocketFact], protocol: Protocol) -> Evidence {
    let Ok(range) = limits::ephemeral_ports() else { return Evidence::default() };
    let used: BTreeSet<u16> = all
        .iter()
        .filter(|fact| fact.protocol == protocol)
        .filter_map(|fact| fact.local.port())
        .filter(|port| range.contains(port))
        .collect();
    let (first, last) = (range.start(), range.end());
    Evidence::reason(format!(
        "the kernel was to choose a port from {first} to {last} (net.ipv4.ip_local_port_range), and {} of these {} are in use",
        used.len(),
        u32::from(*last) - u32::from(*first) + 1
    ))
    .next("close sockets that are not needed, or wait until their TIME-WAIT is over; `netstat -a` lists them")
}

/// An address that is not of this machine, or no port for a connection.
pub(super) fn not_available(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    if call.function != "bind" {
        let protocol = end_of(session, call).map_or(Protocol::Tcp, |end| end.protocol);
        let all = session.all_sockets()?;
        return Ok(Evidence { whole: false, ..no_port_left(&all, protocol) });
    }
    // What a script writes is the same on every machine.
    if !session.shows_numbers() {
        return Ok(Evidence::fact("`ip address` lists the addresses of this machine"));
    }
    let own = own_addresses();
    if own.is_empty() {
        return Ok(Evidence::default());
    }
    let list: Vec<String> = own.iter().map(|(name, address)| format!("{address} ({name})")).collect();
    Ok(Evidence::fact(format!("the addresses of this machine are {}", list.join(", "))))
}

/// The addresses of this machine's interfaces.
pub(super) fn own_addresses() -> Vec<(String, IpAddr)> {
    let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    interfaces
        .filter_map(|interface| {
            let storage = interface.address?;
            let v4 = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
            let v6 = storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip()));
            Some((interface.interface_name, v4.or(v6)?))
        })
        .collect()
}

/// A port that is kept for the system.
pub(super) fn privileged_port(call: &Call) -> Evidence {
    match (call.address().and_then(Address::port), limits::unprivileged_port_start()) {
        (Some(port), Ok(first)) if port < first => Evidence::fact(format!(
            "port {port} is below {first}, the first that everyone may bind (net.ipv4.ip_unprivileged_port_start)"
        )),
        _ => Evidence::default(),
    }
}

pub(super) fn bound_already(session: &Session, call: &Call) -> Evidence {
    let Some((end, local)) = end_of(session, call).and_then(|end| Some((end, end.local.clone()?))) else {
        return Evidence::default();
    };
    let me = end.label();
    let since = end
        .fd
        .and_then(|fd| past::called_on(session, fd, |call| call.function == "bind"))
        .map(|entry| format!(" since {}", past::line(entry).trim_start_matches("at ")));
    Evidence::reason(format!(
        "{me} is bound to {} already{}, and a socket is bound once",
        session.names().address(&local),
        since.unwrap_or_default()
    ))
    .next("make a new socket for another address: `new = socket tcp`")
}

/// Who holds a socket, in words.
pub(super) fn holder(session: &Session, fact: &SocketFact, holders: &Holders) -> String {
    let known = session.ends().iter().find(|end| end.cookie == fact.cookie);
    if let Some(end) = known.filter(|end| end.owner != Owner::Other) {
        let kind = match &end.owner {
            Owner::Program(_) => "the program",
            _ if end.fd.is_some() => "this session's",
            _ => "what is left of",
        };
        let left = fact.timer.as_ref().filter(|_| fact.state.tcp() == Some(TcpState::TimeWait));
        return match left {
            Some(timer) if session.shows_numbers() => {
                format!("{kind} {}, for {} s more", end.label(), timer.expires_ms.div_ceil(1000))
            }
            _ => format!("{kind} {}", end.label()),
        };
    }
    let holder = fact.inode.and_then(|inode| holders.holders.iter().find(|holder| holder.inode == inode));
    match (holder, fact.inode, &fact.timer) {
        (Some(Holder { pid, program, fd, .. }), _, _) => {
            format!("process {pid} ({}), descriptor {fd}", printable(program))
        }
        (None, Some(_), _) if holders.unreadable > 0 => {
            format!(
                "a process of user number {} that you may not look into (one of {})",
                fact.uid, holders.unreadable
            )
        }
        (None, None, Some(timer)) if fact.state.tcp() == Some(TcpState::TimeWait) => {
            format!("no process: the rest of a connection, for {} s more", timer.expires_ms.div_ceil(1000))
        }
        (None, None, _) => "no process: it has outlived its descriptor".into(),
        (None, Some(_), _) => "a process that has just ended".into(),
    }
}
