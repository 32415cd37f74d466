//! `getpeername`: asks the kernel for a socket's other end, getpeername(2).

use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `getpeername`.
pub(super) static VERB: Verb = Verb {
    name: "getpeername",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::HAS_PEER))],
    summary: "Asks the kernel for a socket's other end, getpeername(2).",
    details: "It is the address that the connection goes to; a socket without a connection has none.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "getpeername conn",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("getpeername", libc::SYS_getpeername, vec![arguments.socket(0), Value::AddressOut]))
}
