//! `send`: sends bytes on a connected socket, send(2).

use super::{Arguments, Group, Kind, MESSAGE_FLAGS, Run, Verb, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `send`.
pub(super) static VERB: Verb = Verb {
    name: "send",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::Socket),
        needed("DATA", Kind::Data),
        optional("FLAGS", Kind::Constant(MESSAGE_FLAGS)),
    ],
    summary: "Sends bytes on a connected socket, send(2).",
    details: "It returns how many bytes the kernel took into the send queue, which may be fewer than were given. That says nothing about their arrival. Bytes are written as in C: send c \"hello\\n\\x00\"; \\(nonce) and \\(random:16M) inside a string make bytes that nobody can guess.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send c \"hello\\n\"",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let flags = arguments.constant(2);
    let none = [Value::Hidden(0), Value::Hidden(0)];
    let given = [arguments.socket(0), Value::Bytes(arguments.data(1)), flags];
    // send(2) is sendto(2) without an address.
    Ok(Call::once("send", libc::SYS_sendto, given.into_iter().chain(none).collect()))
}
