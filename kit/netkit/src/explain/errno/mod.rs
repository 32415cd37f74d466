//! What error numbers mean, call by call. The texts are ours; what they rest on are the
//! calls' man pages in section 2, tcp(7), udp(7), ip(7), unix(7), socket(7), and what the
//! kernel was seen to return (Linux 6.18).
//!
//! The table is cut by what the calls are for: [`making`](self), naming, connecting, moving
//! data, options; `general` has what means the same from every call. [`manual`] lists which
//! call can return which number, and a test holds the table to it.

mod connecting;
mod general;
mod making;
pub mod manual;
mod moving;
mod naming;
mod options;

use nix::errno::Errno;
use std::io;

/// What an error number means for some calls.
#[derive(Debug)]
pub struct Meaning {
    /// The error number.
    pub errno: Errno,
    /// The calls for which it means this; empty for all others.
    pub calls: &'static [&'static str],
    /// The sockets for which it means this.
    pub on: On,
    /// Why it happens.
    pub why: &'static str,
    /// What to do about it. `{S}` stands for the socket, `{A}` for the address.
    pub next: &'static str,
}

/// Which sockets are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Any.
    Any,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// UNIX sockets, of any type.
    Unix,
}

/// `EADDRINUSE (Address already in use)`.
pub fn said(number: i32) -> String {
    match name(number) {
        Some(name) => format!("{name} ({})", words(number)),
        None => format!("error {number}"),
    }
}

/// The C name of an error number: `EADDRINUSE`.
pub fn name(number: i32) -> Option<String> {
    let errno = Errno::from_raw(number);
    (errno != Errno::UnknownErrno).then(|| format!("{errno:?}"))
}

/// The error number that is called so in C, or written so.
pub fn number(text: &str) -> Option<i32> {
    // The two numbers that have a second name (errno(3)).
    let text = match text.to_ascii_uppercase().as_str() {
        "EWOULDBLOCK" => "EAGAIN".to_owned(),
        "ENOTSUP" => "EOPNOTSUPP".to_owned(),
        other => other.to_owned(),
    };
    let found = |number: &i32| text == number.to_string() || name(*number).is_some_and(|name| name == text);
    (1..LAST).find(found).filter(|number| name(*number).is_some())
}

/// Numbers of the kernel end below this (include/uapi/asm-generic/errno.h).
const LAST: i32 = 150;

/// The system's own words for an error: strerror(3). (Those of nix differ here and there.)
pub fn words(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The whole table.
pub fn all() -> impl Iterator<Item = &'static Meaning> {
    let parts = [
        making::MEANINGS,
        naming::MEANINGS,
        connecting::MEANINGS,
        moving::MEANINGS,
        options::MEANINGS,
        general::MEANINGS,
    ];
    parts.into_iter().flatten()
}

/// The meaning of an error number for a call on such a socket, the most special one first.
pub fn meaning(call: &str, on: On, number: i32) -> Option<&'static Meaning> {
    let errno = Errno::from_raw(number);
    let fits = |meaning: &&Meaning| {
        meaning.errno == errno
            && (meaning.calls.is_empty() || meaning.calls.contains(&call))
            && (meaning.on == On::Any || meaning.on == on)
    };
    all().filter(fits).max_by_key(|meaning| (!meaning.calls.is_empty(), meaning.on != On::Any))
}

/// All meanings of an error number.
pub fn meanings(number: i32) -> impl Iterator<Item = &'static Meaning> {
    all().filter(move |meaning| meaning.errno as i32 == number)
}

impl Meaning {
    /// Where it means this: ` from bind`, ` from connect on a UNIX socket`.
    pub fn place(&self) -> String {
        let calls =
            if self.calls.is_empty() { String::new() } else { format!(" from {}", self.calls.join(", ")) };
        match self.on {
            On::Any => calls,
            On::Tcp => format!("{calls} on a TCP socket"),
            On::Udp => format!("{calls} on a UDP socket"),
            On::Unix => format!("{calls} on a UNIX socket"),
        }
    }

    /// What to do, with the names that are meant here.
    pub fn advice(&self, socket: &str, address: &str) -> String {
        self.next.replace("{S}", socket).replace("{A}", address)
    }
}

const fn row(
    errno: Errno,
    calls: &'static [&'static str],
    on: On,
    why: &'static str,
    next: &'static str,
) -> Meaning {
    Meaning { errno, calls, on, why, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs;

    #[test]
    fn the_special_meaning_comes_first() {
        let why = |call, on, errno: Errno| meaning(call, on, errno as i32).map(|meaning| meaning.why);
        assert!(why("connect", On::Tcp, Errno::ECONNREFUSED).is_some_and(|why| why.contains("RST")));
        assert!(why("connect", On::Unix, Errno::ECONNREFUSED).is_some_and(|why| why.contains("file")));
        assert!(why("recv", On::Udp, Errno::ECONNREFUSED).is_some_and(|why| why.contains("ICMP")));
        assert_eq!(why("recv", On::Any, Errno::EXDEV), None);
    }

    #[test]
    fn no_row_is_hidden_by_another() {
        for row in all() {
            let calls = if row.calls.is_empty() { &["anything else"] } else { row.calls };
            for call in calls {
                let found = meaning(call, row.on, row.errno as i32);
                assert!(found.is_some_and(|found| std::ptr::eq(found, row)), "{:?} of {call}", row.errno);
            }
        }
    }

    #[test]
    fn whatever_the_manual_lists_is_explained() {
        for (call, numbers) in manual::RETURNED {
            for errno in *numbers {
                let found = meaning(call, On::Any, *errno as i32).or_else(|| {
                    // Some happen on one kind of socket only.
                    [On::Tcp, On::Udp, On::Unix].into_iter().find_map(|on| meaning(call, on, *errno as i32))
                });
                assert!(found.is_some(), "{errno:?} from {call} has no explanation");
            }
        }
    }

    #[test]
    fn no_call_is_explained_that_the_manual_does_not_list() {
        for row in all() {
            for call in row.calls {
                let listed = manual::returned(call).is_some_and(|numbers| numbers.contains(&row.errno));
                assert!(listed, "{:?} from {call} is not in the list of what it returns", row.errno);
            }
        }
    }

    #[test]
    fn what_is_to_be_typed_can_be_typed() {
        for row in all() {
            assert!(!row.why.ends_with('.') && !row.next.ends_with('.'), "{:?}: no full stop", row.errno);
            for line in row.next.split('`').skip(1).step_by(2) {
                let verb = line.split_once("= ").map_or(line, |(_, rest)| rest);
                let verb = verb.split(' ').next().unwrap_or_default();
                // Names in capitals are errors and options; the others are for a shell.
                let other = verb.starts_with(|c: char| !c.is_ascii_lowercase())
                    || ["ls", "ip", "chmod"].contains(&verb);
                assert!(other || verbs::find(verb).is_some(), "{:?}: `{line}`", row.errno);
            }
        }
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(said(libc::EADDRINUSE), "EADDRINUSE (Address already in use)");
        assert_eq!(said(libc::EBADF), "EBADF (Bad file descriptor)");
        assert_eq!(said(99999), "error 99999");
        for (text, expected) in [
            ("EPIPE", Some(libc::EPIPE)),
            ("epipe", Some(libc::EPIPE)),
            ("98", Some(libc::EADDRINUSE)),
            ("EWOULDBLOCK", Some(libc::EAGAIN)),
            ("0", None),
            ("7777", None),
            ("ENONSENSE", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
