//! netkit: real socket calls, one at a time, and what the kernel made of each.
//!
//! The data flow one way, and so does this tour:
//!
//! 1. [`language`]: a line of text becomes words.
//! 2. [`verbs`]: a table of verbs, a file each; words become a call, or a look.
//! 3. [`worker`]: the process in which the sockets live makes the call and looks at the kernel.
//! 4. [`kernel`]: how the kernel is looked at: sock_diag, `/proc`, queues.
//! 5. [`session`]: names, jobs, programs; what changed between two looks.
//! 6. [`explain`]: what an error means here and now, why a call is blocked.
//! 7. [`lesson`]: the book's chapters, done at the prompt.
//! 8. [`outcome`]: all that came of a line, as facts.
//! 9. [`render`]: outcomes as text and JSON.
//!
//! [`address`] is where a socket is, of whichever family.
//! [`options`] is the table of every socket option.
//! [`predict`] compares what was expected of a call with what happened.
//! [`relay`] carries datagrams, but for those that a rule names.
//! [`data`] makes bytes that nobody can guess, and shows bytes by the names of what made them.
//!
//! Nothing here prints. [`session::Session::run`] takes a line and returns an
//! [`outcome::Outcome`]; the programs `netlab` and `grade` do the rest.

pub mod address;
pub mod data;
pub mod explain;
mod export;
pub mod kernel;
pub mod language;
pub mod lesson;
pub mod options;
pub mod outcome;
pub mod predict;
pub mod relay;
pub mod render;
pub mod responder;
pub mod session;
pub mod verbs;
pub mod worker;
