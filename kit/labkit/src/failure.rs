//! How a program ends: exit 0 when all went well, 1 when something failed, 2 when it was called
//! wrongly.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a program ends without success. [`finish`] turns it into words on standard error and an exit
/// code.
///
/// An [`io::Error`] becomes one by `?`; [`Failure::new`] says in addition what was tried:
///
/// ```
/// # use labkit::Failure;
/// # fn read(path: &str) -> Result<Vec<u8>, Failure> {
/// std::fs::read(path).map_err(|error| Failure::new(format!("cannot read {path}: {error}")))
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The command line was wrong: exit 2.
    Usage {
        /// What was wrong with it.
        reason: String,
        /// What to type instead: `echo-server [ADDRESS]`.
        usage: String,
    },
    /// Something went wrong later: exit 1. Holds one line that says what was tried, and the
    /// system's error text.
    Failed(String),
}

impl Failure {
    /// A failure (exit 1) with this line for the user. An [`io::Error`] in it shows the system's
    /// error text.
    #[must_use]
    pub fn new(line: impl Into<String>) -> Self {
        Self::Failed(line.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Ends a program: for a failure the words on standard error; then the exit code that `main`
/// returns.
#[must_use]
pub fn finish(program: &str, result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(line)) => {
            report(program, line);
            ExitCode::from(1)
        }
        Err(Failure::Usage { reason, usage }) => {
            report(program, reason);
            report("usage", usage);
            ExitCode::from(2)
        }
    }
}

/// Writes the line `PROGRAM: WORDS` to standard error.
///
/// Unlike `eprintln!` it does not panic when standard error is a pipe that nobody reads any more: a
/// server must outlive whoever watches it.
pub fn report(program: &str, words: impl Display) {
    // There is nowhere left to complain to if this fails.
    let _ = writeln!(io::stderr(), "{program}: {words}");
}

/// The error of a function that is still to be written, so that an unfinished program says so and
/// exits 1.
///
/// Its kind is [`io::ErrorKind::Unsupported`], by which a unit test can tell "not written" from
/// "wrong".
#[must_use]
pub fn not_written(function: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("{function} is not written yet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_error_keeps_the_system_s_words() {
        let failure = Failure::from(io::Error::from_raw_os_error(98));
        assert_eq!(failure, Failure::new("Address already in use (os error 98)"));
    }

    #[test]
    fn exit_codes() {
        let usage = Failure::Usage { reason: "no".into(), usage: "test ADDRESS".into() };
        // ExitCode has no equality of its own; its debug text is all that can be compared.
        let same =
            |code: ExitCode, number: u8| format!("{code:?}") == format!("{:?}", ExitCode::from(number));
        assert!(same(finish("test", Ok(())), 0));
        assert!(same(finish("test", Err(Failure::new("no"))), 1));
        assert!(same(finish("test", Err(usage)), 2));
    }

    #[test]
    fn what_is_not_written_says_so() {
        let error = not_written("echo (src/server.rs)");
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert_eq!(error.to_string(), "echo (src/server.rs) is not written yet");
    }
}
