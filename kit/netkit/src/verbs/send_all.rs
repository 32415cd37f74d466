//! `send-all`: sends all of the bytes: send, again and again, until none is left.

use super::send::sending;
use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Until, Value};

/// The row of `send-all`.
pub(super) static VERB: Verb = Verb {
    name: "send-all",
    group: Group::Loops,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_SEND)), needed("DATA", Kind::Data)],
    summary: "Sends all of the bytes: send, again and again, until none is left.",
    details: "A single send may take only a part. This loop is what every program needs, and no system call: it is shown with the number of calls that it took.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "send-all c \"\\(random:64K)\"",
        "recv-exact conn 64K",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(sending(arguments, Value::Number(0)).until(Until::AllSent))
}
