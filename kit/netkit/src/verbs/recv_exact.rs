//! `recv-exact`: receives exactly SIZE bytes: recv, again and again, until all are there.

use super::recv::receiving;
use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Until, Value};

/// The row of `recv-exact`.
pub(super) static VERB: Verb = Verb {
    name: "recv-exact",
    group: Group::Loops,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_RECEIVE)), needed("SIZE", Kind::Size)],
    summary: "Receives exactly SIZE bytes: recv, again and again, until all are there.",
    details: "TCP keeps the bytes and their order, and nothing else: one send may come as several recv, and several as one. If the stream ends before, the line fails and shows what came.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send c \"hel\"",
        "send c \"lo\"",
        "recv-exact conn 5",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let size = arguments.number(1).unwrap_or(0);
    Ok(receiving(arguments, size, Value::Number(0)).until(Until::Received(size)))
}
