//! The comparison of a prediction with what happened.

use super::{Expectation, Expected, GONE, Verdict, rules};
use crate::explain::{errno, terms};
use crate::kernel::state::TcpState;
use crate::session::ends::End;
use crate::worker::call::{Done, Until};

/// What happened when a call was made.
pub(crate) struct Happened<'a> {
    /// Its name in C.
    pub function: &'a str,
    /// Whether it was made once, or in a loop.
    pub until: &'a Until,
    /// What it came to; `None` while it has not returned.
    pub done: Option<&'a Done>,
    /// Whether it was found blocked.
    pub blocked: bool,
    /// The socket that it is about: what it is called, and what has become of it.
    pub socket: Option<(String, Option<&'a End>)>,
    /// The states that it passed through on its way, too quickly to be seen.
    pub passed: Vec<TcpState>,
}

/// Compares.
pub(crate) fn judge(expectation: &Expectation, happened: &Happened<'_>) -> Verdict {
    let mut differences = Vec::new();
    let mut why = Vec::new();
    if !happened.is(expectation.result) {
        differences.push(format!("you said {}; {}", expectation.result.said(), happened.said()));
        why.extend(happened.why_not(expectation.result));
    }
    if let (Some(expected), Some((name, end))) = (&expectation.state, &happened.socket) {
        // A socket that is in no table any more is CLOSED in the RFC's words.
        let is = end.map_or(GONE, |end| end.state.name());
        let gone = is == GONE && expected == "CLOSED";
        // A socket of the UNIX domain is `listening`, another word for LISTEN.
        let listens = expected == TcpState::Listen.name() && end.is_some_and(|end| end.state.listens());
        if is != expected && !gone && !listens {
            differences
                .push(format!("you said {expected}; {name} is {}{is}", if is == GONE { "" } else { "in " }));
            let meaning = terms::find(is).map(|term| format!("{}: {}", term.name, term.meaning));
            if happened.passed.iter().any(|passed| passed.name() == expected) {
                why.push(format!("{expected} was passed on the way (inferred), too quickly to be seen"));
            }
            why.extend(meaning);
        }
    }
    let right = differences.is_empty();
    let mut lines = if right { vec!["as you said".to_owned()] } else { differences };
    lines.extend(why.into_iter().map(|why| format!("  {why}")));
    Verdict { right, lines }
}

impl Happened<'_> {
    fn is(&self, expected: Expected) -> bool {
        match (expected, self.done) {
            (Expected::Blocks, _) => self.blocked,
            (_, None) => false,
            (Expected::Fails(errno), Some(done)) => done.last.errno == Some(errno),
            (Expected::Good, Some(done)) => done.last.ok(),
            (Expected::Returns(number), Some(done)) => self.number(done) == number,
        }
    }

    /// What it returned; of a loop, how many bytes.
    fn number(&self, done: &Done) -> i64 {
        if *self.until == Until::Returned {
            done.last.value
        } else {
            i64::try_from(done.bytes).unwrap_or(i64::MAX)
        }
    }

    fn said(&self) -> String {
        match self.done {
            // What a signal ended has not come to an end by itself.
            None => "it blocked".into(),
            Some(done) if self.blocked && done.last.errno == Some(libc::EINTR) => "it blocked".into(),
            Some(done) => match done.last.errno {
                Some(number) => format!("it failed with {}", errno::said(number)),
                None if *self.until == Until::Returned => format!("it returned {}", done.last.value),
                None => format!("it came to {} bytes", done.bytes),
            },
        }
    }

    /// Why it did something else: the rule of the call, or what the expected error would
    /// have meant. What the error that did happen means stands above it.
    fn why_not(&self, expected: Expected) -> Option<String> {
        let rule = rules::rule(self.function);
        let failed = self.done.is_some_and(|done| !done.last.ok());
        let blocked = self.done.is_none() || self.blocked && failed;
        match expected {
            Expected::Blocks => Some(format!("{}: {}", self.function, rule.blocks)),
            _ if blocked => Some(format!("{}: {}", self.function, rule.blocks)),
            Expected::Fails(number) => {
                // Of which kind the socket is stays out of it: most rows are of any, or of TCP.
                let meaning = [errno::On::Any, errno::On::Tcp]
                    .into_iter()
                    .find_map(|on| errno::meaning(self.function, on, number))?;
                Some(format!("{} would have meant: {}", expected.said(), meaning.why))
            }
            Expected::Returns(_) if !failed => Some(format!("{}: {}", self.function, rule.returns)),
            Expected::Returns(_) | Expected::Good => None,
        }
    }
}
