//! The fields of a UNIX socket's line in `/proc/net/unix`: `unix_seq_show` in
//! net/unix/af_unix.c. It tells less than the tables of TCP and UDP: no queue and no other end.

use super::raw::{Field, hex, inode_meaning};
use super::subject::Subject;
use crate::address::UnixAddress;
use crate::session::Session;

/// How the numbers are written.
pub(super) const NOTE: &str = "All numbers but the inode are hexadecimal. The table shows neither queues nor the \
                               other end: `show`, which asks sock_diag, does.";

/// The line cut into its fields, with what they mean.
pub(super) fn fields(session: &Session, subject: &Subject, line: &str) -> Vec<Field> {
    let mut rest = line;
    let mut fields: Vec<Field> = NAMES
        .iter()
        .map(|name| {
            let raw = next_word(&mut rest);
            let (mut meaning, steady) = meaning(name, raw);
            // unix_dgram_connect marks the socket that is connected to, too.
            if *name == "St" && hex(raw) == 3 && subject.end.remote.is_none() {
                meaning = "3: another socket is connected to it; it has no other end itself".into();
            }
            Field { name, raw: raw.to_owned(), meaning, steady }
        })
        .collect();
    fields.push(path(session, subject, rest.trim_start()));
    fields
}

/// The fields before the path, which may hold spaces.
const NAMES: [&str; 7] = ["Num", "RefCount", "Protocol", "Flags", "Type", "St", "Inode"];

fn next_word<'a>(rest: &mut &'a str) -> &'a str {
    let (word, after) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
    *rest = after;
    word
}

/// What a field means, and whether it is the same on every run.
fn meaning(name: &str, raw: &str) -> (String, bool) {
    match name {
        "Num" => ("where it lies in the kernel's memory, scrambled".into(), false),
        "RefCount" => ("how many parts of the kernel use it".into(), false),
        "Protocol" => ("always 0: the UNIX domain has a single protocol".into(), true),
        "Flags" => (flags_meaning(hex(raw)).into(), true),
        "Type" => (type_meaning(hex(raw)), true),
        "St" => (state_meaning(hex(raw)), true),
        _ => (inode_meaning(raw), raw == "0"),
    }
}

fn flags_meaning(flags: u64) -> &'static str {
    // __SO_ACCEPTCON of linux/net.h, the only flag that is shown.
    if flags & 0x1_0000 != 0 { "10000: it listens" } else { "it does not listen" }
}

fn type_meaning(number: u64) -> String {
    let name = match i32::try_from(number) {
        Ok(libc::SOCK_STREAM) => "SOCK_STREAM",
        Ok(libc::SOCK_DGRAM) => "SOCK_DGRAM",
        Ok(libc::SOCK_SEQPACKET) => "SOCK_SEQPACKET",
        _ => return number.to_string(),
    };
    format!("{number}: {name}")
}

/// `socket_state` of linux/net.h, as `unix_seq_show` makes it up.
fn state_meaning(number: u64) -> String {
    match number {
        1 => "1: unconnected".into(),
        2 => "2: connected, and not accepted yet".into(),
        3 => "3: connected".into(),
        4 => "4: no descriptor belongs to it any more".into(),
        _ => number.to_string(),
    }
}

/// The name; the kernel shows each zero byte of an abstract one as `@`.
fn path(session: &Session, subject: &Subject, raw: &str) -> Field {
    let local = subject.end.local.as_ref();
    let name = local.and_then(|local| local.unix());
    let meaning = match name {
        Some(UnixAddress::Path(_)) => "the path that it was bound to, as it was given to bind",
        Some(UnixAddress::Abstract(_)) => "its abstract name; `@` stands for the zero byte before it",
        Some(UnixAddress::Unnamed) | None => "empty: it has no name",
    };
    let shown = local.map(|local| session.names().address(local)).unwrap_or_default();
    // What autobind chose differs from run to run, and has the name of its socket.
    let chosen = shown.strip_prefix("unix:").filter(|shown| shown.starts_with("@<"));
    Field { name: "Path", raw: chosen.unwrap_or(raw).to_owned(), meaning: meaning.to_owned(), steady: true }
}
