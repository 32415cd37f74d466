//! What can go wrong when a message is received. Given.

use std::error;
use std::fmt;
use std::io;

use labkit::{Failure, printable};

/// Why a message could not be received.
#[derive(Debug)]
pub enum Error {
    /// The stream has ended inside a message.
    Broken {
        /// How many bytes of it have come.
        received: u64,
        /// How many it has, where that is known.
        expected: Option<u64>,
    },
    /// What should be the size of a sized message is none.
    NoSize([u8; 8]),
    /// The message is longer than it may be.
    TooLong {
        /// How long it may be.
        limit: u64,
    },
    /// The system has refused a call.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { received, expected: Some(expected) } => {
                write!(f, "connection broken after {received} of {expected} bytes")
            }
            Self::Broken { received, expected: None } => {
                write!(f, "connection broken after {received} bytes")
            }
            Self::NoSize(bytes) => {
                write!(f, "\"{}\" is not a size of eight lower-case hexadecimal digits", printable(bytes))
            }
            Self::TooLong { limit } => write!(f, "the message is longer than {limit} bytes"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for Error {}

/// So that `?` makes one of these of what `read` and `write` return.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// So that `?` ends a program with it.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.to_string())
    }
}
