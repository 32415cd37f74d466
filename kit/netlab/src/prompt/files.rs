//! Files in completion: written as the language reads them, in quotes where they need it.

use super::completion::Candidate;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The files that a half-typed word may become; folders end in `/` and go on.
pub fn files(word: &str, more: bool) -> Vec<Candidate> {
    let path = unquoted(word);
    let (folder, start) =
        path.rsplit_once('/').map_or(("", path.as_str()), |(folder, start)| (&path[..=folder.len()], start));
    let mut found: Vec<(String, bool)> = entries(if folder.is_empty() { "." } else { folder })
        .filter(|(name, _)| name.starts_with(start) && (!name.starts_with('.') || start.starts_with('.')))
        .map(|(name, path)| (name, path.is_dir()))
        .collect();
    found.sort();
    // All of them in quotes or none: what they have in common is typed for the person.
    let quotes =
        word.starts_with('"') || found.iter().any(|(name, _)| needs_quotes(name)) || needs_quotes(folder);
    let candidate = |(name, is_folder): (String, bool)| {
        let path = format!("{folder}{name}{}", if is_folder { "/" } else { "" });
        let text = match (quotes, is_folder) {
            (false, _) => path,
            // The closing quote comes with the file.
            (true, true) => format!("\"{}", escaped(&path)),
            (true, false) => format!("\"{}\"", escaped(&path)),
        };
        Candidate { text, about: String::new(), more: more && !is_folder }
    };
    found.into_iter().map(candidate).collect()
}

/// The programs on the search path whose names start so.
pub fn programs(start: &str) -> Vec<Candidate> {
    if start.is_empty() {
        return Vec::new();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names: BTreeSet<String> = std::env::split_paths(&path)
        .flat_map(|folder| entries(&folder).collect::<Vec<_>>())
        .filter(|(name, path)| name.starts_with(start) && !needs_quotes(name) && is_program(path))
        .map(|(name, _)| name)
        .collect();
    let candidate = |name| Candidate { text: name, about: String::new(), more: true };
    names.into_iter().map(candidate).collect()
}

/// What a folder holds; nothing, if it cannot be read. A name that is not text cannot be typed.
fn entries(folder: impl AsRef<Path>) -> impl Iterator<Item = (String, std::path::PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn needs_quotes(name: &str) -> bool {
    name.starts_with('#') || name.contains(|c: char| c.is_whitespace() || c == '"')
}

fn escaped(path: &str) -> String {
    path.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What a half-typed word means, without its quotes.
fn unquoted(word: &str) -> String {
    let Some(inside) = word.strip_prefix('"') else { return word.to_owned() };
    let mut path = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => path.extend(chars.next()),
            c => path.push(c),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a failed expectation is the report")]

    use super::files;

    #[test]
    fn files_are_written_as_the_language_reads_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().display().to_string();
        for name in ["lesson.netlab", "a file", "a \"b", ".hidden"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        std::fs::create_dir_all(folder.path().join("my folder/in")).expect("a folder");
        std::fs::write(folder.path().join("my folder/x"), "").expect("a file");
        for (word, expected) in [
            ("/les", &["/lesson.netlab "][..]),
            ("/a", &["\"/a \\\"b\" ", "\"/a file\" "]),
            ("/.", &["/.hidden "]),
            ("/my", &["\"/my folder/"]),
            ("/no", &[]),
        ] {
            let words: Vec<String> = files(&format!("{at}{word}"), true)
                .into_iter()
                .map(|found| found.text.replace(&at, "") + if found.more { " " } else { "" })
                .collect();
            assert_eq!(words, expected, "{word}");
        }
        let inside = files(&format!("\"{at}/my folder/"), false);
        let inside: Vec<String> = inside.into_iter().map(|found| found.text.replace(&at, "")).collect();
        assert_eq!(inside, ["\"/my folder/in/", "\"/my folder/x\""]);
    }
}
