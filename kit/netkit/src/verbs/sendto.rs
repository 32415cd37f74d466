//! `sendto`: sends one datagram to an address, sendto(2).

use super::{Arguments, Group, Kind, Run, SEND_FLAGS, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `sendto`.
pub(super) static VERB: Verb = Verb {
    name: "sendto",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::SocketThat(&fit::DATAGRAM)),
        needed("DATA", Kind::Data),
        needed("ADDRESS", Kind::Address),
        optional("FLAGS", Kind::Constant(SEND_FLAGS)),
    ],
    summary: "Sends one datagram to an address, sendto(2).",
    details: "On UDP each call is one datagram, which arrives whole or not at all. A socket that was not bound gets a port from the kernel with its first one.",
    example: &[
        "a = socket udp",
        "bind a 127.0.0.1:0",
        "b = socket udp",
        "bind b 127.0.0.1:0",
        "sendto a \"hello\" b",
        "recvfrom b 100",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let flags = arguments.constant(3);
    let given = vec![arguments.socket(0), Value::Bytes(arguments.data(1)), flags, arguments.address(2)];
    Ok(Call::once("sendto", libc::SYS_sendto, given))
}
