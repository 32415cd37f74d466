//! `explain WORD`: all that is known of a word, be it a term, a state, an error, an option, a
//! verb or a constant; and what comes near to a word that is not known.

use super::errno::{self, manual};
use super::resolving;
use super::terms;
use crate::options::{self, SocketOption};
use crate::verbs::{self, Kind, VERBS};

/// What is known of a word, as finished lines; empty when nothing is.
pub fn about(word: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut see: Vec<String> = Vec::new();
    if let Some(term) = terms::find(word) {
        lines.push(format!("{}: {}", term.name, term.meaning));
        if !term.lines.is_empty() {
            lines.push("To see it, in a new session:".into());
            lines.extend(term.lines.iter().map(|line| format!("  {line}")));
        }
        see.extend(term.see.iter().map(|word| (*word).to_owned()));
    }
    if let Some(number) = errno::number(word) {
        lines.extend(error(number));
    }
    if let Some(meaning) = resolving::find(word) {
        lines.push(format!("{} from getaddrinfo: {}", meaning.name, meaning.why));
        lines.push(format!("  what to do: {}", meaning.next));
        see.push("DNS".into());
    }
    lines.extend(options::find(word).map(SocketOption::explained).unwrap_or_default());
    if let Some(verb) = verbs::find(&word.to_ascii_lowercase()) {
        lines.extend([verb.usage(), verb.summary.to_owned(), verb.details.to_owned()]);
        lines.extend(failures(verb.name));
        see.push(format!("`help {}` for an example", verb.name));
    }
    if lines.is_empty() {
        lines.extend(constant(word));
    }
    if !see.is_empty() {
        lines.push(format!("see also: {}", see.join(", ")));
    }
    lines
}

/// What an error number means, from which call.
fn error(number: i32) -> Vec<String> {
    let mut lines = vec![format!("{} is error number {number}: {}", name(number), errno::words(number))];
    let mut meanings: Vec<_> = errno::meanings(number).collect();
    // What holds for every call comes first.
    meanings.sort_by_key(|meaning| !meaning.calls.is_empty());
    for meaning in &meanings {
        lines.push(format!("{}: {}", capital(meaning.place().trim_start()), meaning.why));
        lines.push(format!("  what to do: {}", meaning.advice("S", "ADDRESS")));
    }
    if meanings.is_empty() {
        lines.push("No call on a socket is known to return it.".into());
    }
    let calls: Vec<&str> = manual::RETURNED
        .iter()
        .filter(|(_, numbers)| numbers.iter().any(|errno| *errno as i32 == number))
        .map(|(call, _)| *call)
        .collect();
    if !calls.is_empty() {
        lines.push(format!("calls that can return it: {}", calls.join(", ")));
    }
    lines
}

fn name(number: i32) -> String {
    errno::name(number).unwrap_or_else(|| format!("error {number}"))
}

fn capital(place: &str) -> String {
    match place.chars().next() {
        None => "From any call".into(),
        Some(first) => format!("{}{}", first.to_ascii_uppercase(), place.get(1..).unwrap_or_default()),
    }
}

/// What a call can fail with.
fn failures(call: &str) -> Option<String> {
    // The loops make the calls that their names start with.
    let call = call.split('-').next()?;
    let names: Vec<String> = manual::returned(call)?.iter().map(|errno| format!("{errno:?}")).collect();
    Some(format!("can fail with: {}", names.join(", ")))
}

/// A constant that some verb takes: what it is for is told by the verb.
fn constant(word: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for verb in VERBS {
        for argument in verb.arguments {
            let Kind::Constant(constants) = argument.kind else { continue };
            let found = constants.iter().find(|constant| constant.name.eq_ignore_ascii_case(word));
            if let Some(constant) = found {
                lines.push(format!("{} is for `{}`: {}", constant.name, verb.usage(), verb.details));
            }
        }
    }
    lines
}

/// Every word of which something is known.
pub fn words() -> Vec<String> {
    let mut words: Vec<String> = VERBS.iter().map(|verb| verb.name.to_owned()).collect();
    words.extend(terms::all().map(|term| term.name.to_owned()));
    words.extend(errno::all().map(|meaning| format!("{:?}", meaning.errno)));
    words.extend(options::all().map(|option| option.name.to_owned()));
    words.extend(resolving::MEANINGS.iter().map(|meaning| meaning.name.to_owned()));
    let constants = VERBS.iter().flat_map(|verb| verb.arguments).filter_map(|argument| match argument.kind {
        Kind::Constant(constants) => Some(constants),
        _ => None,
    });
    words.extend(constants.flatten().map(|constant| constant.name.to_owned()).filter(|name| name.len() > 3));
    words.sort();
    words.dedup();
    words
}

/// The words that are near to one by their letters, the nearest first.
pub fn near(word: &str) -> Vec<String> {
    let wanted = terms::plain(word);
    let also = terms::all().flat_map(|term| term.also).map(|also| (*also).to_owned());
    let mut near: Vec<(usize, String)> = words()
        .into_iter()
        .chain(also)
        .filter_map(|known| {
            let plain = terms::plain(&known);
            let distance = strsim::damerau_levenshtein(&wanted, &plain);
            let part = wanted.len() > 2 && plain.split('-').any(|part| part == wanted);
            let distance = if part { 1 } else { distance };
            (distance * 3 <= plain.len().max(3)).then_some((distance, known))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().map(|(_, word)| word).take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_of_words_are_known() {
        for (word, phrase) in [
            ("TIME-WAIT", "60 seconds"),
            ("time_wait", "60 seconds"),
            ("econnrefused", "calls that can return it: connect"),
            ("111", "ECONNREFUSED"),
            ("EXDEV", "No call on a socket"),
            ("connect", "can fail with: EACCES"),
            ("send-all", "can fail with: EACCES"),
            ("MSG_PEEK", "leave them in the receive queue"),
            ("SIGPIPE", "EPIPE"),
            ("IPPROTO_TCP", "socket DOMAIN"),
            ("SO_REUSEADDR", "setsockopt"),
        ] {
            let lines = about(word).join("\n");
            assert!(lines.contains(phrase), "{word}: {lines}");
        }
        assert!(about("xyzzy").is_empty());
    }

    #[test]
    fn near_misses() {
        for (typed, meant) in [
            ("TIMEWAIT", "TIME-WAIT"),
            ("ECONREFUSED", "ECONNREFUSED"),
            ("baklog", "backlog"),
            ("ephemeral", "ephemeral port"),
            ("SO_REUSEADR", "SO_REUSEADDR"),
            ("FINWAIT2", "FIN-WAIT2"),
        ] {
            assert_eq!(near(typed).first().map(String::as_str), Some(meant), "{typed}: {:?}", near(typed));
        }
        assert!(near("xyzzy").is_empty(), "{:?}", near("xyzzy"));
    }
}
