//! Lines that cannot be read: what a beginner probably meant, as a line that can be typed.
//!
//! The reading of the arguments says what is wrong; this adds what to type in its place.

mod program;
mod whole;

use crate::explain::{errno, terms};
use crate::language::{Line, Word, is_name, values};
use crate::outcome::Failure;
use crate::session::Session;
use crate::verbs::{self, Argument, Constant, Kind, VERBS, Verb};
use whole::{example, whole, words};

/// Words of shells and of other interfaces to sockets, and the verb that does the same here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("exit", "quit"),
    ("bg", "jobs"),
    ("history", "lines"),
    ("undo", "rewind"),
    ("q", "quit"),
    ("read", "recv"),
    ("receive", "recv"),
    ("write", "send"),
    ("ss", "netstat"),
    ("lsof", "fds"),
    ("man", "help"),
    ("?", "help"),
    ("run", "start"),
    ("kill", "stop"),
    ("load", "source"),
    ("sendall", "send-all"),
    ("recvall", "recv-all"),
    ("read_exact", "recv-exact"),
    ("write_all", "send-all"),
];

/// Commands of a shell that have nothing like them here.
const SHELL: [&str; 12] =
    ["ls", "cd", "cat", "clear", "echo", "pwd", "sudo", "grep", "ping", "nc", "telnet", "rm"];

/// What steers a lesson, behind `lesson`.
const LESSON: [&str; 3] = ["next", "back", "again"];

/// Advice on a line whose first word is no verb.
pub(crate) fn unknown_verb(session: &Session, line: &Line, text: &str) -> Failure {
    let name = line.verb.bare().unwrap_or("\"...\"");
    if let Some(meant) = program::as_line(text) {
        return Failure::new("here a call is typed as words: no brackets, no commas, no dots")
            .next(format!("type it as `{meant}`"));
    }
    let failure = Failure::new(format!("there is no verb `{name}`"));
    let small = name.to_ascii_lowercase();
    if small != name && verbs::find(&small).is_some() {
        return failure.next(format!("verbs are written in small letters: `{small}`"));
    }
    if let Some((_, verb)) = ELSEWHERE.iter().find(|(word, _)| *word == small) {
        return failure.next(format!("perhaps `{verb}` was meant"));
    }
    if session.is_in_lesson() && LESSON.contains(&name) {
        return failure.next(format!("in a lesson it is `lesson {name}`"));
    }
    // `srv listen`: a socket first, as in languages with objects.
    let first = line.arguments.first().and_then(Word::bare);
    if let Some(verb) = first.and_then(verbs::find) {
        let rest: Vec<&str> = line.arguments.iter().skip(1).filter_map(Word::text).collect();
        let meant = [&[verb.name, name], rest.as_slice()].concat().join(" ");
        return failure.next(format!("the verb comes first: `{meant}`"));
    }
    if session.socket_names().values().any(|known| known == name) {
        return failure.next(format!("`{name}` is a socket: the verb comes first, as in `show {name}`"));
    }
    if let Some(verb) = nearest(&small) {
        return failure.next(format!("perhaps `{verb}` was meant"));
    }
    if values::decimal(name).is_some() {
        return failure
            .next(format!("a line starts with a verb, as in `show {name}`; `help` lists the verbs"));
    }
    if errno::number(name).is_some() || terms::find(name).is_some() {
        return failure.next(format!("`explain {name}` tells what it means"));
    }
    if SHELL.contains(&name) {
        return failure.next("this is no shell: use another terminal for that; here `help` lists the verbs");
    }
    failure.next("`help` lists the verbs; a line is a verb and its arguments, as in `c = socket tcp`")
}

/// Advice on a line that could not be cut into words.
pub(crate) fn unreadable(text: &str, failure: Failure) -> Failure {
    if failure.message.contains("closing quote") {
        return failure.next(format!("close it where the bytes end: `{}\"`", text.trim_end()));
    }
    match program::as_line(text) {
        Some(meant) => failure.next(format!("type it as `{meant}`")),
        None => failure,
    }
}

