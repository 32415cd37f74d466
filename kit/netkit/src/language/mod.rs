//! The session language: one line of text becomes one [`Line`].
//!
//! ```text
//! [!] [name =] verb arguments [&]    # a comment
//! ```
//!
//! The language knows nothing of verbs, sockets or sessions. It cuts a line into
//! words (`lexer`), keeps where each stood so that an error can point at it, and
//! leaves what is inside `\( … )` to whoever runs the line. The small values that
//! words stand for (sizes, durations, addresses) are read in [`values`].

mod lexer;
pub mod values;

use std::ops::Range;

pub use lexer::SyntaxError;

/// One line, cut into its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it starts with `!`: it is meant to fail, and a script goes on when it does.
    pub fails: bool,
    /// The name that the line's result is given: `c` in `c = socket tcp`.
    pub name: Option<String>,
    /// The first word, which says what to do.
    pub verb: Word,
    /// The words behind it.
    pub arguments: Vec<Word>,
    /// Whether the line ends in `&`: go on without waiting for the result.
    pub background: bool,
}

/// One word of a line: bare, quoted, or several pieces written without a space between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
    /// Whether any of it stood in quotes: a quoted word is never a flag, a name or a comment.
    pub quoted: bool,
    /// The bytes of the line that it was read from.
    pub span: Range<usize>,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes as they are meant, escapes undone.
    Bytes(Vec<u8>),
    /// What stood inside `\( … )`: a generator such as `nonce` or `random:16M`, or a
    /// name whose address is meant. The session that runs the line fills it in.
    Insert(String),
}

impl Word {
    /// The word as text, if it is plain text without insertions.
    pub fn text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Bytes(bytes)] => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The word as text, if it is bare (no quotes, no insertions): a name, number or flag.
    pub fn bare(&self) -> Option<&str> {
        if self.quoted { None } else { self.text() }
    }
}

/// Cuts a line. `Ok(None)` is an empty line or a comment.
///
/// # Errors
/// A [`SyntaxError`] says what is wrong and where in the line.
pub fn parse(line: &str) -> Result<Option<Line>, SyntaxError> {
    let mut words = lexer::words(line)?;
    let background = match words.last() {
        Some(last) if last.bare() == Some("&") => words.pop().is_some(),
        _ => false,
    };
    part_mark(&mut words);
    let fails = match words.first() {
        Some(first) if first.bare() == Some("!") => {
            let span = words.remove(0).span;
            if background || words.is_empty() {
                let message =
                    "`!` needs a line behind it that fails; a call in the background has not failed yet";
                return Err(SyntaxError { message: message.into(), span });
            }
            true
        }
        _ => false,
    };
    let name = take_name(&mut words)?;
    let mut words = words.into_iter();
    let Some(verb) = words.next() else {
        return match name {
            Some(name) => Err(SyntaxError {
                message: format!("`{name} =` needs a verb behind it, such as `{name} = socket tcp`"),
                span: 0..line.len(),
            }),
            None if background => Err(SyntaxError {
                message: "`&` needs a verb before it, such as `accept srv &`".into(),
                span: 0..line.len(),
            }),
            None => Ok(None),
        };
    };
    Ok(Some(Line { fails, name, verb, arguments: words.collect(), background }))
}

/// Parts a `!` from the word that it was typed right before.
fn part_mark(words: &mut Vec<Word>) {
    let Some(first) = words.first() else { return };
    let Some(rest) = first.bare().and_then(|text| text.strip_prefix('!')).filter(|rest| !rest.is_empty())
    else {
        return;
    };
    let word = |text: &str, span| Word { pieces: vec![Piece::Bytes(text.into())], quoted: false, span };
    let border = first.span.start + 1;
    let parts = [word("!", first.span.start..border), word(rest, border..first.span.end)];
    words.splice(..1, parts);
}

