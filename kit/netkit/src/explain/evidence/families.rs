//! Evidence about errors that come of a socket's family: names in the UNIX domain, and
//! addresses of one family given to a socket of another.

use super::address::holder;
use super::{Evidence, end_of, paths};
use crate::address::{Address, UnixAddress};
use crate::kernel::process;
use crate::kernel::sock_diag::{FileId, SocketFact};
use crate::outcome::Failure;
use crate::session::Session;
use crate::worker::call::Call;
use nix::errno::Errno;
use nix::sys::stat::{SFlag, major, minor};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Looks for evidence; `None` where the family has nothing to do with it.
pub(super) fn find(session: &mut Session, call: &Call, errno: i32) -> Result<Option<Evidence>, Failure> {
    if let Some(found) = other_family(session, call, errno).or_else(|| no_interface(session, call, errno)) {
        return Ok(Some(found));
    }
    let Some(Address::Unix(name)) = call.address().cloned() else {
        return Ok(over_a_connection(session, call, errno));
    };
    match (call.function.as_str(), errno, &name) {
        ("bind", libc::EADDRINUSE, UnixAddress::Path(path)) => file_in_the_way(session, path).map(Some),
        ("bind", libc::EADDRINUSE, UnixAddress::Abstract(_)) => name_taken(session, &name.into()).map(Some),
        ("connect" | "sendto", libc::ECONNREFUSED, _) => nobody_there(session, call, &name).map(Some),
        ("connect" | "sendto", libc::EPROTOTYPE, _) => wrong_type(session, call, &name).map(Some),
        (function, libc::ENOENT, UnixAddress::Path(path)) => Ok(Some(no_file(session, function, path))),
        (function, _, UnixAddress::Path(path)) => Ok(paths::find(function, errno, path)),
        _ => Ok(None),
    }
}

/// `AF_INET`, as its number.
fn family_name(domain: i32) -> &'static str {
    match domain {
        libc::AF_INET => "AF_INET",
        libc::AF_INET6 => "AF_INET6",
        libc::AF_UNIX => "AF_UNIX",
        _ => "another family",
    }
}

fn other_family(session: &Session, call: &Call, errno: i32) -> Option<Evidence> {
    let domain = session.domain(call.descriptor()?)?;
    let address = call.address()?;
    let own = family_name(domain);
    if own == address.family_name() || !matches!(errno, libc::EAFNOSUPPORT | libc::EINVAL) {
        return None;
    }
    let me = end_of(session, call)?.label();
    let why = format!(
        "{me} is a socket of {own}, and {} is an address of {}",
        session.names().address(address),
        address.family_name()
    );
    let mapped = address.seen_from(domain);
    let next = match (domain, address) {
        _ if mapped.family_name() == own => {
            format!("write the address for {own}: {}", session.names().address(&mapped))
        }
        (_, Address::Inet(SocketAddr::V4(_))) => {
            "make a socket of AF_INET: `socket tcp` or `socket udp`".into()
        }
        (_, Address::Inet(SocketAddr::V6(_))) => {
            "make a socket of AF_INET6: `socket tcp6` or `socket udp6`".into()
        }
        (_, Address::Unix(_)) => "make a socket of AF_UNIX: `socket unix` or `socket unix-dgram`".into(),
    };
    Some(Evidence::reason(why).next(next))
}

/// Every interface has an own network of link-local addresses: without its name or number
/// such an address says nothing (RFC 4007, section 6).
fn no_interface(session: &Session, call: &Call, errno: i32) -> Option<Evidence> {
    let Address::Inet(SocketAddr::V6(address)) = call.address()? else { return None };
    if errno != libc::EINVAL || address.scope_id() != 0 || !address.ip().is_unicast_link_local() {
        return None;
    }
    let shown = session.names().address(call.address()?);
    let why = format!(
        "{shown} is a link-local address: every network interface has some of these, and which one is meant is not said"
    );
    let next =
        format!("add the interface: `[{}%eth0]:{}`; `ip link` lists them", address.ip(), address.port());
    Some(Evidence::reason(why).next(next))
}

