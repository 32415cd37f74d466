//! `socketpair`: makes two sockets that are connected to each other, socketpair(2).

use super::socket::{DOMAINS, PROTOCOLS, TYPES, kind_of_socket};
use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::language::is_name;
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// The row of `socketpair`.
pub(super) static VERB: Verb = Verb {
    name: "socketpair",
    group: Group::Calls,
    arguments: &[
        needed("NAME", Kind::Word(&[])),
        needed("NAME", Kind::Word(&[])),
        optional("DOMAIN", Kind::Constant(DOMAINS)),
        optional("TYPE", Kind::Constant(TYPES)),
        optional("PROTOCOL", Kind::Constant(PROTOCOLS)),
    ],
    summary: "Makes two sockets that are connected to each other, socketpair(2).",
    details: "`socketpair a b` names both. Without a domain they are stream sockets of AF_UNIX; `socketpair a b \
              unix-dgram` makes another type. They have no address and need none: bind, listen and connect are left \
              out. A program makes such a pair before fork, and talks to its child over it.",
    example: &["socketpair a b", "send a \"hello\"", "recv b 100", "close a", "recv b 100"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let name = |place| arguments.word(place).unwrap_or_default().to_owned();
    let names = [name(0), name(1)];
    if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
        return Err(Failure::new(format!("`{wrong}` cannot be the name of a socket"))
            .next("a name starts with a letter, as in `socketpair a b`"));
    }
    if names[0] == names[1] {
        return Err(
            Failure::new("both sockets would have the same name").next("for example `socketpair a b`")
        );
    }
    let mut given = match arguments.get(2) {
        Some(_) => kind_of_socket(arguments, 2)?,
        None => vec![
            Value::Constant(i64::from(libc::AF_UNIX), "AF_UNIX".into()),
            Value::Constant(i64::from(libc::SOCK_STREAM), "SOCK_STREAM".into()),
            Value::Number(0),
        ],
    };
    given.push(Value::PairOut(names));
    Ok(Call::once("socketpair", libc::SYS_socketpair, given))
}
