//! Completion and hints of socket options: those that the socket has, and what their values are.

use super::completion::Candidate;
use super::half_line::HalfLine;
use super::known::Known;
use netkit::options::{self, Access, Shape};

/// The options that the socket of the line has; all of them where its kind is not known.
pub fn options(half: &HalfLine<'_>, access: Access, known: &Known) -> Vec<Candidate> {
    let kind = half.first.and_then(|socket| known.kind(socket));
    options::all()
        .filter(|option| if access == Access::Get { option.readable() } else { option.writable() })
        .filter(|option| kind.is_none_or(|kind| option.fits.includes(kind)))
        .map(|option| Candidate::new(option.name, option.meaning))
        .collect()
}

/// The values that the option before the cursor can have, where they have names.
pub fn values(half: &HalfLine<'_>) -> Vec<Candidate> {
    let option = half.previous.and_then(options::find);
    match option.map(|option| option.shape) {
        Some(Shape::Bool) => vec![Candidate::new("1", "on"), Candidate::new("0", "off")],
        Some(Shape::Named(names) | Shape::Flags(names)) => {
            names.iter().map(|(name, _)| Candidate::new(*name, "")).collect()
        }
        _ => Vec::new(),
    }
}

/// What the value of the option before the cursor is.
pub fn about(half: &HalfLine<'_>) -> Option<String> {
    Some(options::find(half.previous?)?.shape.words())
}
