//! A typed value becomes the bytes that setsockopt(2) takes.

use super::decode::decode;
use super::{Name, Shape, SocketOption, Unit};
use crate::language::values;
use crate::worker::call::Memory;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What was typed, and why it does not do.
    pub message: String,
    /// What would do.
    pub next: String,
    /// Which of the value's words is meant.
    pub word: usize,
}

/// The value that the words behind an option's name stand for.
///
/// # Errors
/// What is wrong with which word.
pub fn encode(option: &SocketOption, words: &[Vec<u8>]) -> Result<Memory, Wrong> {
    let wrong = |word: usize, message: String| Wrong { message, next: option.advice(), word };
    if !option.writable() {
        return Err(Wrong {
            message: format!("{} can be read, and not set", option.name),
            next: format!("`getsockopt S {}` reads it", option.name),
            word: 0,
        });
    }
    let most = option.shape.most_words();
    if words.len() > most {
        return Err(wrong(most, format!("{} takes no further word here", option.name)));
    }
    if let Shape::Bytes = option.shape {
        let bytes = words.first().cloned().unwrap_or_default();
        let shown = decode(option, &bytes).c;
        return Ok(Memory::told(bytes, shown));
    }
    let mut texts = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        texts.push(std::str::from_utf8(word).map_err(|_| wrong(place, "this is not text".into()))?);
    }
    let bytes = bytes(option, &texts).map_err(|(word, message)| wrong(word, message))?;
    let shown = decode(option, &bytes).c;
    Ok(Memory::told(bytes, shown))
}

type Bytes = Result<Vec<u8>, (usize, String)>;

fn bytes(option: &SocketOption, words: &[&str]) -> Bytes {
    let first = words.first().copied().unwrap_or_default();
    let no = |what: &str| (0, format!("`{first}` is not {what}"));
    let int = |value: i32| value.to_ne_bytes().to_vec();
    Ok(match option.shape {
        Shape::Bool => match first.to_ascii_lowercase().as_str() {
            "1" | "on" | "true" | "yes" => int(1),
            "0" | "off" | "false" | "no" => int(0),
            _ => return Err((0, format!("{} is on or off, and `{first}` is neither", option.name))),
        },
        Shape::Int(unit) => {
            int(count(first, unit)?.try_into().map_err(|_| no("a number that an int holds"))?)
        }
        Shape::Long(unit) => {
            let value = count(first, unit)?;
            u64::try_from(value).map_err(|_| no("a number of 0 or more"))?.to_ne_bytes().to_vec()
        }
        Shape::Named(names) => int(named(first, names).ok_or_else(|| no("one of its values"))?),
        Shape::Flags(names) => int(flags(first, names).ok_or_else(|| no("one of its flags"))?),
        Shape::Errno => int(plain(first).ok_or_else(|| no("a number"))?),
        Shape::Linger => {
            let (on, seconds) = linger(words)?;
            [on.to_ne_bytes(), seconds.to_ne_bytes()].concat()
        }
        Shape::Timeval => timeval(span(first).ok_or_else(|| no("a time span"))?),
        Shape::Text => {
            let mut text = first.as_bytes().to_vec();
            text.push(0);
            text
        }
        Shape::Interface => match (first.parse::<Ipv4Addr>(), index(first)) {
            (Ok(address), _) => address.octets().to_vec(),
            (_, Some(index)) => [vec![0; 8], int(index)].concat(),
            _ => return Err(no("an address or an interface of this machine")),
        },
        Shape::InterfaceIndex => int(index(first).ok_or_else(|| no("an interface of this machine"))?),
        Shape::InterfaceIndexSwapped => {
            index(first).ok_or_else(|| no("an interface of this machine"))?.to_be_bytes().to_vec()
        }
        Shape::Group => group(words)?,
        Shape::GroupAndSource => {
            let mut addresses = [Ipv4Addr::UNSPECIFIED; 3];
            for (place, word) in words.iter().enumerate() {
                addresses[place] = ipv4(word, place)?;
            }
            is_group(addresses[0])?;
            // struct ip_mreq_source has the interface before the sender.
            [addresses[0], addresses[2], addresses[1]].iter().flat_map(Ipv4Addr::octets).collect()
        }
        Shape::Group6 => {
            let group: Ipv6Addr = first.parse().map_err(|_| no("an IPv6 address"))?;
            let interface = match words.get(1) {
                Some(word) => {
                    index(word).ok_or_else(|| (1, format!("`{word}` is no interface of this machine")))?
                }
                None => 0,
            };
            [group.octets().to_vec(), int(interface)].concat()
        }
        Shape::PortRange => {
            let (low, high) = first.split_once('-').unwrap_or((first, first));
            let port = |text: &str| values::decimal(text).and_then(|port| u16::try_from(port).ok());
            let (Some(low), Some(high)) = (port(low), port(high)) else { return Err(no("a range of ports")) };
            (u32::from(high) << 16 | u32::from(low)).to_ne_bytes().to_vec()
        }
        Shape::Bytes | Shape::Credentials | Shape::TcpInfo | Shape::MemoryInfo | Shape::Address => {
            return Err(no("a value that can be set"));
        }
    })
}

