//! A call the way C writes it, with what it returned.

use super::{Detail, polled};
use crate::address::{Address, UnixAddress, sockaddr};
use crate::explain::errno;
use crate::options::{self, SocketOption, decode::decode};
use crate::outcome::Made;
use crate::session::names::Names;
use crate::worker::call::{Call, Done, Length, Memory, Return, Until, Value};

/// So many characters of data are shown within a call.
const DATA: usize = 60;

/// `connect(4, {AF_INET, 127.0.0.1:7777}, 16)`, with what the kernel filled in if the
/// call has returned.
pub fn call(call: &Call, returned: Option<&Return>, names: &Names) -> String {
    let option = options::of_call(call);
    let arguments: Vec<String> =
        call.arguments.iter().filter_map(|value| argument(call, value, returned, option, names)).collect();
    format!("{}({})", call.function, arguments.join(", "))
}

fn argument(
    call: &Call,
    value: &Value,
    returned: Option<&Return>,
    option: Option<&SocketOption>,
    names: &Names,
) -> Option<String> {
    let good = returned.filter(|returned| returned.ok());
    let structure = |address| structure(address, &names.address_of(call.protocol, address));
    Some(match value {
        Value::Descriptor(fd) => fd.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Constant(_, name) => name.clone(),
        Value::Address(address) => {
            format!("{}, {}", structure(address), sockaddr::length_given(address))
        }
        Value::NoAddress => "{AF_UNSPEC}, 16".into(),
        Value::Text(text) => names.data(text, DATA),
        Value::PairOut(_) => match good.and_then(|good| good.pair) {
            Some([one, other]) => format!("[{one}, {other}]"),
            None => "...".into(),
        },
        Value::AddressOut => match (good, good.and_then(|good| good.address.as_ref())) {
            (_, Some(address)) => {
                format!("{}, [{}]", structure(address), sockaddr::length_returned(address))
            }
            (Some(_), None) => "NULL, [0]".into(),
            // sizeof(struct sockaddr_storage): room for an address of any family.
            (None, _) => "..., [128]".into(),
        },
        Value::Bytes(bytes) => format!("{}, {}", names.data(bytes, DATA), bytes.len()),
        Value::Room(size) => match good.and_then(|good| good.data.as_ref()) {
            Some(data) => format!("{}, {size}", names.data(data, DATA)),
            None => format!("..., {size}"),
        },
        Value::Memory(memory) => memory_shown(memory, good.and_then(|good| good.memory.as_deref()), option),
        Value::Polled(polled) => polled::array(polled),
        Value::Hidden(_) => return None,
    })
}

/// The structure that holds an address: `{AF_INET6, [::1]:7777}`, `{AF_UNIX, "/tmp/x"}`. In
/// `sun_path` of an abstract name a zero byte comes first: as in strace(1) it is written `@"name"`.
fn structure(address: &Address, shown: &str) -> String {
    let family = address.family_name();
    match address {
        Address::Inet(_) => format!("{{{family}, {shown}}}"),
        Address::Unix(UnixAddress::Unnamed) => format!("{{{family}}}"),
        Address::Unix(_) => {
            let name = shown.strip_prefix("unix:").unwrap_or(shown);
            match name.strip_prefix('@') {
                Some(name) => format!("{{{family}, @\"{name}\"}}"),
                None => format!("{{{family}, \"{name}\"}}"),
            }
        }
    }
}

/// A struct with its length: as it was given, or as the kernel has filled it in.
fn memory_shown(memory: &Memory, filled: Option<&[u8]>, option: Option<&SocketOption>) -> String {
    let shown = match (filled, option) {
        (Some(bytes), Some(option)) => decode(option, bytes).c,
        _ if memory.shown.is_empty() => "...".into(),
        _ => memory.shown.clone(),
    };
    match memory.length {
        Length::Untold => shown,
        Length::Told => format!("{shown}, {}", memory.bytes.len()),
        Length::Exchanged => format!("{shown}, [{}]", filled.map_or(memory.bytes.len(), <[u8]>::len)),
    }
}

/// The value of an option that was read, in words.
pub fn filled(made: &Made) -> Option<String> {
    let option = options::of_call(&made.call)?;
    Some(decode(option, made.done.last.memory.as_deref()?).words)
}

/// The call with its result, a line each; for a loop what the first calls and the last
/// returned, and how many there were.
pub fn made(made: &Made, detail: Detail, names: &Names) -> Vec<String> {
    let Made { call: what, done } = made;
    let line = |returned: &Return| {
        let shown = call(what, Some(returned), names);
        let result = match taken_in_part(what, returned) {
            Some(taken) => super::amount(taken, detail != Detail::Stable),
            None => result(returned),
        };
        format!("{shown} = {result}{}", time(returned.microseconds, detail))
    };
    if what.until == Until::Returned {
        return vec![line(&done.last)];
    }
    looped(what, done, detail, names)
}

/// How many bytes were taken when not all were: as many as the queues had room for.
fn taken_in_part(what: &Call, returned: &Return) -> Option<u32> {
    let taken = u32::try_from(returned.value).ok()?;
    let part =
        |value: &Value| matches!(value, Value::Bytes(bytes) if returned.ok() && bytes.len() > taken as usize);
    what.arguments.iter().any(part).then_some(taken)
}

/// A loop: what is the same on every run is the sum, not the single calls.
fn looped(what: &Call, done: &Done, detail: Detail, names: &Names) -> Vec<String> {
    let verb = if what.until == Until::AllSent { "sent" } else { "received" };
    let mut lines = Vec::new();
    let times = if done.calls == 1 { "1 call".into() } else { format!("{} calls", done.calls) };
    let calls = if detail == Detail::Full { times } else { "a loop".into() };
    if detail == Detail::Full {
        let values: Vec<String> = done.first.iter().map(result).collect();
        let between = done.calls.saturating_sub(done.first.len() as u64 + 1);
        let dots = if between > 0 { " ... " } else { ", " };
        let first = if values.is_empty() { String::new() } else { format!("{}{dots}", values.join(", ")) };
        lines.push(format!("{}(...) = {first}{}", what.function, result(&done.last)));
    } else if !done.last.ok() {
        lines.push(format!("{}(...) = {}", what.function, result(&done.last)));
    }
    let data = match (&what.until, &done.last.data) {
        (Until::AllSent, _) => what.arguments.iter().find_map(|value| match value {
            Value::Bytes(bytes) => Some(format!(": {}", names.data(bytes, 200))),
            _ => None,
        }),
        (_, Some(data)) => Some(format!(": {}", names.data(data, 200))),
        _ => None,
    };
    let count = if done.bytes == 1 { "1 byte".into() } else { format!("{} bytes", done.bytes) };
    lines.push(format!("{calls} of {}, {count} {verb}{}", what.function, data.unwrap_or_default()));
    lines
}

/// `5`, or `-1 ECONNREFUSED (Connection refused)`.
pub fn result(returned: &Return) -> String {
    match returned.errno {
        None => returned.value.to_string(),
        Some(number) => format!("-1 {}", errno::said(number)),
    }
}

fn time(microseconds: u64, detail: Detail) -> String {
    match (detail, microseconds) {
        (Detail::Full, 0..10_000) => format!("  [{microseconds} us]"),
        (Detail::Full, 10_000..10_000_000) => format!("  [{} ms]", microseconds / 1000),
        (Detail::Full, _) => format!("  [{} s]", microseconds / 1_000_000),
        _ => String::new(),
    }
}
