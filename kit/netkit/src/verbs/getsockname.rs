//! `getsockname`: asks the kernel for a socket's own address, getsockname(2).

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `getsockname`.
pub(super) static VERB: Verb = Verb {
    name: "getsockname",
    group: Group::Calls,
    arguments: &[needed("S", Kind::Socket)],
    summary: "Asks the kernel for a socket's own address, getsockname(2).",
    details: "This is how a program learns which port the kernel chose for it.",
    example: &["s = socket tcp", "bind s 127.0.0.1:0", "getsockname s"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("getsockname", libc::SYS_getsockname, vec![arguments.socket(0), Value::AddressOut]))
}
