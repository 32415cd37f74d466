//! What was found as JSON: one line.

use crate::event::{Event, Object, Place};
use crate::search::{Found, Tried};
use std::fmt::Write as _;

/// More events than this are not told: those in the middle are left out, and counted.
const MOST_EVENTS: usize = 400;

pub(crate) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars().take(1000) {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

fn list<T>(items: impl IntoIterator<Item = T>, write: impl Fn(T) -> String) -> String {
    let items: Vec<String> = items.into_iter().map(write).collect();
    format!("[{}]", items.join(","))
}

fn number(value: Option<usize>) -> String {
    value.map_or_else(|| "null".into(), |value| value.to_string())
}

fn place(place: Option<Place>) -> String {
    place.map_or_else(
        || "null".into(),
        |place| format!("{{\"file\":{},\"line\":{}}}", string(place.file), place.line),
    )
}

fn event(event: &Event) -> String {
    let Event { thread, what, object, other, threads, words, place: at } = event;
    format!(
        "{{\"thread\":{thread},\"what\":\"{}\",\"object\":{},\"other\":{},\"threads\":{},\"words\":{},\"place\":{}}}",
        what.name(),
        number(*object),
        number(*other),
        list(threads, ToString::to_string),
        string(words),
        place(*at)
    )
}

fn object(object: &Object) -> String {
    format!("{{\"kind\":\"{}\",\"made\":{}}}", object.kind.name(), place(Some(object.made)))
}

pub(crate) fn tried(case: &str, tried: &Tried) -> String {
    format!(
        "{{\"case\":{},\"schedules\":{},\"turns\":{},\"all\":{}}}",
        string(case),
        tried.schedules,
        number(tried.turns),
        tried.all
    )
}

pub(crate) fn found(case: usize, words: &str, found: &Found) -> String {
    let half = MOST_EVENTS / 2;
    let omitted = found.events.len().saturating_sub(MOST_EVENTS);
    let (first, last) = if omitted > 0 {
        (&found.events[..half], &found.events[half + omitted..])
    } else {
        (&found.events[..], &[][..])
    };
    format!(
        "{{\"name\":{},\"case\":{},\"way\":\"{}\",\"expected\":{},\"actual\":{},\"stuck\":{},\"threads\":{},\"objects\":{},\"first\":{},\"omitted\":{omitted},\"last\":{},\"turns\":{}}}",
        string(&format!("{case}:{}", found.name)),
        string(words),
        found.failure.way.name(),
        string(&found.failure.expected),
        string(&found.failure.actual),
        list(&found.failure.stuck, event),
        list(&found.threads, |name| string(name)),
        list(&found.objects, object),
        list(first, event),
        list(last, event),
        found.turns,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(string("a\"b\\c\n\u{e9}\u{1f600}"), r#""a\"b\\c\u000a\u00e9\ud83d\ude00""#);
    }
}
