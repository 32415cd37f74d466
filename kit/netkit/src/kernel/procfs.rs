//! Reading the small text files of proc(5).

use std::fs;
use std::io;
use std::path::Path;

/// The text of a file, and in an error the file's name. Bytes that are not
/// UTF-8, as a program's name may hold, are replaced.
pub(super) fn read(path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref();
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => Err(about(path, &error)),
    }
}

/// The error with the file's name in front. A process that ends while its files
/// are read gives ESRCH where one that ended before gives ENOENT: both are
/// `NotFound` here.
pub(super) fn about(path: &Path, error: &io::Error) -> io::Error {
    let kind = if error.raw_os_error() == Some(libc::ESRCH) { io::ErrorKind::NotFound } else { error.kind() };
    io::Error::new(kind, format!("read {}: {error}", path.display()))
}

/// An error for a file that is not written as proc(5) says.
pub(super) fn malformed(path: impl AsRef<Path>, text: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("read {}: {:?} is not what proc(5) describes", path.as_ref().display(), text.trim_end()),
    )
}

/// The beginning of `/proc/PID/stat` or `/proc/PID/task/TID/stat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// The program's name, at most 15 bytes of it.
    pub program: String,
    /// `R` running, `S` asleep, `D` asleep and not to be disturbed, `Z` zombie, ...
    pub state: char,
    /// The process that started this one.
    pub parent: u32,
}

impl Stat {
    /// The name may hold anything, also `)` and spaces: it ends at the last `)`.
    pub fn parse(text: &str) -> Option<Self> {
        let (before, after) = text.rsplit_once(')')?;
        let (_pid, program) = before.split_once('(')?;
        let mut fields = after.split_ascii_whitespace();
        Some(Self {
            program: program.to_owned(),
            state: fields.next()?.chars().next()?,
            parent: fields.next()?.parse().ok()?,
        })
    }

    pub fn read(path: &str) -> io::Result<Self> {
        let text = read(path)?;
        Self::parse(&text).ok_or_else(|| malformed(path, &text))
    }
}

#[cfg(test)]
mod tests {
    use super::Stat;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_mislead() {
        let stat = Stat::parse("17 (a) S 1 (b) c)) R 16 17 17 0 -1").unwrap();
        assert_eq!(stat.program, "a) S 1 (b) c)");
        assert_eq!((stat.state, stat.parent), ('R', 16));
    }

    #[test]
    fn broken_lines_are_refused() {
        for text in ["", "17", "17 (sh", "17 (sh)", "17 (sh) S", "17 (sh) S x", "17 sh) S 1"] {
            assert_eq!(Stat::parse(text), None, "{text:?}");
        }
    }
}
