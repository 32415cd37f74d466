//! Characters to words: quotes, escapes, insertions, comments.

use super::{Piece, Word};
use std::fmt;
use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// What is wrong with a line, and which bytes of it are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where: byte offsets into the line.
    pub span: Range<usize>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// All words of a line, up to a comment. A `#` starts one only where a word would
/// start, so that `a#b` stays a word.
pub(super) fn words(line: &str) -> Result<Vec<Word>, SyntaxError> {
    let mut words = Vec::new();
    let mut chars = line.char_indices().peekable();
    loop {
        while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        match chars.peek() {
            None | Some((_, '#')) => return Ok(words),
            Some(&(start, _)) => words.push(word(line, start, &mut chars)?),
        }
    }
}

fn word(line: &str, start: usize, chars: &mut Peekable<CharIndices<'_>>) -> Result<Word, SyntaxError> {
    let mut pieces = Pieces::default();
    let mut quoted = false;
    while let Some((at, c)) = chars.next_if(|(_, c)| !c.is_whitespace()) {
        if c == '"' {
            quoted = true;
            string(line, at, chars, &mut pieces)?;
        } else {
            pieces.push(c);
        }
    }
    let end = chars.peek().map_or(line.len(), |(at, _)| *at);
    Ok(Word { pieces: pieces.finish(), quoted, span: start..end })
}

/// The inside of a string, up to and with its closing quote.
fn string(
    line: &str,
    start: usize,
    chars: &mut Peekable<CharIndices<'_>>,
    pieces: &mut Pieces,
) -> Result<(), SyntaxError> {
    let fail = |message: &str, span| Err(SyntaxError { message: message.into(), span });
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match chars.next() {
                None => break,
                Some((_, 'n')) => pieces.push('\n'),
                Some((_, 'r')) => pieces.push('\r'),
                Some((_, 't')) => pieces.push('\t'),
                Some((_, '0')) => pieces.push('\0'),
                Some((_, c @ ('\\' | '"'))) => pieces.push(c),
                Some((_, 'x')) => match line.get(at + 2..at + 4).and_then(hexadecimal) {
                    Some(byte) => {
                        pieces.push_byte(byte);
                        chars.nth(1);
                    }
                    None => {
                        let end = line.len().min(at + 3);
                        return fail("`\\x` needs two hexadecimal digits, as in `\\x0a`", at..end);
                    }
                },
                Some((open, '(')) => match line[open + 1..].find(')') {
                    Some(length) => {
                        let inside = line[open + 1..open + 1 + length].trim().to_owned();
                        pieces.insert(inside);
                        while chars.next_if(|(i, _)| *i <= open + 1 + length).is_some() {}
                    }
                    None => return fail("this `\\(` has no closing `)`", at..line.len()),
                },
                Some((next, c)) => {
                    return fail(
                        &format!("`\\{c}` is not an escape: use \\n \\r \\t \\0 \\\\ \\\" \\xNN or \\(…)"),
                        at..next + c.len_utf8(),
                    );
                }
            },
            c => pieces.push(c),
        }
    }
    fail("this string has no closing quote", start..line.len())
}

fn hexadecimal(digits: &str) -> Option<u8> {
    let valid = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if valid { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// A word under construction: neighbouring bytes grow together.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, c: char) {
        let mut utf8 = [0; 4];
        for byte in c.encode_utf8(&mut utf8).bytes() {
            self.push_byte(byte);
        }
    }

    fn push_byte(&mut self, byte: u8) {
        match self.0.last_mut() {
            Some(Piece::Bytes(bytes)) => bytes.push(byte),
            _ => self.0.push(Piece::Bytes(vec![byte])),
        }
    }

    fn insert(&mut self, inside: String) {
        self.0.push(Piece::Insert(inside));
    }

    fn finish(self) -> Vec<Piece> {
        self.0
    }
}
