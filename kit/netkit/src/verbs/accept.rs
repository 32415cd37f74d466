//! `accept`: takes a connection out of a listener's accept queue, accept(2).

use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `accept`.
pub(super) static VERB: Verb = Verb {
    name: "accept",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::LISTENS))],
    summary: "Takes a connection out of a listener's accept queue, accept(2).",
    details: "The connection gets a socket of its own, with a new descriptor: `conn = accept srv` names it. While the queue is empty the call blocks; with `&` behind it the prompt is yours meanwhile.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "conn = accept srv &",
        "c = socket tcp",
        "connect c srv",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("accept", libc::SYS_accept, vec![arguments.socket(0), Value::AddressOut]).opening())
}
