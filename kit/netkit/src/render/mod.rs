//! Outcomes as text and as JSON. Nothing here prints: it makes strings.
//!
//! - [`call`]: a call the way C writes it.
//! - `polled`: what poll(2) was asked, and what it found.
//! - [`text`]: an outcome for people.
//! - [`json`]: an outcome for programs.
//! - [`table`] puts text into columns.
//! - [`drawing`]: pictures as data, and their text and SVG; [`states`] and [`ladder`] are two of them.

pub mod call;
pub(crate) mod changes;
pub mod drawing;
pub mod json;
pub mod ladder;
pub(crate) mod polled;
pub mod states;
pub mod table;
pub mod text;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Everything, with times and thread numbers: for a person at a terminal.
    Full,
    /// Everything that is the same on every run of a script.
    Stable,
    /// Only what each line gave: for the scenarios of the labs.
    Brief,
}

/// How much is queued. How much a full queue holds differs from kernel to kernel: what is
/// the same on every run, and is told where `numbers` are not, is that it holds much.
pub(crate) fn amount(count: u32, numbers: bool) -> String {
    const MUCH: u32 = 4096;
    if !numbers && count > MUCH { "over 4K".into() } else { count.to_string() }
}

/// A number of things: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: impl std::fmt::Display, one: &str) -> String {
    let count = count.to_string();
    let s = if count == "1" { "" } else { "s" };
    format!("{count} {one}{s}")
}
