//! What an error of getaddrinfo(3) means. They have numbers of their own, not errno's.

use crate::outcome::Failure;

/// An error of getaddrinfo(3).
#[derive(Debug)]
pub struct Meaning {
    /// Its number.
    pub number: i32,
    /// Its name in C.
    pub name: &'static str,
    /// Why it happens.
    pub why: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

/// Not in the libc crate: `EAI_ADDRFAMILY` of glibc's netdb.h.
const EAI_ADDRFAMILY: i32 = -9;

/// All that can come of looking up a name.
pub static MEANINGS: &[Meaning] = &[
    Meaning {
        number: libc::EAI_NONAME,
        name: "EAI_NONAME",
        why: "no host has this name: neither /etc/hosts nor the name server knows it; or the name of the service is in no line of /etc/services",
        next: "check the spelling; `resolve localhost` should always work",
    },
    Meaning {
        number: libc::EAI_AGAIN,
        name: "EAI_AGAIN",
        why: "the name server did not answer, or could not say: this machine may have no network at the moment",
        next: "try again later, or give the address as numbers; names in /etc/hosts need no name server",
    },
    Meaning {
        number: libc::EAI_FAIL,
        name: "EAI_FAIL",
        why: "the name server answered that it cannot help, now or later",
        next: "give the address as numbers, or ask who runs the name server in /etc/resolv.conf",
    },
    Meaning {
        number: libc::EAI_NODATA,
        name: "EAI_NODATA",
        why: "the name exists, but has no address (of the family that was asked for)",
        next: "`resolve NAME` shows what addresses there are",
    },
    Meaning {
        number: EAI_ADDRFAMILY,
        name: "EAI_ADDRFAMILY",
        why: "the name has no address of the socket's family",
        next: "`resolve NAME` shows what addresses there are; a name with IPv6 addresses alone needs a socket of AF_INET6",
    },
    Meaning {
        number: libc::EAI_SERVICE,
        name: "EAI_SERVICE",
        why: "no line of /etc/services has this service for this type of socket",
        next: "give the port as a number",
    },
    Meaning {
        number: libc::EAI_FAMILY,
        name: "EAI_FAMILY",
        why: "this family of addresses is not one that names are looked up in",
        next: "leave the family out",
    },
    Meaning {
        number: libc::EAI_SOCKTYPE,
        name: "EAI_SOCKTYPE",
        why: "no protocol has this type of socket",
        next: "take SOCK_STREAM or SOCK_DGRAM",
    },
    Meaning {
        number: libc::EAI_MEMORY,
        name: "EAI_MEMORY",
        why: "the system is out of memory for this",
        next: "try again when there is more",
    },
    Meaning {
        number: libc::EAI_SYSTEM,
        name: "EAI_SYSTEM",
        why: "a system call that getaddrinfo makes has failed",
        next: "try again; check that /etc/resolv.conf can be read",
    },
];

/// The failure of a look-up.
pub(crate) fn failure(what: &str, host: &str, service: Option<&str>, number: i32, words: &str) -> Failure {
    let Some(meaning) = MEANINGS.iter().find(|meaning| meaning.number == number) else {
        return Failure::new(format!("{what}: {words}"));
    };
    // The crate puts words of its own before those of gai_strerror(3).
    let words = words.rsplit(": ").next().unwrap_or(words);
    let mut failure = Failure::new(format!("{what}: {} ({words})", meaning.name)).next(meaning.next);
    failure.why.push(meaning.why.to_owned());
    let text = service.filter(|service| service.parse::<u16>().is_err());
    if let (libc::EAI_NONAME | libc::EAI_SERVICE, Some(service)) = (number, text) {
        failure = failure.next(format!("is it the service? `resolve {host}` without `{service}` tells"));
    }
    failure
}

/// The meaning of an error, by its name.
pub fn find(name: &str) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.name.eq_ignore_ascii_case(name))
}
