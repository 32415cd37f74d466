//! `connect`: connects a socket to an address, connect(2).

use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::Call;

/// The row of `connect`.
pub(super) static VERB: Verb = Verb {
    name: "connect",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::CAN_CONNECT)), needed("ADDRESS", Kind::Address)],
    summary: "Connects a socket to an address, connect(2).",
    details: "With TCP the kernel shakes hands with the other side: SYN, SYN,ACK, ACK. With UDP nothing is sent; the address is only remembered as the peer. A name of a host, `localhost:7777`, is looked up first. In place of the address you may give a socket or a program, whose address is then meant. `connect u AF_UNSPEC` takes the peer of a datagram socket away again.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "c = socket tcp", "connect c srv"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("connect", libc::SYS_connect, vec![arguments.socket(0), arguments.address(1)]))
}
