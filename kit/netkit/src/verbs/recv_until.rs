//! `recv-until`: receives a byte at a time until the delimiter is there.

use super::recv::receiving;
use super::{Arguments, Group, Kind, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Until, Value};

/// The row of `recv-until`.
pub(super) static VERB: Verb = Verb {
    name: "recv-until",
    group: Group::Loops,
    arguments: &[
        needed("S", Kind::SocketThat(&fit::CAN_RECEIVE)),
        needed("DELIMITER", Kind::Data),
        optional("LIMIT", Kind::Size),
    ],
    summary: "Receives a byte at a time until the delimiter is there.",
    details: "A byte at a time, because nothing may be taken that belongs to the next message. The delimiter is part of what is shown. LIMIT is 64K if you leave it out.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send c \"one\\ntwo\\n\"",
        "recv-until conn \"\\n\"",
        "recv-until conn \"\\n\"",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let limit = arguments.number(2).unwrap_or(64 << 10);
    let until = Until::Found { delimiter: arguments.data(1), limit };
    Ok(receiving(arguments, 1, Value::Number(0)).until(until))
}
