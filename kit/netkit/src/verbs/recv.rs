//! `recv`: receives up to SIZE bytes, recv(2).

use super::{Arguments, Group, Kind, RECV_FLAGS, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `recv`.
pub(super) static VERB: Verb = Verb {
    name: "recv",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::SocketThat(&fit::CAN_RECEIVE)),
        needed("SIZE", Kind::Size),
        optional("FLAGS", Kind::Constant(RECV_FLAGS)),
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
    Ok(receiving(arguments, arguments.number(1).unwrap_or(0), arguments.constant(2)))
}

/// recv(2) on the socket that is the first argument. It is recvfrom(2) that does not ask
/// who sent.
pub(super) fn receiving(arguments: &Arguments, room: u64, flags: Value) -> Call {
    let given = vec![arguments.socket(0), Value::Room(room), flags, Value::Hidden(0), Value::Hidden(0)];
    Call::once("recv", libc::SYS_recvfrom, given)
}
