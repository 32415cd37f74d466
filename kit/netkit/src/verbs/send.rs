//! `send`: sends bytes on a connected socket, send(2).

use super::{Arguments, Group, Kind, Run, SEND_FLAGS, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `send`.
pub(super) static VERB: Verb = Verb {
    name: "send",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::SocketThat(&fit::CAN_SEND)),
        needed("DATA", Kind::Data),
        optional("FLAGS", Kind::Constant(SEND_FLAGS)),
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
    Ok(sending(arguments, arguments.constant(2)))
}

/// send(2) of the second argument on the socket that is the first. It is sendto(2) without
/// an address.
pub(super) fn sending(arguments: &Arguments, flags: Value) -> Call {
    let bytes = Value::Bytes(arguments.data(1));
    Call::once(
        "send",
        libc::SYS_sendto,
        vec![arguments.socket(0), bytes, flags, Value::Hidden(0), Value::Hidden(0)],
    )
}
