//! What can be found out about an error at the moment when it happens.
//!
//! - `address`: who has an address, which addresses there are.
//! - `connection`: what became of a connection, and of its other end.
//! - `descriptor`: what is open, what was closed and where, how many there may be.
//! - `families`: names of the UNIX domain, and addresses of another family than the socket's.
//! - `options`: what the table of options knows about it.
//! - `past`: what the record of the session knows about it.

mod address;
mod connection;
mod descriptor;
mod families;
mod options;
mod past;
mod paths;
mod reach;
mod timing;

pub(crate) use connection::became_of_other;
pub(crate) use past::closed_at;

use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::End;
use crate::worker::call::{Call, Value};

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Why it happened here.
    pub(super) why: Vec<String>,
    /// What to do, or to type, next.
    pub(super) next: Vec<String>,
    /// Whether this is the reason itself, so that what such an error means elsewhere need
    /// not be told.
    pub(super) whole: bool,
}

impl Evidence {
    /// A fact that stands beside the error's meaning.
    fn fact(why: impl Into<String>) -> Self {
        Self { why: vec![why.into()], ..Self::default() }
    }

    /// The reason itself.
    fn reason(why: impl Into<String>) -> Self {
        Self { why: vec![why.into()], next: Vec::new(), whole: true }
    }

    /// With what to do next.
    fn next(mut self, advice: impl Into<String>) -> Self {
        self.next.push(advice.into());
        self
    }
}

/// Looks for evidence.
pub(super) fn find(session: &mut Session, call: &Call, errno: i32) -> Result<Evidence, Failure> {
    if let Some(found) = families::find(session, call, errno)? {
        return Ok(found);
    }
    let found = match (call.function.as_str(), errno) {
        ("bind" | "listen" | "connect" | "sendto", libc::EADDRINUSE) => address::in_use(session, call)?,
        ("bind" | "connect" | "sendto" | "send", libc::EADDRNOTAVAIL) => {
            address::not_available(session, call)?
        }
        ("bind", libc::EACCES) => address::privileged_port(call),
        ("bind", libc::EINVAL) => address::bound_already(session, call),
        ("connect" | "send" | "sendto", libc::EACCES) => reach::broadcast(session, call),
        ("connect", libc::ECONNREFUSED) => connection::refused(session, call)?,
        ("send" | "sendto" | "recv" | "recvfrom", libc::ECONNREFUSED) => reach::nobody_there(session, call)?,
        (_, libc::ENETUNREACH) => reach::unreachable(call),
        ("sendto" | "send", libc::EMSGSIZE) => reach::too_long(call),
        ("sendto", libc::EINVAL) => reach::from_loopback(session, call),
        (_, libc::EBADF) => descriptor::not_open(session, call),
        (_, libc::ENOTSOCK) => descriptor::something_else(session, call),
        (_, libc::EMFILE) => descriptor::too_many(session),
        ("recv" | "recvfrom", libc::ENOTCONN) => connection::not_connected(session, call),
        ("send" | "sendto", libc::ENOTCONN | libc::EPIPE) => connection::cannot_send(session, call),
        ("shutdown" | "getpeername", libc::ENOTCONN) => connection::not_connected(session, call),
        (_, libc::ECONNRESET) => connection::reset(session, call),
        ("accept", libc::EINVAL) => connection::not_listening(session, call),
        ("listen", libc::EINVAL) => connection::connected(session, call),
        ("connect" | "sendto", libc::EISCONN) => connection::connected(session, call),
        ("connect", libc::ETIMEDOUT) => timing::no_answer(session, call)?,
        ("connect", libc::EALREADY) => connection::under_way(session, call),
        ("recv" | "recvfrom" | "accept", libc::EAGAIN) => connection::nothing_yet(session, call),
        ("send" | "sendto", libc::EAGAIN) => connection::full(session, call),
        ("getsockopt" | "setsockopt", _) => options::refused(session, call, errno),
        _ => Evidence::default(),
    };
    Ok(found)
}

/// The socket that a call is about.
fn end_of<'a>(session: &'a Session, call: &Call) -> Option<&'a End> {
    let fd = call.descriptor()?;
    session.ends().iter().find(|end| end.has_fd(fd))
}

/// How many bytes a call was to send.
fn size(call: &Call) -> Option<usize> {
    call.arguments.iter().find_map(|argument| match argument {
        Value::Bytes(bytes) => Some(bytes.len()),
        _ => None,
    })
}