/// Adds to what is wrong with an argument, or with the number of them, what to type.
pub(crate) fn advise(session: &Session, verb: &Verb, line: &Line, place: usize, failure: Failure) -> Failure {
    let known = failure.next.clone();
    let word = line.arguments.get(place);
    let text = word.and_then(Word::text).unwrap_or_default();
    let argument = verb.arguments.get(place);
    let mut advice = Vec::new();
    if let Some(punctuation) = line.arguments.iter().filter_map(Word::bare).find_map(trailing) {
        let words: Vec<String> =
            words(line).iter().map(|word| word.trim_end_matches([',', ';']).to_owned()).collect();
        advice.push(format!(
            "words are parted by spaces alone, no `{punctuation}`: `{}`",
            whole(line, verb, &words)
        ));
    } else if line.arguments.iter().any(|word| word.bare() == Some("=")) {
        let words: Vec<String> = words(line).into_iter().filter(|word| word != "=").collect();
        advice.push(format!(
            "`=` stands behind a name at the start of a line only, as in `c = socket tcp`; here: `{}`",
            whole(line, verb, &words)
        ));
    } else if let Some(meant) = loose_data(verb, line, place)
        && !session.socket_names().values().any(|name| name == text)
    {
        advice.push(format!("bytes with a space in them stand in quotes: `{meant}`"));
    } else {
        match (argument, word) {
            (Some(argument), Some(_)) => {
                advice.extend(wrong_kind(session, verb, line, place, argument, text));
            }
            (Some(_), None) => advice.extend(example(session, verb, line)),
            (None, _) => {
                let words = words(line);
                let kept = words.get(..verb.arguments.len()).unwrap_or_default();
                advice.push(format!("leave out what is too much: `{}`", whole(line, verb, kept)));
            }
        }
    }
    let mut failure = failure;
    failure.next = if advice.is_empty() { known } else { advice };
    let usage = format!("`{}`", verb.usage());
    if !failure.next.iter().any(|next| next.contains(&usage)) {
        failure.next.push(format!("`{}` is typed as {usage}; `help {0}` shows an example", verb.name));
    }
    failure
}

