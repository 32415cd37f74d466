//! The lines of a file that `source` has opened, still to be run.

use super::Session;
use crate::outcome::Failure;

/// A line of a file that was sourced, still to be run.
pub(super) struct Pending {
    line: String,
    depth: u32,
    place: String,
}

impl Session {
    /// The next line of a file that `source` has opened, if any is left.
    pub fn next_pending(&mut self) -> Option<String> {
        let next = self.pending.pop_front();
        // What comes after the last of them is typed again.
        self.depth = next.as_ref().map_or(0, |next| next.depth);
        let next = next?;
        self.place = Some(next.place);
        Some(next.line)
    }

    /// How deep in files that were sourced the present line stands: 0 for one that was typed.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Where the present line stands, if it was not typed: `lesson.netlab:7`.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref().filter(|_| self.depth > 0)
    }

    /// Puts the lines of a file before all that are pending.
    pub(crate) fn push_pending(&mut self, file: &str, text: &str) -> Result<(), Failure> {
        const DEEPEST: u32 = 8;
        if self.depth >= DEEPEST {
            return Err(Failure::new(format!("files that source each other, {DEEPEST} deep"))
                .next("a file must not source itself, not even by way of another"));
        }
        let depth = self.depth + 1;
        let lines = text.lines().enumerate().map(|(index, line)| Pending {
            line: line.to_owned(),
            depth,
            place: format!("{file}:{}", index + 1),
        });
        for pending in lines.collect::<Vec<_>>().into_iter().rev() {
            self.pending.push_front(pending);
        }
        Ok(())
    }

    /// Forgets the lines that are pending, for one of them has failed. How many there were.
    pub fn drop_pending(&mut self) -> usize {
        self.depth = 0;
        std::mem::take(&mut self.pending).len()
    }
}
