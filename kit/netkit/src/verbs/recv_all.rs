//! `recv-all`: receives until the other end has ended its side.

use super::recv::receiving;
use super::{Arguments, Group, Kind, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Until, Value};

/// The row of `recv-all`.
pub(super) static VERB: Verb = Verb {
    name: "recv-all",
    group: Group::Loops,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_RECEIVE)), optional("LIMIT", Kind::Size)],
    summary: "Receives until the other end has ended its side.",
    details: "LIMIT is 64M if you leave it out.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send c \"bye\"",
        "close c",
        "recv-all conn",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let limit = arguments.number(1).unwrap_or(64 << 20);
    Ok(receiving(arguments, limit, Value::Number(0)).until(Until::Ended { limit }))
}
