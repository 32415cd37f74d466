//! A line at the terminal that says how far a grading is. It goes away when there is something to read.

use crate::grading::Progress;
use std::io::{self, IsTerminal, Write};

/// How wide the bar is, in characters.
const WIDTH: usize = 24;

/// The line, if there is a terminal to show it at.
#[derive(Debug)]
pub(super) struct Status {
    shown: bool,
}

impl Status {
    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal() }
    }

    pub(super) fn show(&self, progress: Progress<'_>) {
        if self.shown {
            // To the line's beginning, the text, and nothing behind it. A terminal that is gone shows nothing.
            let _ = write!(io::stderr(), "\r{}\u{1b}[K", line(progress));
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn line(progress: Progress<'_>) -> String {
    match progress {
        Progress::Building => format!("[{}] building", " ".repeat(WIDTH)),
        Progress::Playing { number, of, name } => {
            let done = (number - 1) * WIDTH / of.max(1);
            format!("[{}{}] {number} of {of}: {name}", "#".repeat(done), " ".repeat(WIDTH - done))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        let at = |number| line(Progress::Playing { number, of: 4, name: "x" });
        assert_eq!(at(1), format!("[{}] 1 of 4: x", " ".repeat(24)));
        assert_eq!(at(3), format!("[{}{}] 3 of 4: x", "#".repeat(12), " ".repeat(12)));
    }
}
