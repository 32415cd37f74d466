//! What a program has written, and how much of it has been taken.

/// The most bytes that are kept of one output. A program that writes more is not
/// stopped, but what is beyond is counted only.
pub const MOST_OUTPUT: usize = 64 << 20;

/// What a program has written to one of its outputs.
#[derive(Debug, Default)]
pub struct Output {
    bytes: Vec<u8>,
    /// How much of it has been shown.
    shown: usize,
    /// How many bytes were not kept.
    dropped: u64,
    /// Whether no more will come.
    pub ended: bool,
}

impl Output {
    /// Takes in what was read; nothing at all is the end.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.ended = bytes.is_empty();
        let room = MOST_OUTPUT - self.bytes.len();
        let kept = bytes.len().min(room);
        self.bytes.extend_from_slice(&bytes[..kept]);
        self.dropped += (bytes.len() - kept) as u64;
    }

    /// The next line with its end, if it is there; or what is left after the last one.
    pub fn take_line(&mut self) -> Option<Vec<u8>> {
        let rest = &self.bytes[self.shown..];
        let length = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if self.ended && !rest.is_empty() => rest.len(),
            None => return None,
        };
        let line = rest[..length].to_vec();
        self.shown += length;
        Some(line)
    }

    /// All that has not been taken.
    pub fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.bytes[self.shown..].to_vec();
        self.shown = self.bytes.len();
        rest
    }

    /// What has not been taken yet.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.shown..]
    }

    /// All that was written, taken or not.
    pub fn all(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes were written beyond what is kept.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
