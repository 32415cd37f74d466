//! `socket`: makes a socket, socket(2).

use super::{Arguments, Constant, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `socket`.
pub(super) static VERB: Verb = Verb {
    name: "socket",
    group: Group::Calls,
    arguments: &[
        needed("DOMAIN", Kind::Constant(DOMAINS)),
        optional("TYPE", Kind::Constant(TYPES)),
        optional("PROTOCOL", Kind::Constant(PROTOCOLS)),
    ],
    summary: "Makes a socket and returns its descriptor.",
    details: "`socket tcp` and `socket udp` are short for `socket AF_INET SOCK_STREAM` and \
              `socket AF_INET SOCK_DGRAM`. A new socket has no address and no peer. Its descriptor is the \
              lowest number that is free; `c = socket tcp` gives it a name as well.",
    example: &["c = socket tcp", "d = socket AF_INET SOCK_DGRAM", "fds"],
    run: Run::Call(call),
};

// `tcp` and `udp` stand where the domain stands, and say the type as well: their value
// holds both.
const TCP: i64 = libc::AF_INET as i64 | (libc::SOCK_STREAM as i64) << 32;
const UDP: i64 = libc::AF_INET as i64 | (libc::SOCK_DGRAM as i64) << 32;

static DOMAINS: &[Constant] = &[
    Constant { name: "tcp", short: &[], value: TCP },
    Constant { name: "udp", short: &[], value: UDP },
    Constant { name: "AF_INET", short: &["PF_INET"], value: libc::AF_INET as i64 },
];

static TYPES: &[Constant] = &[
    Constant { name: "SOCK_STREAM", short: &["stream"], value: libc::SOCK_STREAM as i64 },
    Constant { name: "SOCK_DGRAM", short: &["dgram"], value: libc::SOCK_DGRAM as i64 },
];

static PROTOCOLS: &[Constant] = &[
    Constant { name: "0", short: &[], value: 0 },
    Constant { name: "IPPROTO_TCP", short: &[], value: libc::IPPROTO_TCP as i64 },
    Constant { name: "IPPROTO_UDP", short: &[], value: libc::IPPROTO_UDP as i64 },
];

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let Value::Constant(domain, _) = arguments.constant(0) else {
        return Err(Failure::new("socket needs a domain"));
    };
    let kind = match (domain >> 32, arguments.get(1)) {
        (0, Some(_)) => arguments.constant(1),
        (0, None) => {
            return Err(Failure::new("`socket AF_INET` needs a type behind it: SOCK_STREAM or SOCK_DGRAM")
                .next("`socket tcp` and `socket udp` say both at once"));
        }
        (_, Some(_)) => {
            return Err(Failure::new("`socket tcp` and `socket udp` say the type already")
                .next("leave out the second word"));
        }
        (kind, None) if kind == i64::from(libc::SOCK_STREAM) => Value::Constant(kind, "SOCK_STREAM".into()),
        (kind, None) => Value::Constant(kind, "SOCK_DGRAM".into()),
    };
    let domain = Value::Constant(i64::from(libc::AF_INET), "AF_INET".into());
    Ok(Call::once("socket", libc::SYS_socket, vec![domain, kind, arguments.constant(2)]).opening())
}