/// What was probably meant by a word of another kind than is needed here.
fn wrong_kind(
    session: &Session,
    verb: &Verb,
    line: &Line,
    place: usize,
    argument: &Argument,
    text: &str,
) -> Vec<String> {
    let words = words(line);
    let with = |new: &str| {
        let mut words = words.clone();
        if let Some(word) = words.get_mut(place) {
            new.clone_into(word);
        }
        whole(line, verb, &words)
    };
    let open: Vec<String> = session.socket_names().values().cloned().collect();
    match argument.kind {
        Kind::Address | Kind::OwnAddress => {
            let next = words.get(place + 1).filter(|next| values::decimal(next).is_some());
            let host = text.rsplit("//").next().unwrap_or(text).trim_matches('/');
            match (next, values::decimal(text)) {
                _ if text.starts_with(['/', '.', '@']) => vec![format!(
                    "a path of the UNIX domain is written behind `unix:`: `{}`",
                    with(&format!("unix:{text}"))
                )],
                // `127.0.0.1 7777`: in two words, as a program has it.
                (Some(port), _) if !text.contains(':') => {
                    let mut joined = words.clone();
                    joined.remove(place + 1);
                    if let Some(word) = joined.get_mut(place) {
                        *word = format!("{text}:{port}");
                    }
                    vec![format!(
                        "address and port are one word, with a colon: `{}`",
                        whole(line, verb, &joined)
                    )]
                }
                (_, Some(port)) if port <= 65535 => vec![format!(
                    "if {text} is a port, name the address too: `{}` (127.0.0.1 is this machine)",
                    with(&format!("127.0.0.1:{text}"))
                )],
                (_, None) if host != text => vec![format!(
                    "an address is no URL: host and port alone, `{}`",
                    with(&if host.contains(':') { host.to_owned() } else { format!("{host}:80") })
                )],
                (_, None) if text.parse::<std::net::IpAddr>().is_ok() => {
                    let shown =
                        if text.contains(':') { format!("[{text}]:7777") } else { format!("{text}:7777") };
                    let zero = shown.replace("7777", "0");
                    vec![match verb.name {
                        "bind" => format!(
                            "add a port: `{}`; or 0, and the kernel chooses one: `{}`",
                            with(&shown),
                            with(&zero)
                        ),
                        _ => format!("add the port: `{}`", with(&shown)),
                    }]
                }
                // It is there, and what it lacks is said already.
                _ if open.iter().any(|name| name == text) => Vec::new(),
                _ if is_name(text) && !text.is_empty() => {
                    let mut advice = Vec::new();
                    if let Some(near) = near(text, &open) {
                        advice.push(format!("perhaps {near} was meant: `{}`", with(&near)));
                    }
                    advice.push(format!(
                        "no socket or program is called `{text}`; an address is `127.0.0.1:7777`, say: `{}`",
                        with("127.0.0.1:7777")
                    ));
                    advice
                }
                _ => vec![format!("for example: `{}`", with("127.0.0.1:7777"))],
            }
        }
        Kind::Socket | Kind::SocketThat(_) => {
            let mut advice = Vec::new();
            if let Some(near) = near(text, &open) {
                advice.push(format!("perhaps {near} was meant: `{}`", with(&near)));
            } else if text.contains([':', '.']) {
                let name = open.first().cloned().unwrap_or_else(|| "c".into());
                let mut all = words.clone();
                all.insert(place, name);
                advice.push(format!("the socket stands before the address: `{}`", whole(line, verb, &all)));
            } else if verbs::find(text).is_some() || matches!(text, "tcp" | "udp") {
                advice.push("first make a socket and give it a name: `c = socket tcp`".into());
            }
            advice.extend(match open.as_slice() {
                [] => {
                    let name = if is_name(text) && !matches!(text, "tcp" | "udp") { text } else { "c" };
                    vec![format!("`{name} = socket tcp` makes a new one")]
                }
                open => vec![format!("open sockets are {}", open.join(", "))],
            });
            advice.dedup();
            advice
        }
        Kind::Constant(constants) if came_before(line, place, constants).is_some() => {
            let early = came_before(line, place, constants).unwrap_or_default();
            let mut all = words.clone();
            let word = all.remove(early);
            all.insert(place, word.clone());
            vec![format!("`{word}` comes behind the others: `{}`", whole(line, verb, &all))]
        }
        Kind::Constant(constants) if comes_later(verb, place, text) => {
            // A full domain before a type: a short word such as `tcp` says both.
            let full =
                |name: &&str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
            let first = constants.iter().map(|constant| constant.name).find(full).unwrap_or("AF_INET");
            let mut all = words.clone();
            all.insert(place, first.to_owned());
            let name = verb.arguments.get(place).map_or("", |argument| argument.name);
            vec![format!("{name} comes before it: `{}`", whole(line, verb, &all))]
        }
        Kind::Constant(constants) => {
            let names: Vec<String> = constants
                .iter()
                .flat_map(|constant| constant.short.iter().copied().chain([constant.name]))
                .map(str::to_owned)
                .collect();
            match near(text, &names) {
                Some(near) => vec![format!("perhaps {near} was meant: `{}`", with(&near))],
                None => {
                    names.first().map(|first| format!("for example: `{}`", with(first))).into_iter().collect()
                }
            }
        }
        Kind::Size | Kind::Limit | Kind::Number if text.starts_with('-') => {
            vec!["a number here has no sign".into()]
        }
        Kind::Number if matches!(text, "true" | "on" | "yes") => vec![format!("1 is on: `{}`", with("1"))],
        Kind::Number if matches!(text, "false" | "off" | "no") => vec![format!("0 is off: `{}`", with("0"))],
        Kind::Number => vec![format!("a number is written in digits, for example: `{}`", with("5"))],
        Kind::Size => vec![format!("a number is written in digits, for example: `{}`", with("100"))],
        _ => Vec::new(),
    }
}

