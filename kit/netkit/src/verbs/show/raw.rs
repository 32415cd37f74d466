//! A socket's line in `/proc/net`, and what each field of it means.
//!
//! The layouts: `get_tcp4_sock` and its neighbours in net/ipv4/tcp_ipv4.c, `udp4_format_sock`
//! in net/ipv4/udp.c; the same for IPv6.

use super::raw_unix;
use super::subject::Subject;
use crate::address::Address;
use crate::kernel::proc_net::{self, Key, TableLine};
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::render::{amount, counted};
use crate::session::Session;
use serde_json::{Value, json};

/// A field of a line.
pub(super) struct Field {
    /// Its heading; of those without one what the kernel's source calls it.
    pub name: &'static str,
    /// As it is written.
    pub raw: String,
    /// What it means.
    pub meaning: String,
    /// Whether it is the same on every run.
    pub steady: bool,
}

/// The page that shows the line.
pub(super) fn page(session: &mut Session, subject: &Subject) -> Result<Report, Failure> {
    let name = table_of(subject);
    let path = format!("/proc/{}/net/{name}", session.worker_pid());
    let found = match key(subject) {
        Some(key) => proc_net::find(session.worker_pid(), name, key)
            .map_err(|error| Failure::new(error.to_string()).next("`show` does without /proc"))?,
        None => None,
    };
    let Some(found) = found else {
        let lines =
            vec![format!("{} has no line in /proc/net/{name}: {}", subject.end.label(), why_none(subject))];
        return Ok(Report { lines, facts: json!({ "table": path, "line": null }) });
    };
    let fields = match found.table {
        "unix" => raw_unix::fields(session, subject, &found.line),
        _ => fields(session, subject, &found),
    };
    let mut lines = Vec::new();
    if session.shows_numbers() {
        lines.push(format!("{path} (/proc/net/{name} in the worker), as the kernel writes it:"));
        lines.extend([format!("  {}", found.header), format!("  {}", found.line)]);
        lines.push("field by field:".into());
    } else {
        lines.push(format!("/proc/net/{name}, field by field; <> for what differs from run to run:"));
    }
    let rows: Vec<Vec<String>> = fields
        .iter()
        .map(|field| {
            let raw = if field.steady || session.shows_numbers() { field.raw.as_str() } else { "<>" };
            vec![field.name.to_owned(), raw.to_owned(), field.meaning.clone()]
        })
        .collect();
    lines.extend(table(&rows).into_iter().map(|line| format!("  {line}")));
    lines.extend(note(&found).map(str::to_owned));
    let facts =
        fields.iter().map(|field| json!({ "name": field.name, "raw": field.raw, "meaning": field.meaning }));
    let fields: Value = facts.collect();
    let facts = json!({ "table": path, "header": found.header, "line": found.line, "fields": fields });
    Ok(Report { lines, facts })
}

fn table_of(subject: &Subject) -> &'static str {
    match (subject.end.protocol, subject.is_v6()) {
        (Protocol::Tcp, false) => "tcp",
        (Protocol::Tcp, true) => "tcp6",
        (Protocol::Udp, false) => "udp",
        (Protocol::Udp, true) => "udp6",
        _ => "unix",
    }
}

fn key(subject: &Subject) -> Option<Key> {
    let fact = subject.fact.as_ref()?;
    match (fact.inode, &fact.remote) {
        (Some(inode), _) => Some(Key::Inode(inode)),
        (None, Some(remote)) => Some(Key::Addresses(fact.local.inet()?, remote.inet()?)),
        (None, None) => None,
    }
}

/// Why a socket has no line.
fn why_none(subject: &Subject) -> &'static str {
    match (subject.end.protocol, subject.end.tcp()) {
        (Protocol::Tcp, Some(TcpState::Bound)) => {
            "the table lists what listens or is connected, and this one only has a port; `show`, which asks \
             sock_diag, sees it all the same"
        }
        (Protocol::Tcp, Some(TcpState::Closed)) => "the table lists what listens or is connected",
        (Protocol::Udp, _) => "the table lists what has a port, and this one has none yet",
        _ => "the kernel took it out of the table a moment ago",
    }
}

