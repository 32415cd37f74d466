//! What can be found out about an error at the moment when it happens.

use super::{families, label};
use crate::data::printable;
use crate::kernel::process::{self, Holder, Holders};
use crate::kernel::sock_diag::{Protocol, SocketFact};
use crate::kernel::state::TcpState;
use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::{End, Owner};
use crate::worker::call::Call;

/// Why it happened, and what to do next; both empty when nothing was found out that is
/// not true of every such error.
pub(super) type Evidence = (Vec<String>, Vec<String>);

/// Looks for evidence.
pub(super) fn find(session: &mut Session, call: &Call, errno: i32) -> Result<Evidence, Failure> {
    if let Some(found) = families::find(session, call, errno)? {
        return Ok(found);
    }
    match (call.function.as_str(), errno) {
        ("bind" | "listen" | "connect" | "sendto", libc::EADDRINUSE) => address_in_use(session, call),
        ("connect", libc::ECONNREFUSED) => refused(session, call),
        (_, libc::EBADF) => Ok(not_open(session, call)),
        ("recv" | "recvfrom" | "send", libc::ENOTCONN) => Ok(listener_instead(session, call)),
        ("bind", libc::EINVAL) => Ok(bound_already(session, call)),
        ("accept", libc::EINVAL) => Ok(not_listening(session, call)),
        ("getsockopt" | "setsockopt", _) => Ok(super::options::refused(session, call, errno)),
        _ => Ok(Evidence::default()),
    }
}

pub(super) fn end_of<'a>(session: &'a Session, call: &Call) -> Option<&'a End> {
    let fd = call.descriptor()?;
    session.ends().iter().find(|end| end.has_fd(fd))
}

/// Who has the address.
fn address_in_use(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let end = end_of(session, call).cloned();
    let Some(wanted) = call.address().or(end.as_ref().and_then(|end| end.local.as_ref())).cloned() else {
        return Ok(Evidence::default());
    };
    let protocol = end.as_ref().map_or(Protocol::Tcp, |end| end.protocol);
    let own = end.as_ref().map(|end| end.cookie);
    let all = session.all_sockets()?;
    let rivals: Vec<&SocketFact> = all
        .iter()
        .filter(|fact| fact.protocol == protocol && Some(fact.cookie) != own && fact.local.overlaps(&wanted))
        .collect();
    let inodes: Vec<u64> = rivals.iter().filter_map(|fact| fact.inode).collect();
    // What cannot be read is said below, socket by socket.
    let holders = process::holders_where(|inode| inodes.contains(&inode)).unwrap_or_default();
    let mut why = Vec::new();
    let mut next = Vec::new();
    for fact in rivals.iter().take(3) {
        let who = holder(session, fact, &holders);
        why.push(format!(
            "{} is held by {who} ({})",
            session.names().address(&fact.local),
            fact.state.name()
        ));
    }
    if rivals.iter().any(|fact| fact.state.tcp() == Some(TcpState::TimeWait)) {
        next.push(
            "wait until TIME-WAIT is over, or set SO_REUSEADDR before bind: `setsockopt S SO_REUSEADDR 1`"
                .into(),
        );
    } else if !rivals.is_empty() {
        next.push("take another port (0 lets the kernel choose), or close that socket".into());
    }
    Ok((why, next))
}

/// Who holds a socket, in words.
pub(super) fn holder(session: &Session, fact: &SocketFact, holders: &Holders) -> String {
    let known = session.ends().iter().find(|end| end.cookie == fact.cookie);
    if let Some(end) = known.filter(|end| end.owner != Owner::Other) {
        let kind = if end.fd.is_some() { "this session's" } else { "what is left of" };
        let left = fact.timer.as_ref().filter(|_| fact.state.tcp() == Some(TcpState::TimeWait));
        return match left {
            Some(timer) if session.shows_numbers() => {
                format!("{kind} {}, for {} s more", end.label(), timer.expires_ms.div_ceil(1000))
            }
            _ => format!("{kind} {}", end.label()),
        };
    }
    let holder = fact.inode.and_then(|inode| holders.holders.iter().find(|holder| holder.inode == inode));
    match (holder, fact.inode) {
        (Some(Holder { pid, program, fd, .. }), _) => {
            format!("process {pid} ({}), descriptor {fd}", printable(program))
        }
        (None, Some(_)) if holders.unreadable > 0 => {
            format!("one of {} processes that you may not look into", holders.unreadable)
        }
        (None, None) => "no process: it has outlived its descriptor".into(),
        (None, Some(_)) => "a process that has just ended".into(),
    }
}

