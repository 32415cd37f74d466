//! What the lines of a session are written for: how wide it is, and what it can show.

use super::Session;

/// What the text of a session is read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// How many columns lines may take.
    pub columns: usize,
    /// Whether it shows box characters, or only ASCII.
    pub boxes: bool,
}

impl Default for Screen {
    /// What a script writes for, wherever it runs.
    fn default() -> Self {
        Self { columns: 98, boxes: true }
    }
}

impl Session {
    /// What lines are written for.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Says what lines are written for from now on.
    pub fn set_screen(&mut self, screen: Screen) {
        self.screen = screen;
    }

    /// How many columns a line of running text takes: no more than is good to read.
    pub(crate) fn prose_width(&self) -> usize {
        self.screen.columns.saturating_sub(1).clamp(20, 96)
    }
}
