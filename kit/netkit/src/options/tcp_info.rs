//! The essentials of `struct tcp_info` (tcp(7), and the kernel's linux/tcp.h).
//!
//! It is read by the places of its fields, not as a struct: a kernel older or newer than this
//! program gives fewer or more bytes, and every field that is there can be told.

use crate::kernel::state::TcpState;

/// A field, where it stands, how long it is, and what it is called and counted in.
struct Field(&'static str, usize, Size, &'static str);

enum Size {
    Byte,
    Int,
    Long,
}

/// What the fields are that a beginner can do something with, in this order.
const FIELDS: &[Field] = &[
    Field("round-trip time", 68, Size::Int, "us"),
    Field("its mean deviation", 72, Size::Int, "us"),
    Field("time before something is sent again", 8, Size::Int, "us"),
    Field("largest segment sent", 16, Size::Int, "bytes"),
    Field("largest segment received", 20, Size::Int, "bytes"),
    Field("largest packet on the way", 60, Size::Int, "bytes"),
    Field("congestion window", 80, Size::Int, "segments"),
    Field("the other end's window", 228, Size::Int, "bytes"),
    Field("sent and not acknowledged", 24, Size::Int, "segments"),
    Field("not sent yet", 144, Size::Int, "bytes"),
    Field("bytes acknowledged", 120, Size::Long, ""),
    Field("bytes received", 128, Size::Long, ""),
    Field("segments sent", 136, Size::Int, ""),
    Field("segments received", 140, Size::Int, ""),
    Field("sent again, now", 2, Size::Byte, "times"),
    Field("sent again, ever", 100, Size::Int, "segments"),
    Field("taken for lost", 32, Size::Int, "segments"),
    Field("since data were sent last", 44, Size::Int, "ms"),
    Field("since data came last", 52, Size::Int, "ms"),
    Field("since an acknowledgement came last", 56, Size::Int, "ms"),
];

/// What the kernel puts into two of the fields of a listener (tcp_get_info in net/ipv4/tcp.c).
const QUEUE: &[Field] = &[
    Field("connections that wait for accept", 24, Size::Int, ""),
    Field("most that may wait", 28, Size::Int, ""),
];

/// The names of the rows that are the same on every run of a script.
const STEADY: [&str; 6] = [
    "state",
    "bytes acknowledged",
    "bytes received",
    "sent again, ever",
    "connections that wait for accept",
    "most that may wait",
];

/// Whether a row is the same on every run of a script: no time, and nothing that depends on
/// how the bytes were cut into segments.
pub fn is_steady(name: &str) -> bool {
    STEADY.contains(&name)
}

/// A name and a value each; the first is the state.
pub fn rows(bytes: &[u8]) -> Vec<(String, String)> {
    let state =
        bytes.first().map_or("?", |number| TcpState::from_kernel(*number).map_or("?", TcpState::name));
    let mut rows = vec![("state".to_owned(), state.to_owned())];
    let fields = match bytes.first().and_then(|number| TcpState::from_kernel(*number)) {
        // Without a connection the numbers say nothing.
        Some(TcpState::Closed | TcpState::Bound) => &[],
        Some(TcpState::Listen) => QUEUE,
        _ => FIELDS,
    };
    for Field(name, place, size, unit) in fields {
        let value = match size {
            Size::Byte => bytes.get(*place).map(|byte| u64::from(*byte)),
            Size::Int => array(bytes, *place).map(|bytes| u64::from(u32::from_ne_bytes(bytes))),
            Size::Long => array(bytes, *place).map(u64::from_ne_bytes),
        };
        rows.extend(value.map(|value| {
            // What is 0xffffffff has no value: no limit was found yet.
            let text =
                if value == u64::from(u32::MAX) { "no limit".into() } else { format!("{value} {unit}") };
            ((*name).to_owned(), text.trim_end().to_owned())
        }));
    }
    rows
}

fn array<const N: usize>(bytes: &[u8], place: usize) -> Option<[u8; N]> {
    bytes.get(place..place + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_short_answer_gives_what_is_in_it() {
        assert_eq!(rows(&[1]), [("state".to_owned(), "ESTABLISHED".to_owned())]);
        let mut bytes = vec![4; 1];
        bytes.resize(72, 0);
        bytes[68] = 200;
        assert_eq!(rows(&bytes)[0].1, "FIN-WAIT-1");
        assert_eq!(rows(&bytes)[1], ("round-trip time".to_owned(), "200 us".to_owned()));
    }
}
