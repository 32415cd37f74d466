//! `bind`: gives a socket its own address, bind(2).

use super::{Arguments, Group, Kind, Run, Verb, fit, needed};
use crate::outcome::Failure;
use crate::worker::call::Call;

/// The row of `bind`.
pub(super) static VERB: Verb = Verb {
    name: "bind",
    group: Group::Calls,
    arguments: &[needed("S", Kind::SocketThat(&fit::UNBOUND)), needed("ADDRESS", Kind::OwnAddress)],
    summary: "Gives a socket its own address, bind(2).",
    details: "The address is an IP address of this machine and a port, `127.0.0.1:7777`; `:7777` means all addresses of this machine, and port 0 lets the kernel choose a free one (`getsockname` tells which). A socket of AF_INET6 takes `[::1]:7777`, and `[::]:7777` for all addresses, those of IPv4 among them. A socket of AF_UNIX takes a path, `unix:PATH`, where bind makes a file, or a name that is in no folder, `unix:@NAME`; with `unix:` alone the kernel chooses one. A server binds so that clients know where to find it; a client rarely does.",
    example: &["s = socket tcp", "bind s 127.0.0.1:0", "getsockname s"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("bind", libc::SYS_bind, vec![arguments.socket(0), arguments.address(1)]))
}