/// What listens, and what does not, where a connect was refused.
fn refused(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let Some(wanted) = call.address() else { return Ok(Evidence::default()) };
    let all = session.all_sockets()?;
    let there: Vec<&SocketFact> = all
        .iter()
        .filter(|fact| fact.protocol == Protocol::Tcp && fact.remote.is_none() && fact.local.overlaps(wanted))
        .collect();
    let shown = session.names().address(wanted);
    let own =
        |fact: &&&SocketFact| session.ends().iter().find(|end| end.cookie == fact.cookie && end.fd.is_some());
    if there.iter().any(|fact| fact.accept_queue().is_some()) {
        let why = format!("nothing listened at {shown} when the SYN came; now something does");
        return Ok((vec![why], vec!["connect again, with a new socket".into()]));
    }
    let mut why = vec![format!("nothing listens at {shown}: the kernel there answered the SYN with RST")];
    let mut next = Vec::new();
    if let Some(end) = there.iter().find_map(|fact| own(&fact)) {
        why.push(format!("{} is bound to it, but does not listen", end.label()));
        next.push(format!("`listen {}`, then connect again", end.label()));
    } else if let Some(end) =
        session.ends().iter().find(|end| end.tcp() == Some(TcpState::Listen) && end.fd.is_some())
    {
        let address = end.local.as_ref().map(|address| session.names().address(address)).unwrap_or_default();
        next.push(format!("{} listens at {address}: was that meant?", end.label()));
    }
    Ok((why, next))
}

fn not_open(session: &Session, call: &Call) -> Evidence {
    let Some(fd) = call.descriptor() else { return Evidence::default() };
    let open: Vec<String> = session
        .seen()
        .own
        .iter()
        .map(|own| {
            let label = label(own.fd, session.ends());
            if label == own.fd.to_string() { label } else { format!("{} ({label})", own.fd) }
        })
        .collect();
    let which = if open.is_empty() {
        "no socket is open".into()
    } else {
        format!("open sockets are {}", open.join(", "))
    };
    (vec![format!("descriptor {fd} is not open; {which}")], Vec::new())
}

fn listener_instead(session: &Session, call: &Call) -> Evidence {
    match end_of(session, call) {
        Some(end) if end.accept_queue.is_some() => {
            let me = end.label();
            (
                vec![format!("{me} listens: it hands out connections and carries no data itself")],
                vec![format!("`conn = accept {me}`, then use conn")],
            )
        }
        _ => Evidence::default(),
    }
}

fn bound_already(session: &Session, call: &Call) -> Evidence {
    match end_of(session, call).and_then(|end| Some((end.label(), end.local.clone()?))) {
        Some((me, local)) => (
            vec![format!(
                "{me} is bound to {} already, and a socket is bound once",
                session.names().address(&local)
            )],
            vec!["make a new socket for another address".into()],
        ),
        None => Evidence::default(),
    }
}

fn not_listening(session: &Session, call: &Call) -> Evidence {
    match end_of(session, call) {
        Some(end) if end.accept_queue.is_none() => {
            let me = end.label();
            let next = if end.local.is_some() {
                format!("`listen {me}`")
            } else {
                format!("`bind {me} 127.0.0.1:7777`, then `listen {me}`")
            };
            (vec![format!("{me} is in {}: it does not listen", end.state.name())], vec![next])
        }
        _ => Evidence::default(),
    }
}
