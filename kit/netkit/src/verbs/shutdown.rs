//! `shutdown`: ends one or both directions of a connection, shutdown(2).

use super::{Arguments, Constant, Group, Kind, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `shutdown`.
pub(super) static VERB: Verb = Verb {
    name: "shutdown",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_SHUT_DOWN)), optional("HOW", Kind::Constant(HOW))],
    summary: "Ends one or both directions of a connection, shutdown(2).",
    details: "`shutdown S WR` (which is meant if you leave HOW out) sends a FIN: this end will send no more, \
              and can still receive, the half-close. The descriptor stays open until `close`.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "conn = accept srv",
        "shutdown c WR",
        "recv conn 100",
    ],
    run: Run::Call(call),
};

static HOW: &[Constant] = &[
    Constant { name: "SHUT_WR", short: &["WR", "wr"], value: libc::SHUT_WR as i64 },
    Constant { name: "SHUT_RD", short: &["RD", "rd"], value: libc::SHUT_RD as i64 },
    Constant { name: "SHUT_RDWR", short: &["RDWR", "rdwr"], value: libc::SHUT_RDWR as i64 },
];

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let how = match arguments.get(1) {
        Some(_) => arguments.constant(1),
        None => Value::Constant(i64::from(libc::SHUT_WR), "SHUT_WR".into()),
    };
    Ok(Call::once("shutdown", libc::SYS_shutdown, vec![arguments.socket(0), how]))
}