/// A whole number: decimal, or hexadecimal behind `0x`, with `-` before it where it is negative.
fn plain(text: &str) -> Option<i32> {
    i32::try_from(number(text)?).ok()
}

fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok().filter(|value| *value >= 0)?,
        None => i64::try_from(values::decimal(digits)?).ok()?,
    };
    Some(sign * value)
}

/// A number in the option's own unit; a time span is turned into it.
fn count(text: &str, unit: Unit) -> Result<i64, (usize, String)> {
    if let Some(number) = number(text) {
        return Ok(number);
    }
    let (nanoseconds, name) = match unit {
        Unit::Seconds => (1_000_000_000, "seconds"),
        Unit::Milliseconds => (1_000_000, "milliseconds"),
        Unit::Microseconds => (1_000, "microseconds"),
        Unit::Bytes | Unit::BytesPerSecond => {
            let size = values::size(text).and_then(|size| i64::try_from(size).ok());
            return size.ok_or_else(|| (0, format!("`{text}` is not a number of bytes")));
        }
        _ => return Err((0, format!("`{text}` is not a number"))),
    };
    let span = span(text).ok_or_else(|| (0, format!("`{text}` is not a time span")))?;
    if span.as_nanos() % nanoseconds != 0 {
        return Err((0, format!("this option counts whole {name}, and `{text}` is no whole number of them")));
    }
    i64::try_from(span.as_nanos() / nanoseconds).map_err(|_| (0, format!("`{text}` is too long")))
}

/// A time span, as everywhere in the language, and `500us`.
fn span(text: &str) -> Option<Duration> {
    match text.strip_suffix("us") {
        Some(digits) => values::decimal(digits).map(Duration::from_micros),
        None => values::duration(text),
    }
}

