//! Predictions: what a student expects of a call before it is made, compared with what
//! happened.
//!
//! - [`Expectation`]: what is expected, as it is typed behind `expect`.
//! - `judge`: the comparison, with the difference explained.
//! - [`rules`]: when each call blocks, and what it returns.
//! - [`Tally`]: how many predictions were right, and what the others were about.

mod judge;
pub mod rules;

pub(crate) use judge::{Happened, judge};

use crate::explain::errno;
use crate::lesson::check::state_name;
use crate::outcome::Failure;

/// What is expected of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// What it does.
    pub result: Expected,
    /// The state that its socket is in afterwards; `gone` for none.
    pub state: Option<String>,
}

/// What a call is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It succeeds, whatever it returns.
    Good,
    /// It returns this number; a loop sends or receives so many bytes.
    Returns(i64),
    /// It fails with this error.
    Fails(i32),
    /// It blocks.
    Blocks,
}

/// A prediction compared with what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all of it was right.
    pub right: bool,
    /// What is said of it: one line if it was right; otherwise the difference, and why.
    pub lines: Vec<String>,
}

/// A prediction that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The line of the call.
    pub line: String,
    /// What was expected, and what happened.
    pub difference: String,
}

/// The predictions so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were right.
    pub right: u32,
    /// Those that were wrong.
    pub wrong: Vec<Wrong>,
}

/// The word for a socket that is in no table any more.
pub const GONE: &str = "gone";

impl Expectation {
    /// Reads what is expected: `ok`, a number, an error's name or `blocks`; and a state.
    ///
    /// # Errors
    /// Which word is not understood, with an example.
    pub fn parse(result: &str, state: Option<&str>) -> Result<Self, Failure> {
        let expected = match result.to_ascii_lowercase().as_str() {
            "ok" => Expected::Good,
            "blocks" | "block" => Expected::Blocks,
            word => match (word.parse(), errno::number(word)) {
                (Ok(number), _) => Expected::Returns(number),
                (_, Some(number)) => Expected::Fails(number),
                _ => {
                    return Err(Failure::new(format!(
                        "`{result}` is not what a call can do: it returns a number, or fails, or blocks"
                    ))
                    .next("say `ok`, or a number such as 5, or an error such as ECONNREFUSED, or `blocks`")
                    .next("for example: `ok ESTABLISHED`"));
                }
            },
        };
        let state = state.map(|word| {
            let gone = word.eq_ignore_ascii_case(GONE).then(|| GONE.to_owned());
            gone.or_else(|| state_name(word)).ok_or_else(|| {
                Failure::new(format!("`{word}` is no state of a socket"))
                    .next(
                        "states are CLOSED, LISTEN, ESTABLISHED and so on (`explain ESTABLISHED`), or `gone`",
                    )
                    .next("for example: `ok ESTABLISHED`")
            })
        });
        Ok(Self { result: expected, state: state.transpose()? })
    }
}

impl Expected {
    /// As it was typed: `ok`, `5`, `ECONNREFUSED`, `blocks`.
    pub fn said(self) -> String {
        match self {
            Self::Good => "ok".into(),
            Self::Returns(number) => number.to_string(),
            Self::Fails(number) => errno::name(number).unwrap_or_else(|| number.to_string()),
            Self::Blocks => "blocks".into(),
        }
    }
}

impl Tally {
    /// How many there were.
    pub fn count(&self) -> usize {
        self.right as usize + self.wrong.len()
    }

    /// `right 7 of 9`.
    pub fn said(&self) -> String {
        format!("right {} of {}", self.right, self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read() {
        for (result, state, expected) in [
            ("ok", None, "ok None"),
            ("OK", Some("estab"), "ok Some(\"ESTABLISHED\")"),
            ("-1", None, "-1 None"),
            ("12", Some("fin_wait_2"), "12 Some(\"FIN-WAIT-2\")"),
            ("econnrefused", Some("closed"), "ECONNREFUSED Some(\"CLOSED\")"),
            ("blocks", Some("gone"), "blocks Some(\"gone\")"),
            ("block", Some("connected"), "blocks Some(\"connected\")"),
            ("refused", None, "! `refused`"),
            ("ok", Some("open"), "! `open`"),
        ] {
            let said = match Expectation::parse(result, state) {
                Ok(read) => format!("{} {:?}", read.result.said(), read.state),
                Err(failure) => format!("! {}", failure.message),
            };
            assert!(said.starts_with(expected), "{result} {state:?}: {said}");
        }
    }
}
