//! A line that is not finished: which word is being typed, and what it may be.
//!
//! The language's own lexer refuses such lines, rightly: a string may still be open. Here
//! only words and the places between them matter.

use super::pasted;
use netkit::address;
use netkit::language::is_name;
use netkit::verbs::{self, Argument, Verb};

/// The word at the end of a half-typed line, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct HalfLine<'a> {
    /// What there is of the word: nothing, behind a space.
    pub word: &'a str,
    /// Where the word starts in the line, in bytes.
    pub start: usize,
    /// What the word may be.
    pub place: Place,
    /// The first argument of the line, if the word stands behind it.
    pub first: Option<&'a str>,
    /// The word before it.
    pub previous: Option<&'a str>,
}

/// What a word may be.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The verb.
    Verb,
    /// An argument of a verb, and its number, counted from 0.
    Argument(&'static Verb, &'static Argument, usize),
    /// Nothing that is known: a comment, an unknown verb's argument, too many words.
    Unknown,
}

impl<'a> HalfLine<'a> {
    /// Looks at what stands before the cursor.
    pub fn new(before: &'a str) -> Self {
        let mut words = command(before);
        let (start, word) = words.pop().unwrap_or((before.len(), ""));
        let first = words.get(1).map(|(_, word)| *word);
        let previous = words.last().map(|(_, word)| *word);
        let place = match words.as_slice() {
            _ if word.starts_with('#') || words.iter().any(|(_, word)| word.starts_with('#')) => {
                Place::Unknown
            }
            [] => Place::Verb,
            [(_, verb), arguments @ ..] => argument(verb, arguments.len()),
        };
        Self { word, start, place, first, previous }
    }
}

fn argument(verb: &str, number: usize) -> Place {
    let Some(verb) = verbs::find(verb) else { return Place::Unknown };
    let last = verb.arguments.last().filter(|last| last.kind.takes_the_rest());
    match verb.arguments.get(number).or(last) {
        Some(argument) => Place::Argument(verb, argument, number),
        None => Place::Unknown,
    }
}

/// The words from the verb on, with their places: without the prompt that a line was copied
/// with, the `!` of one that is meant to fail, and the name of its result.
pub fn command(before: &str) -> Vec<(usize, &str)> {
    let prompt = pasted::prompt(before).map_or(0, |(prompt, _)| prompt);
    let mut words = words(before);
    words.retain(|(start, _)| *start >= prompt);
    drop_mark(&mut words);
    drop_name(&mut words);
    words
}

/// The words with their places; the last is the one at the cursor, empty behind a space.
fn words(before: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in before.char_indices() {
        if c.is_whitespace() && !quoted {
            words.extend(start.take().map(|start| (start, &before[start..at])));
            continue;
        }
        start = start.or(Some(at));
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
    }
    let start = start.unwrap_or(before.len());
    words.push((start, &before[start..]));
    words
}

/// Takes the `!` of a line that is meant to fail off the front.
fn drop_mark(words: &mut Vec<(usize, &str)>) {
    match words.first().copied() {
        Some((_, "!")) if words.len() > 1 => {
            words.remove(0);
        }
        Some((start, word)) if word.len() > 1 && word.starts_with('!') => words[0] = (start + 1, &word[1..]),
        _ => {}
    }
}

/// Takes `name =` off the front, in all the ways in which it may be written.
fn drop_name(words: &mut Vec<(usize, &str)>) {
    let Some((start, first)) = words.first().copied() else { return };
    let (used, start, rest) = match (first.split_once('='), words.get(1).copied()) {
        (Some((name, rest)), _) if is_name(name) => (1, start + name.len() + 1, rest),
        (None, Some((start, second))) if is_name(first) && second.starts_with('=') => {
            (2, start + 1, &second[1..])
        }
        _ => return,
    };
    let last = words.len() == used;
    words.drain(..used);
    if !rest.is_empty() || last {
        words.insert(0, (start, rest));
    }
}

/// The words of a line that are addresses.
pub fn addresses(line: &str) -> impl Iterator<Item = &str> {
    let plain = |word: &&str| address::parse(word).is_ok_and(|address| address.port() != Some(0));
    words(line).into_iter().map(|(_, word)| word).filter(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word at the cursor and what it may be: `word@start place`.
    fn check(before: &str, expected: &str) {
        let half = HalfLine::new(before);
        let place = match half.place {
            Place::Verb => "verb".into(),
            Place::Argument(verb, argument, _) => format!("{} {}", verb.name, argument.name),
            Place::Unknown => "unknown".into(),
        };
        assert_eq!(format!("{}@{} {place}", half.word, half.start), expected, "{before:?}");
    }

    #[test]
    fn the_word_at_the_cursor_is_known() {
        check("", "@0 verb");
        check("  soc", "soc@2 verb");
        check("c = soc", "soc@4 verb");
        check("c =soc", "soc@3 verb");
        check("c=soc", "soc@2 verb");
        check("c = ", "@4 verb");
        check("c =", "@3 verb");
        check("c=", "@2 verb");
        check("! clo", "clo@2 verb");
        check("! x = connect ", "@14 connect S");
        check("c", "c@0 verb");
        check("connect ", "@8 connect S");
        check("connect c", "c@8 connect S");
        check("x = connect c 127", "127@14 connect ADDRESS");
        check("connect c srv ", "@14 unknown");
        check("send c \"a b", "\"a b@7 send DATA");
        check("send c \"a\\\" b\" d", "d@15 send FLAGS");
        check("p = start cat a b ", "@18 start COMMAND");
        check("xyzzy ", "@6 unknown");
        check("close c # a", "a@10 unknown");
        check("# soc", "soc@2 unknown");
        check("> c = soc", "soc@6 verb");
        check("netlab> close ", "@14 close S");
        check("é ", "@3 unknown");
    }

    #[test]
    fn addresses_in_a_line_are_found() {
        let found: Vec<&str> = addresses("sendto u 127.0.0.1:7777 \"x:1\" :0 :80").collect();
        assert_eq!(found, ["127.0.0.1:7777", ":80"]);
    }
}
