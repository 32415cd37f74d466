//! Reports: a grade for people and for programs. Nothing here prints: they are strings.
//!
//! - [`text`]: for people.
//! - [`json`]: the whole model, for programs.

pub mod json;
pub mod text;
