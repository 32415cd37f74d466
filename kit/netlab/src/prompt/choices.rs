//! What there is to choose from: sockets, addresses, programs, relays, jobs, states.

use super::completion::Candidate;
use super::half_line::HalfLine;
use super::known::{self, Known};
use netkit::explain::errno;
use netkit::kernel::sock_diag::Protocol;
use netkit::kernel::state::TcpState;
use netkit::predict::GONE;
use netkit::session::ends::End;
use netkit::verbs::relay::ACTIONS;

/// The sockets that fit, by name; by descriptor to who starts to type one.
pub(super) fn sockets(known: &Known, typed: &str, fits: fn(&End) -> bool) -> Vec<Candidate> {
    let digits = typed.starts_with(|c: char| c.is_ascii_digit());
    let word = |end: &End, fd: i32| if digits { fd.to_string() } else { end.label_of(fd) };
    let fitting = known.sockets.iter().filter(|end| fits(end));
    let every = fitting.flat_map(|end| end.fds().into_iter().map(move |fd| (end, fd)));
    every.map(|(end, fd)| Candidate::new(word(end, fd), known::about(end))).collect()
}

/// Addresses to send to: of listeners for a stream, of datagram sockets for one of those; of
/// programs; those that were typed.
pub(super) fn addresses(first: Option<&str>, known: &Known) -> Vec<Candidate> {
    let own = first.and_then(|first| known.socket(first));
    let reachable = |end: &&End| {
        let taker = end.accept_queue.is_some() || end.protocol.is_datagram();
        let same_kind = own.is_none_or(|own| own.protocol == end.protocol && own.cookie != end.cookie);
        end.has_address() && taker && same_kind
    };
    let sockets = known.sockets.iter().filter(reachable);
    let mut found: Vec<Candidate> =
        sockets.map(|end| Candidate::new(end.label(), known::about(end))).collect();
    found.extend(programs(known));
    if own.is_some_and(|own| own.protocol == Protocol::Udp) {
        found.extend(relays(known));
        found.extend(responders(known));
        found.extend(known.named.iter().map(|(name, at)| Candidate::new(name, at)));
    }
    found.extend(known.addresses.iter().map(|address| Candidate::new(address, "")));
    found
}

pub(super) fn closed(known: &Known) -> Vec<Candidate> {
    known.closed.iter().map(|end| Candidate::new(end.label(), known::about(end))).collect()
}

pub(super) fn programs(known: &Known) -> Vec<Candidate> {
    known.programs.iter().map(|program| Candidate::new(program, "program")).collect()
}

pub(super) fn relays(known: &Known) -> Vec<Candidate> {
    let relays = known.relays.iter();
    relays.map(|(name, server)| Candidate::new(name, format!("relay to {server}"))).collect()
}

pub(super) fn responders(known: &Known) -> Vec<Candidate> {
    known.responders.iter().map(|name| Candidate::new(name, "answers by rule")).collect()
}

/// The words of a rule: what is done, a number, which way, and the server's name.
pub(super) fn rule(half: &HalfLine<'_>, known: &Known) -> Vec<Candidate> {
    let previous = half.previous.unwrap_or_default();
    let number = previous.bytes().all(|byte| byte.is_ascii_digit());
    match half.first.and_then(|first| known.leads_to(first)) {
        Some(_) if half.previous == half.first => {
            ACTIONS.iter().map(|action| Candidate::new(action.name, "")).collect()
        }
        Some(_) if number => ["to", "from"].map(|way| Candidate::new(way, "")).to_vec(),
        Some(server) if matches!(previous, "to" | "from") => vec![Candidate::new(server, "")],
        _ => Vec::new(),
    }
}

/// The jobs, as `1` or, to who starts so, as `%1`.
pub(super) fn jobs(known: &Known, typed: &str) -> Vec<Candidate> {
    let sign = if typed.starts_with('%') { "%" } else { "" };
    known.jobs.iter().map(|(number, line)| Candidate::new(format!("{sign}{number}"), line)).collect()
}

/// What one can wait for: a program listens, has a UDP socket, is back at its mark; a socket
/// has any state.
pub(super) fn states(first: Option<&str>, known: &Known) -> Vec<Candidate> {
    let program = first.is_some_and(|first| known.programs.iter().any(|program| program == first));
    let mut names: Vec<&str> = if program {
        vec!["LISTEN", "UDP", "BOUND", "SOCKET", "REST", "MARK", "FAILURE"]
    } else {
        TcpState::ALL.iter().map(|state| state.name()).collect()
    };
    names.dedup();
    names.into_iter().map(|name| Candidate::new(name, "")).collect()
}

/// What a call may do, or the state after it.
pub(super) fn expected(number: usize, known: &Known) -> Vec<Candidate> {
    if number > 0 {
        let others = ["connected", "unconnected", "listening", GONE].map(|name| Candidate::new(name, ""));
        return [states(None, known), others.to_vec()].concat();
    }
    let numbers: std::collections::BTreeSet<i32> = errno::all().map(|meaning| meaning.errno as i32).collect();
    let mut errors: Vec<(String, i32)> =
        numbers.into_iter().filter_map(|number| Some((errno::name(number)?, number))).collect();
    errors.sort();
    let errors = errors.into_iter().map(|(name, number)| Candidate::new(name, errno::words(number)));
    [("ok", "it succeeds"), ("blocks", "it waits")]
        .into_iter()
        .map(|(word, about)| Candidate::new(word, about))
        .chain(errors)
        .collect()
}
