//! `setsockopt`: sets an option of a socket, setsockopt(2).

use super::{Arguments, Constant, Group, Kind, Run, Verb, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `setsockopt`.
pub(super) static VERB: Verb = Verb {
    name: "setsockopt",
    group: Group::Calls,
    arguments: &[
        needed("S", Kind::Socket),
        needed("OPTION", Kind::Constant(OPTIONS)),
        needed("VALUE", Kind::Number),
    ],
    summary: "Sets an option of a socket, setsockopt(2).",
    details: "SO_REUSEADDR 1, set before bind, lets a server take its port again while old connections are in \
              TIME-WAIT. SO_RCVBUF and SO_SNDBUF set how many bytes the queues may hold; the kernel doubles \
              the value to have room for its own book-keeping. SO_LINGER 0 makes close break the connection off \
              with RST, in place of ending it with FIN.",
    example: &["srv = socket tcp", "setsockopt srv SO_REUSEADDR 1", "bind srv 127.0.0.1:0", "listen srv"],
    run: Run::Call(call),
};

static OPTIONS: &[Constant] = &[
    Constant { name: "SO_LINGER", short: &[], value: libc::SO_LINGER as i64 },
    Constant { name: "SO_REUSEADDR", short: &[], value: libc::SO_REUSEADDR as i64 },
    Constant { name: "SO_RCVBUF", short: &[], value: libc::SO_RCVBUF as i64 },
    Constant { name: "SO_SNDBUF", short: &[], value: libc::SO_SNDBUF as i64 },
];

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let level = Value::Constant(i64::from(libc::SOL_SOCKET), "SOL_SOCKET".into());
    let number = arguments.number(2).unwrap_or(0);
    let value =
        i32::try_from(number).map_err(|_| Failure::new(format!("{number} is more than an int holds")))?;
    let option = arguments.constant(1);
    let linger = matches!(option, Value::Constant(number, _) if number == i64::from(libc::SO_LINGER));
    let value = if linger { Value::Linger(value) } else { Value::Integer(value) };
    let given = vec![arguments.socket(0), level, option, value];
    Ok(Call::once("setsockopt", libc::SYS_setsockopt, given))
}