/// Whether a word would fit a later place than the one where it stands.
fn comes_later(verb: &Verb, place: usize, text: &str) -> bool {
    let later = verb.arguments.iter().skip(place + 1);
    later.into_iter().any(|argument| match argument.kind {
        Kind::Constant(constants) => verbs::constant(text, constants).is_some(),
        _ => false,
    })
}

/// Where a word stands before its place, though it belongs there.
fn came_before(line: &Line, place: usize, constants: &[Constant]) -> Option<usize> {
    let fits = |word: &Word| word.bare().is_some_and(|text| verbs::constant(text, constants).is_some());
    line.arguments.iter().take(place).position(fits)
}

/// `send c hello world`: data that were meant to be one word.
fn loose_data(verb: &Verb, line: &Line, place: usize) -> Option<String> {
    let data = verb.arguments.iter().position(|argument| matches!(argument.kind, Kind::Data))?;
    line.arguments.get(data).filter(|word| !word.quoted)?;
    let fits = place > data && line.arguments.len() > data + 1;
    // What follows the data may be an address that is only wrong in itself.
    let last = line.arguments.get(place)?.bare()?;
    let address = verb
        .arguments
        .get(place)
        .is_some_and(|argument| matches!(argument.kind, Kind::Address | Kind::OwnAddress));
    if !fits || address && (last.contains(':') || verb.arguments.len() == line.arguments.len()) {
        return None;
    }
    let words = words(line);
    let mut all = words.get(..data)?.to_vec();
    // The address that comes after the data, if the last word is one.
    let wants_address = verb
        .arguments
        .get(data + 1)
        .is_some_and(|argument| matches!(argument.kind, Kind::Address | Kind::OwnAddress));
    let end = if wants_address { words.len() - 1 } else { words.len() };
    // Quotes of other kinds than the language's own.
    let text = words.get(data..end)?.join(" ");
    let text = text.trim_matches(['\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']);
    all.push(format!("\"{text}\""));
    all.extend(words.get(end..)?.iter().cloned());
    Some(whole(line, verb, &all))
}

/// A comma or semicolon at the end of a word.
fn trailing(word: &str) -> Option<char> {
    word.chars().next_back().filter(|last| word.len() > 1 && matches!(last, ',' | ';'))
}

/// The verb whose name is the nearest by letters, if one is near.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let names: Vec<String> = VERBS.iter().map(|verb| verb.name.to_owned()).collect();
    let near = near(name, &names)?;
    verbs::find(&near).map(|verb| verb.name)
}

/// The one of these that is nearest to a word by its letters, if one is near.
fn near(word: &str, known: &[String]) -> Option<String> {
    let distance =
        |known: &str| strsim::damerau_levenshtein(&word.to_ascii_lowercase(), &known.to_ascii_lowercase());
    let nearest = known.iter().min_by_key(|known| distance(known))?;
    (distance(nearest) * 3 <= nearest.len().max(3)).then(|| nearest.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_elsewhere_lead_to_verbs() {
        for (word, verb) in ELSEWHERE.iter().copied() {
            assert!(verbs::find(verb).is_some() && verbs::find(word).is_none(), "{word}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        for (typed, meant) in [
            ("conect", Some("connect")),
            ("lisen", Some("listen")),
            ("accpet", Some("accept")),
            ("hlep", Some("help")),
            ("xyzzy", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed), meant, "{typed}");
        }
    }
}
