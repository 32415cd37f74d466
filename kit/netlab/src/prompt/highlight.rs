//! Colours of the line while it is typed: what is a verb, what is there, what is data.

use super::half_line;
use super::known::Known;
use super::pasted;
use netkit::address;
use netkit::verbs::{VERBS, find};

const VERB: &str = "1";
const UNKNOWN: &str = "31";
const THERE: &str = "36";
const STRING: &str = "33";
const NUMBER: &str = "35";
const DIM: &str = "90";

/// A line, or several that were pasted, with its colours. `pos` is where the cursor stands: a
/// verb that is being typed is not wrong yet.
pub fn highlight(text: &str, pos: usize, known: &Known) -> String {
    let mut coloured = String::with_capacity(text.len() * 2);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        one(line, pos.checked_sub(start), known, &mut coloured);
        start += line.len();
    }
    coloured
}

fn one(line: &str, pos: Option<usize>, known: &Known, coloured: &mut String) {
    let prompt = pasted::prompt(line).map_or(0, |(prompt, _)| prompt);
    paint(&line[..prompt], DIM, coloured);
    let mut done = prompt;
    for (number, (start, word)) in half_line::command(line).into_iter().enumerate() {
        coloured.push_str(&line[done..start]);
        if word.starts_with('#') {
            let end = line.trim_end_matches('\n').len();
            paint(&line[start..end], DIM, coloured);
            coloured.push_str(&line[end..]);
            return;
        }
        let typing = pos == Some(start + word.len());
        let style = if number == 0 { verb(word, typing) } else { argument(word, known) };
        paint(word, style, coloured);
        done = start + word.len();
    }
    coloured.push_str(&line[done..]);
}

fn verb(word: &str, typing: bool) -> &'static str {
    let begun = typing && VERBS.iter().any(|verb| verb.name.starts_with(word));
    match find(word) {
        Some(_) => VERB,
        None if begun => "",
        None => UNKNOWN,
    }
}

fn argument(word: &str, known: &Known) -> &'static str {
    if word.contains('"') {
        STRING
    } else if known.names(word) {
        THERE
    } else if word.starts_with(|c: char| c.is_ascii_digit()) || address::parse(word).is_ok() {
        NUMBER
    } else if word == "&" {
        VERB
    } else {
        ""
    }
}

fn paint(word: &str, style: &str, coloured: &mut String) {
    if style.is_empty() || word.is_empty() {
        coloured.push_str(word);
    } else {
        coloured.push_str(&format!("\x1b[{style}m{word}\x1b[0m"));
    }
}

#[cfg(test)]
mod tests {
    use super::highlight;
    use crate::prompt::known;

    /// The line with colours as `{style text}`; the cursor stands at its end.
    fn check(line: &str, expected: &str) {
        let coloured = highlight(line, line.len(), &known::example());
        let shown = coloured.replace("\x1b[0m", "}").replace("\x1b[", "{").replace('m', "\u{1}");
        let mut readable = String::new();
        let mut code = false;
        for c in shown.chars() {
            match c {
                '{' => {
                    code = true;
                    readable.push('{');
                }
                '\u{1}' if code => {
                    code = false;
                    readable.push(' ');
                }
                '\u{1}' => readable.push('m'),
                c => readable.push(c),
            }
        }
        assert_eq!(readable, expected, "{line:?}");
    }

    #[test]
    fn colours() {
        check("connect c 127.0.0.1:80", "{1 connect} {36 c} {35 127.0.0.1:80}");
        check("x = accept srv &", "x = {1 accept} {36 srv} {1 &}");
        check("x=accept srv", "x={1 accept} {36 srv}");
        check("send c \"a b", "{1 send} {36 c} {33 \"a b}");
        check("recv gone 10 # why", "{1 recv} gone {35 10} {90 # why}");
        check("# a comment", "{90 # a comment}");
        check("! connect c", "! {1 connect} {36 c}");
        check("conn", "conn");
        check("conm", "{31 conm}");
        check("conn c", "{31 conn} {36 c}");
        check("> fds\n  out\n", "{90 > }{1 fds}\n  {31 out}\n");
        check("", "");
    }
}