/// Takes `name =` (or `name=`) off the front of a line's words.
fn take_name(words: &mut Vec<Word>) -> Result<Option<String>, SyntaxError> {
    let Some(first) = words.first().and_then(Word::bare) else { return Ok(None) };
    let span = words[0].span.clone();
    let second = words.get(1).and_then(Word::bare);
    let (name, used, rest) = match (first.split_once('='), second) {
        (Some((name, rest)), _) => (name.to_owned(), 1, rest.to_owned()),
        (None, Some(second)) if second.starts_with('=') => (first.to_owned(), 2, second[1..].to_owned()),
        _ => return Ok(None),
    };
    if name.is_empty() {
        return Err(SyntaxError {
            message: "`=` needs a name before it, as in `c = socket tcp`".into(),
            span,
        });
    }
    if !is_name(&name) {
        return Err(SyntaxError {
            message: format!(
                "`{name}` cannot be a name: a name starts with a letter and goes on with letters, digits, `-` or `_`"
            ),
            span,
        });
    }
    let span = words[used - 1].span.clone();
    words.drain(..used);
    if !rest.is_empty() {
        let span = span.end - rest.len()..span.end;
        words.insert(0, Word { pieces: vec![Piece::Bytes(rest.into_bytes())], quoted: false, span });
    }
    Ok(Some(name))
}

/// Whether a word may be a name: a letter, then letters, digits, `-`, `_`.
pub fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line as `name|verb|argument|…|&`, insertions as `(…)`.
    fn check(line: &str, expected: &str) {
        let shown = match parse(line) {
            Err(error) => format!("error at {:?}: {}", error.span, error.message),
            Ok(None) => "nothing".into(),
            Ok(Some(line)) => {
                let word = |word: &Word| {
                    word.pieces
                        .iter()
                        .map(|piece| match piece {
                            Piece::Bytes(bytes) => bytes.escape_ascii().to_string(),
                            Piece::Insert(text) => format!("({text})"),
                        })
                        .collect::<String>()
                };
                let mut parts = vec![line.name.unwrap_or_default(), word(&line.verb)];
                parts.extend(line.arguments.iter().map(word));
                if line.fails {
                    parts.insert(0, "!".into());
                }
                if line.background {
                    parts.push("&".into());
                }
                parts.join("|")
            }
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn lines() {
        check("", "nothing");
        check("  # only a comment", "nothing");
        check("c = socket tcp", "c|socket|tcp");
        check("c=socket tcp", "c|socket|tcp");
        check("c =socket tcp # why", "c|socket|tcp");
        check("accept srv &", "|accept|srv|&");
        check("send c \"a b\\n\\x00\\\"#&\"", "|send|c|a b\\n\\x00\\\"#&");
        check("send c \"x\\(nonce)y\"", "|send|c|x(nonce)y");
        check("send c \"\\(random:16M@5)\"", "|send|c|(random:16M@5)");
        check("send c \"&\"", "|send|c|&");
        check("send c a#b", "|send|c|a#b");
        check("! x = close 7", "!|x|close|7");
        check("!recv c 5", "!||recv|c|5");
        check("!x=close 7 # !", "!|x|close|7");
        check("send c ! \"!\"", "|send|c|!|!");
        check("run a\"b c\"d", "|run|ab cd");
        check("send c \"é\"", "|send|c|\\xc3\\xa9");
    }

    #[test]
    fn errors_point_at_the_place() {
        check("send c \"abc", "error at 7..11: this string has no closing quote");
        check(
            "send c \"a\\qb\"",
            "error at 9..11: `\\q` is not an escape: use \\n \\r \\t \\0 \\\\ \\\" \\xNN or \\(…)",
        );
        check("send c \"\\x4\"", "error at 8..11: `\\x` needs two hexadecimal digits, as in `\\x0a`");
        check("send c \"\\(nonce\"", "error at 8..16: this `\\(` has no closing `)`");
        check("c =", "error at 0..3: `c =` needs a verb behind it, such as `c = socket tcp`");
        check("&", "error at 0..1: `&` needs a verb before it, such as `accept srv &`");
        let needs = "error at 0..1: `!` needs a line behind it that fails; a call in the background has not failed yet";
        check("!", needs);
        check("! accept srv &", needs);
        check(
            "3 = socket tcp",
            "error at 0..1: `3` cannot be a name: a name starts with a letter and goes on with letters, digits, `-` or `_`",
        );
    }
}