/// What a file is.
fn file(path: &[u8]) -> Option<(FileId, bool)> {
    let stat = nix::sys::stat::stat(Path::new(OsStr::from_bytes(path))).ok()?;
    // Both are u64 here; on some systems they are not.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the types differ by system")]
    let (number, device) = (stat.st_ino as u64, u64::from(stat.st_dev));
    let device = (u32::try_from(major(device)).ok()?, u32::try_from(minor(device)).ok()?);
    let socket = SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFSOCK;
    Some((FileId { inode: number, device }, socket))
}

/// The sockets that are bound to a name.
fn bound<'a>(all: &'a [SocketFact], name: &UnixAddress) -> Vec<&'a SocketFact> {
    let file = match name {
        UnixAddress::Path(path) => file(path).map(|(file, _)| file),
        _ => None,
    };
    let is_bound = |fact: &&SocketFact| {
        // A connection's end at the server has its listener's name, and is not bound itself.
        let accepted = fact.remote.is_some() && fact.unix.as_ref().is_some_and(|unix| unix.peer.is_some());
        let here = match (file, fact.unix.as_ref().and_then(|unix| unix.file)) {
            (Some(file), Some(own)) => file == own,
            _ => fact.local == Address::Unix(name.clone()),
        };
        fact.unix.is_some() && here && (!accepted || fact.protocol.is_datagram())
    };
    all.iter().filter(is_bound).collect()
}

fn held(session: &Session, facts: &[&SocketFact]) -> Evidence {
    let inodes: Vec<u64> = facts.iter().filter_map(|fact| fact.inode).collect();
    // What cannot be read is said by `holder`, socket by socket.
    let holders = process::holders_where(|inode| inodes.contains(&inode)).unwrap_or_default();
    let why = facts
        .iter()
        .take(3)
        .map(|fact| {
            let address = session.names().address_of(fact.protocol, &fact.local);
            format!("{address} is held by {} ({})", holder(session, fact, &holders), fact.state.name())
        })
        .collect();
    Evidence { why, next: Vec::new(), whole: true }
}

fn shown(path: &[u8]) -> String {
    UnixAddress::Path(path.to_vec()).to_string()
}

fn file_in_the_way(session: &mut Session, path: &[u8]) -> Result<Evidence, Failure> {
    let all = session.all_sockets()?;
    let holders = bound(&all, &UnixAddress::Path(path.to_vec()));
    let path_shown = shown(path);
    if !holders.is_empty() {
        return Ok(held(session, &holders).next("take another path, or close that socket"));
    }
    Ok(match file(path) {
        Some((_, true)) => Evidence::reason(format!(
                "the file {path_shown} is there, but no socket that is open is bound to it: it was left by one that \
                 is closed, for close does not remove the file"
            )).next(format!("`unlink {path_shown}`, then bind again")),
        Some((_, false)) => Evidence::reason(format!(
                "{path_shown} is there already, and it is no socket: bind makes a file, and never takes one over"
            )).next("take another path"),
        None => Evidence::default(),
    })
}

fn name_taken(session: &mut Session, address: &Address) -> Result<Evidence, Failure> {
    let all = session.all_sockets()?;
    let holders = address.unix().map(|name| bound(&all, name)).unwrap_or_default();
    Ok(held(session, &holders).next("take another name, or close that socket"))
}