fn timeval(span: Duration) -> Vec<u8> {
    let value = libc::timeval {
        tv_sec: libc::time_t::try_from(span.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_usec: libc::suseconds_t::from(span.subsec_micros() as i32),
    };
    [value.tv_sec.to_ne_bytes().as_slice(), value.tv_usec.to_ne_bytes().as_slice()].concat()
}

/// `0` or `5s` switches it on with so many seconds; `off` switches it off.
fn linger(words: &[&str]) -> Result<(i32, i32), (usize, String)> {
    let seconds = |text: &str, place: usize| {
        count(text, Unit::Seconds)
            .ok()
            .and_then(|seconds| i32::try_from(seconds).ok())
            .filter(|seconds| *seconds >= 0)
            .ok_or_else(|| (place, format!("`{text}` is not a number of seconds")))
    };
    // As C writes it, and as the call is shown: `{1, 0}`.
    let joined = words.concat();
    if let Some((on, time)) = joined.trim_matches(['{', '}']).split_once(',') {
        let on = i32::from(!matches!(on.trim(), "0" | "off"));
        return Ok((on, seconds(time.trim(), words.len() - 1)?));
    }
    match words {
        ["off"] => Ok((0, 0)),
        ["on", time] => Ok((1, seconds(time, 1)?)),
        [time] => Ok((1, seconds(time, 0)?)),
        [_, more, ..] => Err((1, format!("`{more}` is one word too many"))),
        [] => Err((0, "a number of seconds, or `off`, is missing".into())),
    }
}

fn find_name(text: &str, names: &[Name]) -> Option<i32> {
    let known = names.iter().find(|(name, _)| {
        // The part behind the last `_` is enough: `DO` for IP_PMTUDISC_DO.
        let short = name.rsplit_once('_').map_or(*name, |(_, short)| short);
        name.eq_ignore_ascii_case(text) || short.eq_ignore_ascii_case(text)
    });
    known.map(|(_, value)| *value).or_else(|| plain(text))
}

fn named(text: &str, names: &[Name]) -> Option<i32> {
    find_name(text, names)
}

fn flags(text: &str, names: &[Name]) -> Option<i32> {
    text.split('|').try_fold(0, |flags, flag| Some(flags | find_name(flag, names)?))
}

/// The number of an interface: from its name, or as it was typed. 0 leaves it to the kernel.
fn index(text: &str) -> Option<i32> {
    let number = match values::decimal(text) {
        Some(number) => u32::try_from(number).ok()?,
        None => nix::net::if_::if_nametoindex(text).ok()?,
    };
    i32::try_from(number).ok()
}

fn ipv4(text: &str, place: usize) -> Result<Ipv4Addr, (usize, String)> {
    text.parse().map_err(|_| (place, format!("`{text}` is not an IPv4 address")))
}

fn is_group(address: Ipv4Addr) -> Result<(), (usize, String)> {
    if address.is_multicast() {
        return Ok(());
    }
    Err((0, format!("{address} is not a multicast group: those are 224.0.0.0 to 239.255.255.255")))
}

/// GROUP [INTERFACE]: with the interface's address the older `struct ip_mreq`, with its name
/// `struct ip_mreqn`.
fn group(words: &[&str]) -> Bytes {
    let group = ipv4(words.first().copied().unwrap_or_default(), 0)?;
    is_group(group)?;
    let start = group.octets().to_vec();
    let Some(word) = words.get(1) else { return Ok([start, vec![0; 4]].concat()) };
    match (word.parse::<Ipv4Addr>(), index(word)) {
        (Ok(address), _) => Ok([start, address.octets().to_vec()].concat()),
        (_, Some(index)) => Ok([start, vec![0; 4], index.to_ne_bytes().to_vec()].concat()),
        _ => Err((1, format!("`{word}` is not an address or an interface of this machine"))),
    }
}

impl Shape {
    /// How many words a value is typed in at most.
    fn most_words(self) -> usize {
        match self {
            Self::Linger | Self::Group | Self::Group6 => 2,
            Self::GroupAndSource => 3,
            _ => 1,
        }
    }

    /// What a value is, for someone who is to type one.
    pub fn words(self) -> String {
        match self {
            Self::Bool => "1 (on) or 0 (off)".into(),
            Self::Int(unit) | Self::Long(unit) => unit.words().into(),
            Self::Named(names) | Self::Flags(names) => {
                let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
                let how = if matches!(self, Self::Flags(_)) { "any of these, joined by |" } else { "one of" };
                format!("{how}: {}", names.join(", "))
            }
            Self::Errno => "an error number".into(),
            Self::Linger => "a number of seconds, such as 0 or 5s, or `off`".into(),
            Self::Timeval => "a time span, such as 2s, 0.3s or 150ms; 0 is no limit".into(),
            Self::Text => "a name".into(),
            Self::Bytes => "bytes".into(),
            Self::Interface => "an interface, by its address (127.0.0.1) or name (lo)".into(),
            Self::InterfaceIndex | Self::InterfaceIndexSwapped => {
                "an interface, by its name (lo) or number; 0 is none".into()
            }
            Self::Group => "GROUP [INTERFACE], such as 239.1.1.1 127.0.0.1 or 239.1.1.1 lo".into(),
            Self::GroupAndSource => {
                "GROUP SENDER INTERFACE, three addresses, such as 239.1.1.1 127.0.0.1 127.0.0.1".into()
            }
            Self::Group6 => "GROUP [INTERFACE], such as ff02::1234 lo".into(),
            Self::Credentials => "a process, a user and a group".into(),
            Self::TcpInfo => "a table".into(),
            Self::PortRange => "two ports, such as 40000-40100; 0-0 is the system's range".into(),
            Self::MemoryInfo => "nine numbers".into(),
            Self::Address => "an address".into(),
        }
    }
}

impl Unit {
    fn words(self) -> &'static str {
        match self {
            Self::Plain => "a number",
            Self::Bytes => "a number of bytes, such as 100 or 64K",
            Self::BytesPerSecond => "a number of bytes a second, such as 100K",
            Self::Seconds => "a time in whole seconds, such as 5s",
            Self::Milliseconds => "a time in milliseconds, such as 500ms or 5s",
            Self::Microseconds => "a time in microseconds, such as 500us or 10ms",
            Self::Hops => "a number of routers, such as 2",
            Self::Times => "a number, such as 3",
            Self::Connections => "a number of connections, such as 5",
        }
    }
}

