//! `setsockopt`: sets an option of a socket, setsockopt(2).

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::options::Access;
use crate::outcome::Failure;
use crate::worker::call::Call;

/// The row of `setsockopt`.
pub(super) static VERB: Verb = Verb {
    name: "setsockopt",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::Socket),
        needed("OPTION", Kind::Option(Access::Set)),
        needed("VALUE", Kind::OptionValue),
    ],
    summary: "Sets an option of a socket, setsockopt(2).",
    details: "The value is typed as the option wants it: `SO_REUSEADDR 1`, `SO_RCVBUF 64K`, `SO_RCVTIMEO 2s`, \
              `IP_ADD_MEMBERSHIP 239.1.1.1 127.0.0.1`; `explain SO_RCVTIMEO` says what it is. SO_LINGER 0 makes close \
              break the connection off with RST, in place of ending it with FIN. Afterwards the option is read back: \
              where the kernel has made something else of the value, that is said.",
    example: &[
        "srv = socket tcp",
        "setsockopt srv SO_REUSEADDR 1",
        "setsockopt srv SO_RCVTIMEO 2s",
        "bind srv 127.0.0.1:0",
        "listen srv",
    ],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let (Some(option), Some(value)) = (arguments.option(1), arguments.memory(2)) else {
        return Err(Failure::new("setsockopt needs an option and a value"));
    };
    Ok(option.set(arguments.fd(0), value))
}
