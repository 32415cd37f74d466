//! `recvfrom`: receives one datagram and says who sent it, recvfrom(2).

use super::{Arguments, Group, Kind, RECV_FLAGS, Run, Verb, fit, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `recvfrom`.
pub(super) static VERB: Verb = Verb {
    name: "recvfrom",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::SocketThat(&fit::BOUND_DATAGRAM)),
        needed("SIZE", Kind::Size),
        optional("FLAGS", Kind::Constant(RECV_FLAGS)),
    ],
    summary: "Receives one datagram and says who sent it, recvfrom(2).",
    details: "What is longer than SIZE is cut off and lost. A datagram may be empty: 0 bytes are not the end of \
              anything. `who = recvfrom b 100` gives the sender's address a name: `sendto b \"hi\" who` answers.",
    example: &[
        "a = socket udp",
        "bind a 127.0.0.1:0",
        "b = socket udp",
        "bind b 127.0.0.1:0",
        "sendto a \"hello\" b",
        "who = recvfrom b 100",
        "sendto b \"and hello\" who",
        "recvfrom a 100",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let flags = arguments.constant(2);
    let room = Value::Room(arguments.number(1).unwrap_or(0));
    Ok(Call::once("recvfrom", libc::SYS_recvfrom, vec![arguments.socket(0), room, flags, Value::AddressOut]))
}
