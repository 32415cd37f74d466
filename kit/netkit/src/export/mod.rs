//! A session as a program: the same calls, in the same order, in another language.
//!
//! - `plan`: what the program has to do, as data.
//! - `c`, `python`, `rust`: that plan, written down: a call each in `call`, and in `helpers`,
//!   in the language itself, the functions that a program may need.
//! - `body`, `helpers`, `names`: what the languages have in common.

mod body;
mod c;
mod helpers;
mod names;
mod plan;
mod python;
mod rust;

use crate::session::Session;
use plan::Plan;

/// More bytes than that are not kept on the stack.
const LARGE: u64 = 16 << 10;

/// A program, and what of the session is not in it.
pub(crate) struct Program {
    /// Its text.
    pub text: String,
    /// The numbers of the lines that it leaves out, and why.
    pub left_out: Vec<(u32, String)>,
}

/// The session as a program in C.
pub(crate) fn c(session: &Session) -> Program {
    c::program(&Plan::of(session))
}

/// The session as a program in Python.
pub(crate) fn python(session: &Session) -> Program {
    python::program(&Plan::of(session))
}

/// The session as a program in Rust.
pub(crate) fn rust(session: &Session) -> Program {
    rust::program(&Plan::of(session))
}
