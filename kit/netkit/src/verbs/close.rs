//! `close`: closes a descriptor, close(2).

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::Failure;
use crate::worker::call::Call;

/// The row of `close`.
pub(super) static VERB: Verb = Verb {
    name: "close",
    group: Group::Calls,
    arguments: &[needed("S", Kind::Socket)],
    summary: "Closes a descriptor, close(2).",
    details: "The number is free again. If no other descriptor leads to the socket, the connection is ended as well: with FIN, or with RST when bytes are left unread. What the kernel keeps of it, up to TIME-WAIT, stays in sight here.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "close c",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("close", libc::SYS_close, vec![arguments.socket(0)]))
}
