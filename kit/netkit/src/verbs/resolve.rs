//! `resolve`: what a name stands for, getaddrinfo(3).

use super::socket::TYPES;
use super::{Arguments, Constant, Group, Kind, Run, Verb, needed, optional};
use crate::address::Address;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use crate::worker::call::Value;
use dns_lookup::{AddrInfo, AddrInfoHints};
use serde_json::{Value as Json, json};

/// The row of `resolve`.
pub(super) static VERB: Verb = Verb {
    name: "resolve",
    group: Group::Look,
    arguments: &[
        needed("NAME", Kind::Word(&[])),
        optional("SERVICE", Kind::Word(&[])),
        optional("FAMILY", Kind::Constant(FAMILIES)),
        optional("TYPE", Kind::Constant(TYPES)),
    ],
    summary: "Shows all addresses of a name, getaddrinfo(3).",
    details: "A name may have many addresses, of IPv4 and of IPv6. They stand in the order in which a program should \
              try them (RFC 6724). Each comes once for every type of socket, as getaddrinfo returns it when it is \
              given no hints. SERVICE is a port or a name out of /etc/services; it may stand behind a colon as well. FAMILY and TYPE are the hints: with them only \
              answers for such a socket come (AF_UNSPEC: of any family). It is no system call but a part of the \
              C library: it reads /etc/hosts and asks the name server.",
    example: &["resolve localhost", "resolve 127.0.0.1:80", "resolve localhost 80 AF_INET SOCK_STREAM"],
    run: Run::Session(run),
};

static FAMILIES: &[Constant] = &[
    Constant { name: "AF_UNSPEC", short: &[], value: libc::AF_UNSPEC as i64 },
    Constant { name: "AF_INET", short: &[], value: libc::AF_INET as i64 },
    Constant { name: "AF_INET6", short: &[], value: libc::AF_INET6 as i64 },
];

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let word = arguments.word(0).unwrap_or_default();
    let (name, behind) = parts(word);
    let (name, service) = (name.to_owned(), arguments.word(1).or(behind).map(str::to_owned));
    let hint = |place| match arguments.get(place) {
        Some(_) => match arguments.constant(place) {
            Value::Constant(number, _) => i32::try_from(number).unwrap_or(0),
            _ => 0,
        },
        None => 0,
    };
    let hints = AddrInfoHints { address: hint(2), socktype: hint(3), ..AddrInfoHints::default() };
    let found = session.resolve(&name, service.as_deref(), hints)?;
    let mut rows = vec![["FAMILY", "TYPE", "PROTOCOL", "ADDRESS"].map(String::from).to_vec()];
    rows.extend(found.iter().map(|answer| row(answer, service.is_some())));
    let facts: Json = found.iter().map(fact).collect();
    Ok(Report { lines: table(&rows), facts: json!({ "name": name, "service": service, "answers": facts }) })
}

/// Name and service of what is typed as one word, as for connect: `localhost:80`, `[::1]:80`.
fn parts(word: &str) -> (&str, Option<&str>) {
    match word.rsplit_once(':') {
        Some((host, service)) if !host.contains(':') && !host.is_empty() => (host, Some(service)),
        Some((host, service)) => match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => (host, Some(service)),
            None => (word, None),
        },
        None => (word, None),
    }
}

fn row(answer: &AddrInfo, with_port: bool) -> Vec<String> {
    let address = if with_port { answer.sockaddr.to_string() } else { answer.sockaddr.ip().to_string() };
    let [family, kind, protocol] = names(answer);
    vec![family, kind, protocol, address]
}

fn fact(answer: &AddrInfo) -> Json {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_hold_both() {
        for (word, expected) in [
            ("localhost", ("localhost", None)),
            ("localhost:80", ("localhost", Some("80"))),
            ("127.0.0.1:http", ("127.0.0.1", Some("http"))),
            ("::1", ("::1", None)),
            ("[::1]:80", ("::1", Some("80"))),
            (":80", (":80", None)),
        ] {
            assert_eq!(parts(word), expected, "{word}");
        }
    }
}
