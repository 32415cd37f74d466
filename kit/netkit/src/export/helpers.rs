//! The functions that programs use: only those that a program needs are written into it.
//!
//! They stand in a file in their own language, each below a line with its name: `//: NAME`,
//! `#: NAME`. A function uses only those that stand above it.

/// The functions that a text of a program needs, in their order.
pub(super) fn needed(all: &str, code: &str) -> String {
    let mut chosen = Vec::new();
    let mut uses = without_strings(code);
    for (name, text) in each(all).into_iter().rev() {
        if has_word(&uses, name) {
            uses.push_str(&without_comments(text));
            chosen.push(text);
        }
    }
    chosen.into_iter().rev().collect()
}

fn each(all: &str) -> Vec<(&str, &str)> {
    let parts =
        all.split("//: ").flat_map(|part| part.split("\n#: ")).map(|part| part.trim_start_matches("#: "));
    parts.filter_map(|part| part.split_once('\n')).filter(|(name, _)| !name.is_empty()).collect()
}

/// Whether a name stands in a text, and not only as a part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(inner) && !text[at + name.len()..].starts_with(inner))
}

fn without_comments(text: &str) -> String {
    let is_code =
        |line: &&str| !["/*", "//", "#:", "# "].iter().any(|mark| line.trim_start().starts_with(mark));
    text.lines().filter(is_code).map(|line| format!("{line}\n")).collect()
}

/// A program's text without comments, and without what stands in quotes: a session may send
/// what looks like a call.
fn without_strings(code: &str) -> String {
    let mut text = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in without_comments(code).chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted => text.push(c),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_what_it_needs() {
        let all = "//: one\n/* three */\nint one;\n\n//: two\nint two = one;\n\n//: three\nint three;\n";
        assert_eq!(needed(all, "call(two);"), "/* three */\nint one;\n\nint two = one;\n\n");
        assert_eq!(needed(all, "    /* 1: send c one */\n    send(\"a \\\" three\", two_1);"), "");
        let python = "#: a\ndef a(): pass\n\n#: b\ndef b(): a()\n";
        assert_eq!(needed(python, "b()"), "def a(): pass\ndef b(): a()\n");
    }
}
