//! A session as a program: the same calls, in the same order, in another language.
//!
//! - `plan`: what the program has to do, as data.
//! - `c`, `python`, `rust`: that plan, written down.

mod c;
mod plan;
mod python;
mod rust;

use crate::explain::errno;
use crate::session::Session;
use plan::Plan;

/// More bytes than that are not kept on the stack.
const LARGE: u64 = 16 << 10;

/// The session as a program in C.
pub(crate) fn c(session: &Session) -> String {
    c::program(&Plan::of(session))
}

/// The session as a program in Python.
pub(crate) fn python(session: &Session) -> String {
    python::program(&Plan::of(session))
}

/// The session as a program in Rust.
pub(crate) fn rust(session: &Session) -> String {
    rust::program(&Plan::of(session))
}

/// The name of an error in C: ECONNREFUSED.
fn c_name(number: i32) -> String {
    let said = errno::said(number);
    said.split_whitespace().next().unwrap_or_default().to_owned()
}
