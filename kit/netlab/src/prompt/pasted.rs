//! What was entered, line by line: perhaps pasted from the book, or from another session,
//! with prompts before the lines and output between them.

/// What was entered.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pasted<'a> {
    /// The lines to run, without prompts.
    pub lines: Vec<&'a str>,
    /// How many lines were taken for output and left out.
    pub left_out: usize,
}

/// The length of the prompt that a line starts with, and how deep in sourced files it says
/// that the line stood.
pub fn prompt(line: &str) -> Option<(usize, usize)> {
    let inner = line.trim_start_matches([' ', '\t']);
    let before = line.len() - inner.len();
    // `netlab 7> `, or `> ` as in the book.
    let numbered = inner
        .strip_prefix("netlab")
        .map(|rest| rest.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()));
    let rest = numbered.unwrap_or(inner).strip_prefix('>')?;
    let code = rest.trim_start_matches('>');
    let depth = rest.len() - code.len();
    // `>x` is no prompt; `>` alone is one.
    let text = code.trim_start_matches([' ', '\t']);
    let space = text.len() < code.len() || code.trim().is_empty();
    space.then_some((before + inner.len() - text.len(), depth))
}

/// Cuts what was entered into lines. Where one of several has a prompt, those without are
/// output; the lines of a sourced file are run by the line that sources it.
pub fn lines(text: &str) -> Pasted<'_> {
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if !all.iter().any(|line| prompt(line).is_some()) {
        return Pasted { lines: all, left_out: 0 };
    }
    let mut lines = Vec::new();
    for line in &all {
        if let Some((length, 0)) = prompt(line) {
            lines.push(&line[length..]);
        }
    }
    let left_out = all.len() - lines.len();
    lines.retain(|line| !line.trim().is_empty());
    Pasted { lines, left_out }
}

#[cfg(test)]
mod tests {
    use super::{Pasted, lines};

    #[test]
    fn prompts_and_output_are_left_out() {
        for (text, expected, left_out) in [
            ("fds", &["fds"][..], 0),
            ("fds\n\nstate\n", &["fds", "state"], 0),
            ("> fds", &["fds"], 0),
            ("netlab> fds", &["fds"], 0),
            ("netlab 12> fds", &["fds"], 0),
            ("netlab 1", &["netlab 1"], 0),
            ("netlab>  c = socket tcp\n  socket(...) = 3\n  + c\n> fds\n", &["c = socket tcp", "fds"], 2),
            ("> source x\n>> fds\n  FD\n> state", &["source x", "state"], 2),
            ("  > fds", &["fds"], 0),
            ("netlab>\nnetlab> fds", &["fds"], 0),
            (">fds", &[">fds"], 0),
            ("", &[], 0),
        ] {
            assert_eq!(lines(text), Pasted { lines: expected.to_vec(), left_out }, "{text:?}");
        }
    }
}
