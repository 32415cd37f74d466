//! Destinations: what is there, and whether there is a way to it.

use super::address::own_addresses;
use super::{Evidence, end_of, size};
use crate::address::Address;
use crate::kernel::sock_diag::Protocol;
use crate::language::values::show_size;
use crate::outcome::Failure;
use crate::session::Session;
use crate::worker::call::Call;
use std::fs;
use std::net::IpAddr;

/// An address that means everyone on a network.
pub(super) fn broadcast(session: &Session, call: &Call) -> Evidence {
    let Some(address) = call.address().and_then(Address::inet) else { return Evidence::default() };
    match address.ip() {
        IpAddr::V4(ip) if ip.is_broadcast() => {
            let me = end_of(session, call).map_or_else(|| "S".into(), crate::session::ends::End::label);
            Evidence::reason(format!(
                "{ip} is the broadcast address: it means every machine of the network, and SO_BROADCAST is not set on {me}, which guards against doing this by mistake"
            ))
            .next(format!("if it is meant: `setsockopt {me} SO_BROADCAST 1`, then send again"))
        }
        _ => Evidence::default(),
    }
}

/// No network leads to an address.
pub(super) fn unreachable(call: &Call) -> Evidence {
    let Some(address) = call.address().and_then(Address::inet) else { return Evidence::default() };
    let own: Vec<String> = own_addresses()
        .into_iter()
        .filter(|(_, own)| own.is_ipv4() == address.is_ipv4())
        .map(|(name, own)| format!("{name} ({own})"))
        .collect();
    let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
    let networks = match own.as_slice() {
        [] => format!("this machine has no {family} address at all"),
        own => format!("for {family} this machine has {}", own.join(", ")),
    };
    let way = match address.is_ipv4().then(has_default_route) {
        Some(Some(false)) => ", and no default route, which would lead everywhere else",
        _ => "",
    };
    let mut found = Evidence::fact(format!("{networks}{way}"));
    if address.ip().is_multicast() {
        found.why.push(format!("{} is a multicast address: it takes UDP, and a route for it", address.ip()));
    }
    found
}

/// Whether there is a way to wherever no other route leads; `None` when it cannot be read.
fn has_default_route() -> Option<bool> {
    let table = fs::read_to_string("/proc/net/route").ok()?;
    let everywhere = |line: &str| {
        let mut columns = line.split_whitespace().skip(1);
        let destination = columns.next();
        let mask = columns.nth(5);
        destination == Some("00000000") && mask == Some("00000000")
    };
    Some(table.lines().skip(1).any(everywhere))
}

/// A datagram that cannot be so long.
pub(super) fn too_long(call: &Call) -> Evidence {
    match size(call) {
        Some(size) => Evidence::fact(format!("this one was to have {} bytes", show_size(size as u64))),
        None => Evidence::default(),
    }
}

/// A destination that a socket with a loopback address cannot reach.
pub(super) fn from_loopback(session: &Session, call: &Call) -> Evidence {
    let Some(address) = call.address().and_then(Address::inet) else { return Evidence::default() };
    if address.port() == 0 {
        return Evidence::reason("port 0 is nobody's: it only ever means `let the kernel choose` in bind")
            .next("name the port that the receiver is bound to; `getsockname` tells it");
    }
    let local = end_of(session, call).and_then(|end| end.local.as_ref()?.inet());
    match local {
        Some(local) if local.ip().is_loopback() && !address.ip().is_loopback() => Evidence::reason(format!(
            "the socket has the loopback address {}, from which only this machine can be reached",
            session.names().address(&local.into())
        ))
        .next("use a socket that is not bound, or bound to 0.0.0.0"),
        _ => Evidence::default(),
    }
}

/// Whether somebody has the port now from which a datagram came back.
pub(super) fn nobody_there(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let Some(end) = end_of(session, call).cloned() else { return Ok(Evidence::default()) };
    let Some(remote) = end.remote.clone() else { return Ok(Evidence::default()) };
    let all = session.all_sockets()?;
    let there = all.iter().any(|fact| fact.protocol == Protocol::Udp && fact.local.overlaps(&remote));
    let shown = session.names().address(&remote);
    let now = if there { "now there is one" } else { "there is none now, either" };
    Ok(Evidence::fact(format!(
        "{} sends to {shown}: nobody had it when the datagram came; {now}",
        end.label()
    )))
}
