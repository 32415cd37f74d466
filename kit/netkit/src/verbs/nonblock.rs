//! `nonblock`: whether calls on a socket wait, fcntl(2).

use super::{Arguments, Group, Kind, Plan, Run, Verb, needed, optional};
use crate::outcome::Failure;
use crate::session::{Session, flags};
use crate::worker::call::{Call, Value};

/// The row of `nonblock`.
pub(super) static VERB: Verb = Verb {
    name: "nonblock",
    group: Group::Calls,
    arguments: &[needed("S", Kind::Socket), optional("ON", Kind::Word(&["on", "off"]))],
    summary: "Makes calls on a socket return at once in place of waiting, fcntl(2); without ON, says whether they do.",
    details: "On a non-blocking socket a call that would have to wait fails with EAGAIN, and connect with \
              EINPROGRESS: it goes on in the kernel, `poll S:out` says when it has ended, and `getsockopt S SO_ERROR` \
              how. In C the flags are read first (F_GETFL), and set with O_NONBLOCK among them (F_SETFL). Descriptors \
              that dup made share them. For one call only, MSG_DONTWAIT does the same.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "nonblock srv on",
        "! accept srv",
        "nonblock srv",
    ],
    run: Run::Planned(plan),
};

fn plan(session: &mut Session, arguments: &Arguments) -> Result<Plan, Failure> {
    let fd = arguments.fd(0);
    let on = match arguments.word(1) {
        Some(word) => word == "on",
        None => return Ok(Plan::Call(flags::get(fd))),
    };
    let read = session.make_quietly(vec![flags::get(fd)])?;
    // What cannot be read cannot be set: the call that is shown says why.
    let Some(before) = read.first().filter(|read| read.ok()).map(|read| read.value) else {
        return Ok(Plan::Call(flags::get(fd)));
    };
    let nonblock = i64::from(libc::O_NONBLOCK);
    let after = if on { before | nonblock } else { before & !nonblock };
    let operation = Value::Constant(libc::F_SETFL.into(), "F_SETFL".into());
    let given = vec![arguments.socket(0), operation, Value::Constant(after, flags::names(after))];
    Ok(Plan::Call(Call::once("fcntl", libc::SYS_fcntl, given)))
}
