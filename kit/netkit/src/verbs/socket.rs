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
    details: "The domain says what addresses look like: AF_INET is IPv4, AF_INET6 is IPv6, AF_UNIX stays within \
              this machine. The type says what is carried: SOCK_STREAM a stream of bytes, SOCK_DGRAM single \
              datagrams, SOCK_SEQPACKET whole messages over a connection (AF_UNIX only). Short words say both: tcp, \
              udp, tcp6, udp6, unix, unix-dgram, unix-seqpacket. SOCK_NONBLOCK and SOCK_CLOEXEC may be added to the \
              type: `socket tcp SOCK_NONBLOCK`. A new socket has no address and no peer. Its descriptor is the lowest \
              number that is free; `c = socket tcp` gives it a name as well.",
    example: &[
        "c = socket tcp",
        "d = socket AF_INET SOCK_DGRAM",
        "e = socket AF_UNIX SOCK_STREAM|SOCK_CLOEXEC",
        "fds",
    ],
    run: Run::Call(call),
};

/// A short word stands where the domain stands, and says the type as well: its value holds both.
const fn both(domain: i32, kind: i32) -> i64 {
    domain as i64 | (kind as i64) << 32
}

const fn short(name: &'static str, domain: i32, kind: i32) -> Constant {
    Constant { name, short: &[], value: both(domain, kind) }
}

const fn plain(name: &'static str, short: &'static [&'static str], value: i32) -> Constant {
    Constant { name, short, value: value as i64 }
}

pub(super) static DOMAINS: &[Constant] = &[
    short("tcp", libc::AF_INET, libc::SOCK_STREAM),
    short("udp", libc::AF_INET, libc::SOCK_DGRAM),
    short("tcp6", libc::AF_INET6, libc::SOCK_STREAM),
    short("udp6", libc::AF_INET6, libc::SOCK_DGRAM),
    short("unix", libc::AF_UNIX, libc::SOCK_STREAM),
    short("unix-dgram", libc::AF_UNIX, libc::SOCK_DGRAM),
    short("unix-seqpacket", libc::AF_UNIX, libc::SOCK_SEQPACKET),
    plain("AF_INET", &["PF_INET"], libc::AF_INET),
    plain("AF_INET6", &["PF_INET6"], libc::AF_INET6),
    plain("AF_UNIX", &["AF_LOCAL", "PF_UNIX", "PF_LOCAL"], libc::AF_UNIX),
];

pub(super) static TYPES: &[Constant] = &[
    plain("SOCK_STREAM", &["stream"], libc::SOCK_STREAM),
    plain("SOCK_DGRAM", &["dgram"], libc::SOCK_DGRAM),
    plain("SOCK_SEQPACKET", &["seqpacket"], libc::SOCK_SEQPACKET),
    plain("SOCK_RAW", &["raw"], libc::SOCK_RAW),
    plain("SOCK_NONBLOCK", &["nonblock"], libc::SOCK_NONBLOCK),
    plain("SOCK_CLOEXEC", &["cloexec"], libc::SOCK_CLOEXEC),
];

pub(super) static PROTOCOLS: &[Constant] = &[
    plain("0", &[], 0),
    plain("IPPROTO_TCP", &[], libc::IPPROTO_TCP),
    plain("IPPROTO_UDP", &[], libc::IPPROTO_UDP),
    plain("IPPROTO_ICMP", &[], libc::IPPROTO_ICMP),
    plain("IPPROTO_ICMPV6", &[], libc::IPPROTO_ICMPV6),
];

/// The flags that may be added to a type; the rest of it is the type itself.
const FLAGS: i64 = (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as i64;

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    Ok(Call::once("socket", libc::SYS_socket, kind_of_socket(arguments, 0)?).opening())
}

/// Domain, type and protocol as C gives them, from the three words that start at a place.
pub(super) fn kind_of_socket(arguments: &Arguments, place: usize) -> Result<Vec<Value>, Failure> {
    let Value::Constant(domain, word) = arguments.constant(place) else {
        return Err(Failure::new("a domain is needed here, such as AF_INET"));
    };
    let (number, said) = (domain & 0xffff_ffff, domain >> 32);
    let name = |constants: &[Constant], value: i64| {
        constants.iter().find(|known| known.value == value).map_or("?", |known| known.name)
    };
    let kind = match (said, arguments.constant(place + 1)) {
        (0, Value::Constant(value, _)) if value & !FLAGS == 0 => {
            return Err(Failure::new("SOCK_NONBLOCK and SOCK_CLOEXEC are no types: they are added to one")
                .next(format!("for example `socket {word} SOCK_STREAM|SOCK_NONBLOCK`")));
        }
        (0, kind @ Value::Constant(..)) => kind,
        (0, _) => {
            return Err(Failure::new(format!("`{word}` needs a type behind it: SOCK_STREAM or SOCK_DGRAM"))
                .next("`socket tcp` and `socket udp` say both at once"));
        }
        (said, Value::Constant(flags, names)) if flags & !FLAGS == 0 => {
            Value::Constant(said | flags, format!("{}|{names}", name(TYPES, said)))
        }
        (_, Value::Constant(..)) => {
            return Err(Failure::new(format!("`{word}` says the type already"))
                .next("leave the type out; SOCK_NONBLOCK and SOCK_CLOEXEC may stand there"));
        }
        (said, _) => Value::Constant(said, name(TYPES, said).into()),
    };
    let domain = Value::Constant(number, name(DOMAINS, number).into());
    Ok(vec![domain, kind, arguments.constant(place + 2)])
}
