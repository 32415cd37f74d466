//! `dup`: a second descriptor for a socket, dup(2).

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::Failure;
use crate::worker::call::Call;

/// The row of `dup`.
pub(super) static VERB: Verb = Verb {
    name: "dup",
    group: Group::Calls,
    arguments: &[needed("S", Kind::Socket)],
    summary: "Makes a second descriptor for the same socket, dup(2).",
    details: "There is one socket still, with one state and one pair of queues; both descriptors lead to it. close \
              takes a descriptor away, and the connection ends when the last one is closed. shutdown ends it for all \
              of them. After fork it is the same: parent and child each have a descriptor.",
    example: &["socketpair a b", "a2 = dup a", "close a", "send a2 \"still here\"", "close a2"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("dup", libc::SYS_dup, vec![arguments.socket(0)]).opening())
}
