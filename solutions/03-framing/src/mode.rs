//! The four ways to say where a message ends. Given.

use std::ffi::OsStr;

use labkit::Failure;

/// The largest message that `line` and `sized` carry, and that is received: 16 MiB.
pub const LIMIT: usize = 16 << 20;

/// How the receiver knows where a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All have this many bytes. A shorter one is filled up with NUL.
    Fixed(u64),
    /// A newline stands behind it.
    Line,
    /// Its size stands before it.
    Sized,
    /// The connection ends behind it.
    Eof,
}

impl Mode {
    /// Reads a mode; what is wrong with it, if it is none.
    ///
    /// # Errors
    /// [`Failure::Usage`] with this `usage`.
    pub fn read(usage: &str, word: &OsStr) -> Result<Self, Failure> {
        let fixed = |size: &str| {
            let digits = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
            size.parse().ok().filter(|size| digits && *size > 0).map(Self::Fixed)
        };
        let mode = word.to_str().and_then(|text| match text {
            "line" => Some(Self::Line),
            "sized" => Some(Self::Sized),
            "eof" => Some(Self::Eof),
            _ => fixed(text.strip_prefix("fixed:")?),
        });
        mode.ok_or_else(|| Failure::Usage {
            reason: format!("{word:?} is none of fixed:N, line, sized and eof"),
            usage: usage.to_owned(),
        })
    }

    /// Says why a message cannot be sent in this mode, if it cannot.
    ///
    /// # Errors
    /// A [`Failure`] with the reason.
    pub fn admits(self, message: &[u8]) -> Result<(), Failure> {
        let long = |most: u64| message.len() as u64 > most;
        let reason = match self {
            Self::Fixed(size) if long(size) => format!("it is longer than {size} bytes"),
            Self::Fixed(_) if message.ends_with(&[0]) => {
                "it ends in NUL, which the receiver takes for padding".to_owned()
            }
            Self::Line if message.contains(&b'\n') => "it has a newline in it".to_owned(),
            Self::Line | Self::Sized if long(LIMIT as u64) => format!("it is longer than {LIMIT} bytes"),
            _ => return Ok(()),
        };
        let bytes = message.len();
        Err(Failure::new(format!("a message of {bytes} bytes cannot be sent in this mode: {reason}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let read = |word: &str| Mode::read("usage", OsStr::new(word)).ok();
        assert_eq!(read("line"), Some(Mode::Line));
        assert_eq!(read("sized"), Some(Mode::Sized));
        assert_eq!(read("eof"), Some(Mode::Eof));
        assert_eq!(read("fixed:12"), Some(Mode::Fixed(12)));
        for word in ["", "fixed", "fixed:", "fixed:0", "fixed:-1", "fixed:+1", "fixed:x", "LINE", "lines"] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn what_a_mode_cannot_carry() {
        let long = vec![b'x'; LIMIT + 1];
        for (mode, message, admitted) in [
            (Mode::Fixed(5), &b"hello"[..], true),
            (Mode::Fixed(4), b"hello", false),
            (Mode::Fixed(9), b"hel\0lo", true),
            (Mode::Fixed(9), b"hello\0", false),
            (Mode::Line, b"", true),
            (Mode::Line, b"hello\0\r", true),
            (Mode::Line, b"hel\nlo", false),
            (Mode::Line, &long[..LIMIT], true),
            (Mode::Line, &long, false),
            (Mode::Sized, &long[..LIMIT], true),
            (Mode::Sized, &long, false),
            (Mode::Eof, &long, true),
        ] {
            assert_eq!(mode.admits(message).is_ok(), admitted, "{mode:?} {}", message.len());
        }
    }
}
