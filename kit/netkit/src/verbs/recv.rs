//! `recv`: receives up to SIZE bytes, recv(2).

use super::{Arguments, Group, Kind, MESSAGE_FLAGS, Run, Verb, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `recv`.
pub(super) static VERB: Verb = Verb {
    name: "recv",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::Socket),
        needed("SIZE", Kind::Size),
        optional("FLAGS", Kind::Constant(MESSAGE_FLAGS)),
    ],
    summary: "Receives up to SIZE bytes, recv(2).",
    details: "It returns what is there, up to SIZE: one byte or many, whatever the sender's calls were. While nothing is there it blocks. On TCP, 0 bytes mean that the other end has ended its side. On UDP it takes one datagram, and what is longer than SIZE is lost.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send c \"hello\"",
        "recv conn 100",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let flags = arguments.constant(2);
    let room = Value::Room(arguments.number(1).unwrap_or(0));
    let none = [Value::Hidden(0), Value::Hidden(0)];
    // recv(2) is recvfrom(2) that does not ask who sent.
    Ok(Call::once(
        "recv",
        libc::SYS_recvfrom,
        [arguments.socket(0), room, flags].into_iter().chain(none).collect(),
    ))
}
