//! Bytes as text: the way they are typed, with what the session knows by its name.

use super::MOST_RANDOM;
use super::stream::Stream;
use crate::language::values::show_size;

/// What a session knows by name when it meets it in data.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Texts and their names: nonces, and addresses whose port the kernel chose.
    pub texts: Vec<(Vec<u8>, String)>,
    /// The session's random stream.
    pub stream: Option<Stream>,
}

/// Shown bytes: what fits, and how many bytes it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// A string literal of the session language, quotes included. Where `rest` is not
    /// zero it is only the beginning.
    pub literal: String,
    /// How many bytes did not fit.
    pub rest: usize,
}

/// Shows bytes as a string literal. It stops after about `width` characters.
pub fn show(data: &[u8], known: &Known, width: usize) -> Shown {
    let mut literal = String::from("\"");
    let mut at = 0;
    while at < data.len() && literal.len() < width {
        let rest = &data[at..];
        at += match named(rest, known) {
            Some((name, length)) => {
                literal.push_str(&format!("\\({name})"));
                length
            }
            None => {
                push_byte(rest[0], &mut literal);
                1
            }
        };
    }
    literal.push('"');
    Shown { literal, rest: data.len() - at }
}

/// The longest thing with a name that `data` starts with.
fn named(data: &[u8], known: &Known) -> Option<(String, usize)> {
    let text = known
        .texts
        .iter()
        .filter(|(text, _)| !text.is_empty() && data.starts_with(text) && ends_where_it_should(data, text))
        .rev()
        .max_by_key(|(text, _)| text.len());
    if let Some((text, name)) = text {
        return Some((name.clone(), text.len()));
    }
    let (offset, length) = known.stream?.find(data, MOST_RANDOM)?;
    let size = show_size(length as u64);
    let name =
        if offset == 0 { format!("random:{size}") } else { format!("random:{size}@{}", show_size(offset)) };
    Some((name, length))
}

/// A text that ends in a digit, such as an address, must not go on in digits:
/// 127.0.0.1:4312 is not the beginning of 127.0.0.1:43125.
fn ends_where_it_should(data: &[u8], text: &[u8]) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    !(text.contains(&b':') && digit(text.last()) && digit(data.get(text.len())))
}

fn push_byte(byte: u8, literal: &mut String) {
    match byte {
        b'\n' => literal.push_str("\\n"),
        b'\r' => literal.push_str("\\r"),
        b'\t' => literal.push_str("\\t"),
        b'\\' => literal.push_str("\\\\"),
        b'"' => literal.push_str("\\\""),
        b' '..=b'~' => literal.push(char::from(byte)),
        _ => literal.push_str(&format!("\\x{byte:02x}")),
    }
}

/// Text from outside (a program's output, the name of a process) made safe to print:
/// no control character, escape sequence or direction mark gets through.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let direction = matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if c.is_control() || direction {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A finished line made safe to print. Its colours stay (`ESC [ 1;32 m`: SGR in ECMA-48);
/// nothing else that steers a terminal does.
pub fn printable_line(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let mut shown = printable(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match rest.strip_prefix('m') {
            Some(text) => {
                shown.push_str("\x1b[");
                shown.push_str(&part[..part.len() - text.len()]);
                shown.push_str(&printable(text));
            }
            None => shown.push_str(&printable(&format!("\x1b[{part}"))),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::nonce;

    fn known() -> Known {
        let texts =
            vec![(nonce(7, "").into_bytes(), "nonce".into()), (b"127.0.0.1:4312".to_vec(), "server".into())];
        Known { texts, stream: Some(Stream::new(7)) }
    }

    fn check(data: &[u8], expected: &str) {
        let shown = show(data, &known(), 200);
        assert_eq!((shown.literal.as_str(), shown.rest), (expected, 0));
    }

    #[test]
    fn bytes_as_they_are_typed() {
        check(b"", r#""""#);
        check(b"hello\n", r#""hello\n""#);
        check(b"a\"b\\c\0\x7f\xff\r\t", r#""a\"b\\c\x00\x7f\xff\r\t""#);
    }

    #[test]
    fn known_things_by_their_names() {
        let stream = Stream::new(7);
        check(format!("<{}>", nonce(7, "")).as_bytes(), r#""<\(nonce)>""#);
        check(b"on 127.0.0.1:4312\n", r#""on \(server)\n""#);
        check(b"on 127.0.0.1:43125\n", r#""on 127.0.0.1:43125\n""#);
        check(&stream.bytes(0, 65536), r#""\(random:64K)""#);
        let lost = [stream.bytes(0, 1024), stream.bytes(4096, 1000)].concat();
        check(&lost, r#""\(random:1K)\(random:1000@4K)""#);
        check(&[b"ab", stream.bytes(3, 100).as_slice(), b"!"].concat(), r#""ab\(random:100@3)!""#);
    }

    #[test]
    fn long_data_is_cut() {
        let shown = show(&[b'x'; 1000], &known(), 20);
        assert_eq!(shown.literal.len(), 21);
        assert_eq!(shown.rest, 981);
    }

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        assert_eq!(printable("a\x1b[31mb\u{202e}c\u{9b}"), "a\\u{1b}[31mb\\u{202e}c\\u{9b}");
        assert_eq!(printable("grün"), "grün");
        assert_eq!(printable_line("a\x1b[1;32mb\x1b[0m c"), "a\x1b[1;32mb\x1b[0m c", "colours stay");
        assert_eq!(
            printable_line("\x1b[31mred\x1b[2J\x1b]0;x\x07"),
            "\x1b[31mred\\u{1b}[2J\\u{1b}]0;x\\u{7}"
        );
        assert_eq!(printable_line("a\x1b[1;"), "a\\u{1b}[1;");
    }
}
