//! Calls as programs have them, as lines of this language.

use super::ELSEWHERE;
use crate::language::{is_name, values};
use crate::verbs::{self, Kind};

/// A call as programs have it, `socket(AF_INET, SOCK_STREAM, 0)` or `srv.bind(("", 7777))`, as
/// a line of this language.
pub(super) fn as_line(text: &str) -> Option<String> {
    let (name, call) = match text.split_once(" = ") {
        Some((name, call)) => (Some(name.trim()), call),
        None => (None, text),
    };
    let (function, rest) = call.split_once('(')?;
    let function = function.trim();
    // `srv.listen`, `socket.socket`, `socket::bind`.
    let mut parts = function.rsplit(['.', ':']).filter(|part| !part.is_empty());
    let verb = parts.next()?.trim().to_ascii_lowercase();
    let object = parts.next().filter(|object| is_name(object) && verbs::find(object).is_none());
    let alias = ELSEWHERE.iter().find(|(other, _)| *other == verb);
    let verb = alias.map_or(verb.as_str(), |(_, verb)| *verb);
    let verb = verbs::find(verb)?;
    let inside = rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ')' | ';' | '?'));
    let mut words: Vec<String> = Vec::new();
    words.extend(object.map(str::to_owned));
    let takes_address =
        verb.arguments.iter().any(|argument| matches!(argument.kind, Kind::Address | Kind::OwnAddress));
    let takes_data = verb.arguments.iter().any(|argument| matches!(argument.kind, Kind::Data));
    let cleaned: Vec<String> = inside
        .split(comma_outside_quotes())
        .map(|word| word.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    for word in cleaned {
        let bare = word.trim_start_matches(['b', '&']).trim_matches(['"', '\'']);
        let quoted = bare.len() + 1 < word.len();
        let port = values::decimal(bare).is_some();
        let before = words.last().cloned().unwrap_or_default();
        if takes_address && port && quoted_host(&before) {
            words.pop();
            words.push(format!("{before}:{bare}"));
        } else if takes_data && quoted && !(takes_address && quoted_host(bare)) {
            words.push(format!("\"{bare}\""));
        } else {
            words.push(bare.strip_prefix("socket.").unwrap_or(bare).to_owned());
        }
    }
    let mut line = name.filter(|name| is_name(name)).map(|name| format!("{name} = ")).unwrap_or_default();
    line.push_str(verb.name);
    for word in &words {
        line.push(' ');
        line.push_str(word);
    }
    Some(line)
}

/// Finds the commas of a call, and not those in its strings.
fn comma_outside_quotes() -> impl FnMut(char) -> bool {
    let mut quote = None;
    move |c| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        quote.is_none() && c == ','
    }
}

/// Whether a word is a host to which a port is missing.
fn quoted_host(word: &str) -> bool {
    word == "localhost" || word.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_programs_become_lines() {
        for (typed, meant) in [
            ("socket(AF_INET, SOCK_STREAM, 0)", "socket AF_INET SOCK_STREAM 0"),
            ("socket(AF_INET,SOCK_STREAM,0);", "socket AF_INET SOCK_STREAM 0"),
            ("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)", "s = socket AF_INET SOCK_STREAM"),
            ("srv.bind((\"127.0.0.1\", 7777))", "bind srv 127.0.0.1:7777"),
            ("srv.listen()", "listen srv"),
            ("listen(srv, 5)", "listen srv 5"),
            ("c.sendall(b\"hello, world\")", "send-all c \"hello, world\""),
            ("recv(c, 100)", "recv c 100"),
            ("exit()", "quit"),
            ("conn = srv.accept()", "conn = accept srv"),
        ] {
            assert_eq!(as_line(typed).as_deref(), Some(meant), "{typed}");
        }
        assert_eq!(as_line("nothing of the kind"), None);
    }
}