impl SocketOption {
    /// What to type in place of a value that does not do.
    fn advice(&self) -> String {
        format!(
            "its value is {}: `setsockopt S {} {}`; `explain {}` says more",
            self.shape.words(),
            self.name,
            self.example,
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

    use super::*;
    use crate::options::find;

    /// What setsockopt would be shown with; or what is wrong, and with which word.
    fn check(line: &str, expected: &str) {
        let mut words = line.split_whitespace();
        let option = find(words.next().unwrap()).unwrap();
        let words: Vec<Vec<u8>> = words.map(|word| word.as_bytes().to_vec()).collect();
        let shown = match encode(option, &words) {
            Ok(memory) => format!("{}, {}", memory.shown, memory.bytes.len()),
            Err(wrong) => format!("{}: {}", wrong.word, wrong.message),
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn values_are_read_as_their_option_wants_them() {
        check("SO_REUSEADDR 1", "[1], 4");
        check("so_keepalive off", "[0], 4");
        check("SO_RCVBUF 64K", "[65536], 4");
        check("SO_LINGER 0", "{1, 0}, 8");
        check("SO_LINGER 5s", "{1, 5}, 8");
        check("SO_LINGER on 5", "{1, 5}, 8");
        check("SO_LINGER off", "{0, 0}, 8");
        check("SO_LINGER {1, 0}", "{1, 0}, 8");
        check("SO_LINGER 0,0", "{0, 0}, 8");
        check("SO_RCVTIMEO 1500ms", "{1, 500000}, 16");
        check("SO_RCVTIMEO 0.3s", "{0, 300000}, 16");
        check("TCP_USER_TIMEOUT 0.5s", "[500], 4");
        check("TCP_USER_TIMEOUT 5s", "[5000], 4");
        check("TCP_USER_TIMEOUT 500", "[500], 4");
        check("TCP_KEEPIDLE 1m", "[60], 4");
        check("TCP_CONGESTION reno", "\"reno\", 5");
        check("IP_TTL -1", "[-1], 4");
        check("IP_TOS IPTOS_LOWDELAY", "[IPTOS_LOWDELAY], 4");
        check("IP_TOS 0xb8", "[184], 4");
        check("IP_MTU_DISCOVER do", "[IP_PMTUDISC_DO], 4");
        check("SO_BUF_LOCK 3", "[SOCK_SNDBUF_LOCK|SOCK_RCVBUF_LOCK], 4");
        check("IP_ADD_MEMBERSHIP 239.1.1.1 127.0.0.1", "{239.1.1.1, 127.0.0.1}, 8");
        check("IP_ADD_MEMBERSHIP 239.1.1.1", "{239.1.1.1, 0.0.0.0}, 8");
        check("IP_ADD_MEMBERSHIP 239.1.1.1 1", "{239.1.1.1, 0.0.0.0, 1}, 12");
        check("IP_BLOCK_SOURCE 239.1.1.1 10.0.0.1 127.0.0.1", "{239.1.1.1, 127.0.0.1, 10.0.0.1}, 12");
        check("IPV6_JOIN_GROUP ff02::1 1", "{ff02::1, 1}, 20");
        check("IP_LOCAL_PORT_RANGE 40000-40100", "[40000 | 40100 << 16], 4");
    }

    #[test]
    fn wrong_values_are_pointed_at() {
        check("SO_KEEPALIVE 7", "0: SO_KEEPALIVE is on or off, and `7` is neither");
        check("SO_TYPE 1", "0: SO_TYPE can be read, and not set");
        check("SO_RCVBUF much", "0: `much` is not a number of bytes");
        check("SO_RCVBUF 99999999999", "0: `99999999999` is not a number that an int holds");
        check("SO_RCVTIMEO soon", "0: `soon` is not a time span");
        check(
            "TCP_KEEPIDLE 1500ms",
            "0: this option counts whole seconds, and `1500ms` is no whole number of them",
        );
        check("SO_LINGER -1", "0: `-1` is not a number of seconds");
        check(
            "IP_ADD_MEMBERSHIP 10.0.0.1",
            "0: 10.0.0.1 is not a multicast group: those are 224.0.0.0 to 239.255.255.255",
        );
        check(
            "IP_ADD_MEMBERSHIP 239.1.1.1 nowhere0",
            "1: `nowhere0` is not an address or an interface of this machine",
        );
        check("TCP_NODELAY 1 1", "1: TCP_NODELAY takes no further word here");
        check("IP_MTU_DISCOVER never", "0: `never` is not one of its values");
    }
}
