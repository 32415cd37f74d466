//! Bytes that are sent and received: where they come from and how they are shown.
//!
//! A session has a *seed*. From it come a nonce (a short text that nobody can guess)
//! and a random stream (`stream`) as long as is asked for. A program that has learnt
//! its answers by heart fails on both, and still every transcript is the same from
//! seed to seed, because such bytes are shown by the name of what made them
//! (`show`): `"hello \(nonce)\n"`, `"\(random:16M)"`.

mod show;
mod stream;

pub use show::{Known, Shown, printable, printable_line, show};
pub use stream::Stream;

use crate::language::values;

/// Something inside `\( … )` that makes bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generator {
    /// `nonce` or `nonce:LABEL`: twelve hexadecimal digits that depend on seed and label.
    Nonce {
        /// Which one; the plain `nonce` has an empty label.
        label: String,
    },
    /// `random:SIZE` or `random:SIZE@OFFSET`: a piece of the session's random stream.
    Random {
        /// How many bytes.
        size: u64,
        /// From which byte of the stream on.
        offset: u64,
    },
    /// `letters:SIZE`: as many letters, for what carries text and no other bytes.
    Letters {
        /// How many.
        size: u64,
    },
}

/// The most bytes that one insertion may make: what a test may want to send, and no
/// more than a session can hold several times.
pub const MOST_RANDOM: u64 = 256 << 20;

impl Generator {
    /// Reads what stood inside `\( … )`; `None` when it is something else, such as a name.
    ///
    /// # Errors
    /// One sentence, when it is a generator with a size that cannot be read.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "nonce" => Some(Ok(Self::Nonce { label: rest.to_owned() })),
            "random" => Some(Self::random(rest)),
            "letters" => Some(match values::size(rest) {
                Some(size) if size <= MOST_RANDOM => Ok(Self::Letters { size }),
                _ => Err(format!(
                    "`letters:{rest}` needs a size up to {}: `letters:64K`",
                    values::show_size(MOST_RANDOM)
                )),
            }),
            _ => None,
        }
    }

    fn random(text: &str) -> Result<Self, String> {
        let (size, offset) = text.split_once('@').unwrap_or((text, "0"));
        match (values::size(size), values::size(offset)) {
            (Some(size), Some(offset)) if size <= MOST_RANDOM && offset <= MOST_RANDOM => {
                Ok(Self::Random { size, offset })
            }
            _ => Err(format!(
                "`random:{text}` needs a size, and may have an offset, both up to {}: `random:16M` or `random:4K@8K`",
                values::show_size(MOST_RANDOM)
            )),
        }
    }
}

/// The nonce of a seed and a label.
pub fn nonce(seed: u64, label: &str) -> String {
    // FNV-1a over the label, so that each label has a nonce of its own.
    let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{:012x}", stream::mix(seed ^ hash) >> 16)
}
