//! Words of a failure that a student may not know: each that occurs in it is explained in a line.

/// A word, and what it means. `*` in it stands for a name, which is put into the meaning.
const WORDS: &[(&str, &str)] = &[
    (r"\(pid:*)", "the number of *'s process"),
    (r"\(fd:*)", "the descriptor of *'s socket, as /proc/PID/fd shows it"),
    (r"\(port:*)", "the port of *'s socket, as the socket table shows it"),
    (r"\(random:*)", "random bytes, so many (K is 1024); `@` says from which on"),
    (r"\(letters:*)", "random letters, so many (K is 1024); `@` says from which on"),
    (r"\(nonce)", "a word that is another one in each run"),
    (r"\(*)", "the address of *, IP:PORT"),
    ("that line", "the line that was asked for, to the letter"),
    ("end of output", "nothing more came, and nothing more can: it has ended, or has closed this output"),
    ("is at rest", "all of its threads sleep, and no byte moves"),
    ("elsewhere", "a socket of a process that the scenario has not started, or one that nobody has any more"),
    (
        "(-)",
        "a socket of a program, or one that is closed; the scenario's own have their descriptor there, as in (3)",
    ),
    ("exit code 101", "a Rust program that panics ends like this, and tells where on standard error"),
];

/// The words that occur in some lines, each with its meaning.
pub fn words(lines: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in lines {
        let mut rest = line.as_str();
        while let Some(start) = rest.char_indices().map(|(place, _)| place).find(|at| begins(&rest[*at..])) {
            rest = &rest[start..];
            let Some((word, meaning)) = at_start(rest) else { break };
            rest = &rest[word.len()..];
            if !found.iter().any(|(known, _)| *known == word) {
                found.push((word, meaning));
            }
        }
    }
    found
}

fn begins(text: &str) -> bool {
    at_start(text).is_some()
}

/// The word that a text begins with, and its meaning.
fn at_start(text: &str) -> Option<(String, String)> {
    WORDS.iter().find_map(|(word, meaning)| {
        let Some((before, after)) = word.split_once('*') else {
            return text.starts_with(word).then(|| ((*word).to_owned(), (*meaning).to_owned()));
        };
        let inside = text.strip_prefix(before)?;
        let name = &inside[..inside.find(after)?];
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@');
        let whole = !name.is_empty() && name.chars().all(is_name);
        whole.then(|| (format!("{before}{name}{after}"), meaning.replace('*', name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        words(&[text.to_owned()]).into_iter().map(|(word, meaning)| format!("{word}: {meaning}")).collect()
    }

    #[test]
    fn each_word_is_explained_once_by_its_own_name() {
        assert_eq!(
            said(r#"output p line "fd \(fd:p)" "\(fd:p)""#),
            [r"\(fd:p): the descriptor of p's socket, as /proc/PID/fd shows it"]
        );
        assert_eq!(said(r#"listening on \(server)\n, that line"#).len(), 2);
        assert_eq!(said(r"\(nonce)"), [r"\(nonce): a word that is another one in each run"]);
        assert_eq!(said(r"\(random:1000@4K)").len(), 1);
        assert_eq!(said("server (-)  LISTEN").len(), 1);
    }

    #[test]
    fn what_is_no_such_word_is_not_explained() {
        for text in ["", "c (3)  CLOSED", r"\(", r"\()", r"\(a b)", "\u{e4}(", "5 bytes \"hello\""] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
    }
}