fn nobody_there(session: &mut Session, call: &Call, name: &UnixAddress) -> Result<Evidence, Failure> {
    let all = session.all_sockets()?;
    let there = bound(&all, name);
    let address = session.names().address(&Address::Unix(name.clone()));
    let own = |fact: &&SocketFact| {
        session.ends().iter().find(|end| end.cookie == fact.cookie && end.fd.is_some()).cloned()
    };
    let me = end_of(session, call);
    if let (Some(me), Some(other)) = (me, there.iter().find(|fact| !same_type(session, call, fact))) {
        let holder = there.iter().find_map(own).map(|end| format!(" ({})", end.label())).unwrap_or_default();
        let why = format!(
            "{address} is the name of a {} socket{holder}, and {} is a {} socket: in the abstract namespace each type has names of its own",
            other.protocol,
            me.label(),
            me.protocol
        );
        return Ok(Evidence::reason(why).next("make a socket of the same type as the other one"));
    }
    if let Some(end) = there.iter().find_map(own) {
        let me = end.label();
        return Ok(Evidence::reason(format!("{me} is bound to {address}, but does not listen"))
            .next(format!("`listen {me}`, then {} again", call.function)));
    }
    if !there.is_empty() {
        return Ok(held(session, &there).next("it does not listen: start the server anew"));
    }
    let UnixAddress::Path(path) = name else {
        return Ok(Evidence::reason(format!("no socket is bound to {address}"))
            .next("start the server first, and compare the name"));
    };
    let path = shown(path);
    Ok(match file(path.as_bytes()) {
        Some((_, false)) if Path::new(&path).is_dir() => {
            Evidence::reason(format!("{path} is a folder, and no file of a socket"))
                .next("compare the path with the one that the server binds to")
        }
        Some((_, false)) => Evidence::reason(format!("{path} is a file, but not that of a socket"))
            .next("compare the path with the one that the server binds to"),
        _ => Evidence::reason(format!(
            "the file {path} is there, but the socket that was bound to it is closed"
        ))
        .next(format!("`unlink {path}`, and let the server bind to it again")),
    })
}

/// Whether a socket is of the type of the one that the call is about.
fn same_type(session: &Session, call: &Call, fact: &SocketFact) -> bool {
    end_of(session, call).is_none_or(|me| me.protocol == fact.protocol)
}

fn wrong_type(session: &mut Session, call: &Call, name: &UnixAddress) -> Result<Evidence, Failure> {
    let all = session.all_sockets()?;
    let Some(me) = end_of(session, call) else { return Ok(Evidence::default()) };
    let there = bound(&all, name);
    let Some(other) = there.iter().find(|fact| fact.protocol != me.protocol) else {
        return Ok(Evidence::default());
    };
    let why = format!(
        "{} is a {} socket, and {} is a {} socket",
        session.names().address_of(other.protocol, &other.local),
        other.protocol,
        me.label(),
        me.protocol
    );
    Ok(Evidence::reason(why).next("make a socket of the same type as the other one"))
}

fn no_file(session: &Session, function: &str, path: &[u8]) -> Evidence {
    let address = session.names().address(&UnixAddress::Path(path.to_vec()).into());
    let missing = paths::missing_folder(path).map(|folder| folder.display().to_string());
    if function == "bind" {
        let folder = missing.unwrap_or_else(|| format!("of {}", shown(path)));
        return Evidence::reason(format!("the folder {folder} does not exist"))
            .next("bind makes the file, but no folders: take a path in a folder that is there");
    }
    if let Some(folder) = missing {
        return Evidence::reason(format!(
            "the folder {folder} does not exist, so that {address} cannot be there"
        ))
        .next("compare the path with the one that the server binds to");
    }
    Evidence::reason(format!(
        "there is no file {}: no socket was bound to {address}, or its file was removed",
        shown(path)
    ))
    .next("start the server first, and compare the path")
}

/// Between two ends in the UNIX domain there are no segments, so that none is to blame.
fn over_a_connection(session: &Session, call: &Call, errno: i32) -> Option<Evidence> {
    let end = end_of(session, call).filter(|end| end.unix.is_some())?;
    let me = end.label();
    let (why, next) = match Errno::from_raw(errno) {
        Errno::EPIPE => (
            format!(
                "the other end of {me} is closed or will receive no more, or {me} itself has ended sending. In a program the signal SIGPIPE comes along and ends it, unless it is ignored or MSG_NOSIGNAL is set"
            ),
            "nothing can be sent on this connection any more: close it",
        ),
        Errno::ECONNRESET => (
            format!("the other end of {me} was closed before it had received all that {me} had sent"),
            "this connection is over: close it",
        ),
        Errno::ECONNREFUSED => (
            format!("the socket that {me} was connected to is closed"),
            "connect to another one, or to the same address once a new socket is bound to it",
        ),
        _ => return None,
    };
    Some(Evidence::reason(why).next(next))
}
