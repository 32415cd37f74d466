//! `listen`: makes a bound TCP socket wait for connections, listen(2).

use super::{Arguments, Group, Kind, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `listen`.
pub(super) static VERB: Verb = Verb {
    name: "listen",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_LISTEN)), optional("BACKLOG", Kind::Number)],
    summary: "Makes a bound TCP socket wait for connections, listen(2).",
    details: "From now on the kernel completes handshakes by itself and puts the connections into the accept queue, up to BACKLOG (128 if you leave it out). `accept` takes them out.",
    example: &["s = socket tcp", "bind s 127.0.0.1:0", "listen s 5", "show s"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let backlog = i64::try_from(arguments.number(1).unwrap_or(128)).unwrap_or(i64::MAX);
    Ok(Call::once("listen", libc::SYS_listen, vec![arguments.socket(0), Value::Number(backlog)]))
}
