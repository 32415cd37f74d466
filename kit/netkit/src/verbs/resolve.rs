//! `resolve`: what a name stands for, getaddrinfo(3).

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::address::Address;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use dns_lookup::{AddrInfo, AddrInfoHints};
use serde_json::{Value, json};

/// The row of `resolve`.
pub(super) static VERB: Verb = Verb {
    name: "resolve",
    group: Group::Look,
    arguments: &[needed("NAME", Kind::Word(&[])), optional("SERVICE", Kind::Word(&[]))],
    summary: "Shows all addresses of a name, getaddrinfo(3).",
    details: "A name may have many addresses, of IPv4 and of IPv6. They stand in the order in which a program should \
              try them (RFC 6724). Each comes once for every type of socket, as getaddrinfo returns it when it is \
              given no hints. SERVICE is a port or a name out of /etc/services. It is no system call but a part of the \
              C library: it reads /etc/hosts and asks the name server.",
    example: &["resolve localhost", "resolve 127.0.0.1 80"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default().to_owned();
    let service = arguments.word(1).map(str::to_owned);
    let found = session.resolve(&name, service.as_deref(), AddrInfoHints::default())?;
    let mut rows = vec![["FAMILY", "TYPE", "PROTOCOL", "ADDRESS"].map(String::from).to_vec()];
    rows.extend(found.iter().map(|answer| row(answer, service.is_some())));
    let facts: Value = found.iter().map(fact).collect();
    Ok(Report { lines: table(&rows), facts: json!({ "name": name, "service": service, "answers": facts }) })
}

fn row(answer: &AddrInfo, with_port: bool) -> Vec<String> {
    let address = if with_port { answer.sockaddr.to_string() } else { answer.sockaddr.ip().to_string() };
    let [family, kind, protocol] = names(answer);
    vec![family, kind, protocol, address]
}

fn fact(answer: &AddrInfo) -> Value {
    let [family, kind, protocol] = names(answer);
    json!({ "family": family, "type": kind, "protocol": protocol, "address": answer.sockaddr })
}

/// Family, type and protocol by their names in C.
fn names(answer: &AddrInfo) -> [String; 3] {
    let kind = match answer.socktype {
        libc::SOCK_STREAM => "SOCK_STREAM".into(),
        libc::SOCK_DGRAM => "SOCK_DGRAM".into(),
        libc::SOCK_RAW => "SOCK_RAW".into(),
        other => other.to_string(),
    };
    let protocol = match answer.protocol {
        libc::IPPROTO_TCP => "IPPROTO_TCP".into(),
        libc::IPPROTO_UDP => "IPPROTO_UDP".into(),
        libc::IPPROTO_IP => "IPPROTO_IP".into(),
        other => other.to_string(),
    };
    [Address::from(answer.sockaddr).family_name().to_owned(), kind, protocol]
}
