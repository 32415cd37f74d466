//! The question before a call, while `predict` is on: what will it do? An answer is the rest
//! of an `expect` line, and the session reads and judges it as such.

use super::{Prompt, Read, screen};
use netkit::render::text;
use rustyline::error::ReadlineError;

/// What stands, unseen, before an answer.
const EXPECT: &str = "expect ";

impl Prompt {
    /// Asks what a line's call will do, if that is wanted; until the answer is understood or
    /// the question is skipped. Whether the line is still to be run.
    ///
    /// # Errors
    /// When the terminal cannot be read any more.
    pub(super) fn ask(&mut self, line: &str) -> Result<bool, ReadlineError> {
        let Some(Some(question)) = self.live.with(|session| session.question(line)) else { return Ok(true) };
        loop {
            let answer = match self.read_behind(&question.text(), EXPECT)? {
                Read::Entered(answer) => answer,
                // Ctrl-C at the question: the call is not wanted, either.
                Read::Cleared => return Ok(false),
                Read::Left => String::new(),
            };
            let Some(line) = question.line(&answer) else { return Ok(true) };
            let failure = self.live.with(|session| session.run(&line)).and_then(|outcome| outcome.failure);
            match failure {
                None => return Ok(true),
                Some(failure) => screen::show(&text::failure(&failure, &line)),
            }
        }
    }
}