/// The line cut into its fields, with what they mean.
fn fields(session: &Session, subject: &Subject, found: &TableLine) -> Vec<Field> {
    let tcp = found.table.starts_with("tcp");
    let listens = subject.end.accept_queue.is_some();
    let mut fields = Vec::new();
    let mut put = |name: &'static str, raw: &str, meaning: String, steady: bool| {
        fields.push(Field { name, raw: raw.to_owned(), meaning, steady });
    };
    let extra: &[(&'static str, &str)] = if tcp { TCP_EXTRA } else { UDP_EXTRA };
    for (place, word) in found.line.split_ascii_whitespace().enumerate() {
        let (first, second) = word.split_once(':').unwrap_or((word, ""));
        match place {
            0 => put("sl", word, "the number of the line".into(), false),
            1 | 2 => {
                let name = if place == 1 { "local_address" } else { "rem_address" };
                let address = if place == 1 { subject.fact_local() } else { subject.fact_remote() };
                let (meaning, port) = address_meaning(session, subject.end.protocol, address);
                let steady = port.is_none();
                let raw = if session.shows_numbers() || steady {
                    word.to_owned()
                } else {
                    format!("{first}:<{}>", port.unwrap_or_default())
                };
                put(name, &raw, meaning, true);
            }
            3 => put("st", word, state_meaning(tcp, word), true),
            4 => {
                let sent =
                    if listens { ["", ""] } else { ["byte not acknowledged", "bytes not acknowledged"] };
                put("tx_queue", first, queue_meaning(session, first, sent), !is_much(first));
                let what = match (listens, tcp) {
                    (true, _) => ["connection that waits for accept", "connections that wait for accept"],
                    (false, true) => [
                        "byte that was not received by the program",
                        "bytes that were not received by the program",
                    ],
                    (false, false) => ["bytes of memory that waiting datagrams take"; 2],
                };
                // How much memory a datagram takes depends on the kernel.
                let told = tcp || session.shows_numbers() || hex(second) == 0;
                let meaning = if told { queue_meaning(session, second, what) } else { what[1].to_owned() };
                put("rx_queue", second, meaning, told && !is_much(second));
            }
            5 => {
                // Which timer runs while something is not acknowledged depends on the moment.
                let steady = matches!(first, "00" | "03");
                let told = steady || session.shows_numbers();
                put("tr", first, if told { timer_meaning(first) } else { "a timer runs".into() }, steady);
                let ticks = if session.shows_numbers() { hex(second) } else { 0 };
                put("tm->when", second, when_meaning(ticks), hex(second) == 0);
            }
            6 => {
                let times = counted(hex(word), "time");
                put("retrnsmt", word, format!("{times} sent again without an answer"), true);
            }
            7 => put("uid", word, "the number of the user who made it".into(), false),
            8 => put("timeout", word, "probes that were sent without an answer".into(), true),
            9 => put("inode", word, inode_meaning(word), word == "0"),
            _ => match extra.get(place - 10) {
                Some((name, meaning)) => put(name, word, (*meaning).to_owned(), *name == "drops"),
                None => put("", word, String::new(), false),
            },
        }
    }
    fields
}

/// What stands behind the inode without a heading in the table of TCP.
const TCP_EXTRA: &[(&str, &str)] = &[
    ("(ref)", "how many parts of the kernel use it"),
    ("(pointer)", "where it lies in the kernel's memory, scrambled"),
    ("(rto)", "sends again after so long without an answer, in 1/100 s"),
    ("(ato)", "how long it may keep an acknowledgement back, in 1/100 s"),
    ("(quick)", "whether it acknowledges at once, and whether both ends talk in turn"),
    ("(cwnd)", "segments that may be on their way: the congestion window"),
    ("(ssthresh)", "up to which the window grows fast; -1: no limit is known yet"),
];

/// What stands behind the inode in the table of UDP.
const UDP_EXTRA: &[(&str, &str)] = &[
    ("ref", "how many parts of the kernel use it"),
    ("pointer", "where it lies in the kernel's memory, scrambled"),
    ("drops", "datagrams thrown away, mostly for lack of room"),
];

impl Subject {
    fn fact_local(&self) -> Option<&Address> {
        self.fact.as_ref().map(|fact| &fact.local)
    }

    fn fact_remote(&self) -> Option<&Address> {
        self.fact.as_ref().and_then(|fact| fact.remote.as_ref())
    }
}

/// An address in words, and the name of its port if that differs from run to run.
fn address_meaning(
    session: &Session,
    protocol: Protocol,
    address: Option<&Address>,
) -> (String, Option<String>) {
    let Some(address) = address else { return ("no other end".into(), None) };
    let shown = session.names().address_of(protocol, address);
    let name = shown.rsplit_once(":<").map(|(_, name)| name.trim_end_matches('>').to_owned());
    let port = match (&name, address.port()) {
        (None, Some(port)) => format!(" (0x{port:04X} = {port})"),
        _ => String::new(),
    };
    (format!("{shown}{port}"), name)
}

fn state_meaning(tcp: bool, raw: &str) -> String {
    let number = hex(raw);
    let state = u8::try_from(number).ok().and_then(TcpState::from_kernel);
    match (tcp, number, state) {
        (true, _, Some(state)) => format!("{number}: {state}"),
        // UDP borrows TCP's numbers (fact.rs).
        (false, 1, _) => "1: connected, it has a fixed peer".into(),
        (false, 7, _) => "7: unconnected".into(),
        _ => number.to_string(),
    }
}

/// So many of what a queue counts, given as one of them and as many.
fn queue_meaning(session: &Session, raw: &str, [one, many]: [&str; 2]) -> String {
    if many.is_empty() {
        return "means nothing for a listener".into();
    }
    let count = u32::try_from(hex(raw)).unwrap_or(u32::MAX);
    let what = if count == 1 { one } else { many };
    format!("{} {what}", amount(count, session.shows_numbers()))
}

/// Whether a full queue's count would be told, which differs from run to run.
fn is_much(raw: &str) -> bool {
    u32::try_from(hex(raw)).is_ok_and(|count| amount(count, false) != count.to_string())
}

fn timer_meaning(raw: &str) -> String {
    match hex(raw) {
        0 => "no timer runs".into(),
        1 => "it will send again what is not acknowledged".into(),
        2 => "another timer, such as keepalive".into(),
        3 => "the end of TIME-WAIT".into(),
        4 => "it will ask whether the other end has room again".into(),
        number => number.to_string(),
    }
}

fn when_meaning(ticks: u64) -> String {
    // In USER_HZ, of which a second has 100 on every Linux (asm-generic/param.h).
    match ticks {
        0 => "when the timer fires, in 1/100 s".into(),
        ticks => format!("the timer fires in {}.{:02} s (1/100 s)", ticks / 100, ticks % 100),
    }
}

pub(super) fn inode_meaning(raw: &str) -> String {
    match raw {
        "0" => "0: no descriptor belongs to it".into(),
        _ => "its inode: in /proc/PID/fd the descriptor leads to socket:[inode]".into(),
    }
}

pub(super) fn hex(raw: &str) -> u64 {
    u64::from_str_radix(raw, 16).unwrap_or(0)
}

/// How the addresses are written.
fn note(found: &TableLine) -> impl Iterator<Item = &'static str> {
    let order = if cfg!(target_endian = "little") {
        "The bytes of an address look reversed: the kernel prints four of them as one number, and this machine \
         keeps the lowest byte of a number first. 127.0.0.1 is 0100007F. A port is printed as the number that it is."
    } else {
        "The kernel prints four bytes of an address as one number: 127.0.0.1 is 7F000001."
    };
    let hex = "Everything but uid, timeout, inode and what follows it is hexadecimal.";
    match found.table {
        "unix" => vec![raw_unix::NOTE],
        _ => vec![order, hex],
    }
    .into_iter()
}
