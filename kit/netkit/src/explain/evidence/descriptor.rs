//! Descriptors: what is open, what was closed, how many there may be.

use super::{Evidence, past};
use crate::explain::label;
use crate::kernel::process::Target;
use crate::session::Session;
use crate::worker::call::Call;

/// A number that leads nowhere.
pub(super) fn not_open(session: &Session, call: &Call) -> Evidence {
    let Some(fd) = call.descriptor() else { return Evidence::default() };
    let open: Vec<String> = session
        .seen()
        .own
        .iter()
        .map(|own| {
            let label = label(own.fd, session.ends());
            if label == own.fd.to_string() { label } else { format!("{} ({label})", own.fd) }
        })
        .collect();
    let which = match open.as_slice() {
        [] => "no socket is open".into(),
        [only] => format!("the only open socket is {only}"),
        all => format!("open sockets are {}", all.join(", ")),
    };
    let was = match past::closed_at(session, &fd.to_string()) {
        Some(line) => format!("descriptor {fd} was closed {line}"),
        None => format!("descriptor {fd} is not open, and this session never opened it"),
    };
    let mut found = Evidence::reason(format!("{was}; {which}"));
    if open.is_empty() {
        found = found.next("`c = socket tcp` makes one");
    } else {
        found = found.next("use the name of an open one; `fds` lists them");
    }
    found
}

/// A descriptor that is open and no socket.
pub(super) fn something_else(session: &Session, call: &Call) -> Evidence {
    let fd = call.descriptor();
    let what = session.seen().descriptors.iter().find(|descriptor| Some(descriptor.fd) == fd);
    let (Some(fd), Some(descriptor)) = (fd, what) else { return Evidence::default() };
    let leads = match &descriptor.target {
        Target::File(path) => path.clone(),
        Target::Pipe(_) => "a pipe".into(),
        Target::Other(what) => what.clone(),
        Target::Socket(_) => return Evidence::default(),
    };
    let standard = match fd {
        0 => "; in every program 0 is the standard input",
        1 => "; in every program 1 is the standard output",
        2 => "; in every program 2 is the standard error",
        _ => "",
    };
    Evidence::fact(format!("descriptor {fd} leads to {leads}{standard}"))
}

/// As many descriptors as there may be.
pub(super) fn too_many(session: &Session) -> Evidence {
    let seen = session.seen();
    Evidence::fact(format!(
        "the limit is {} (`ulimit -n` in the shell that started netlab), and {} are open",
        seen.descriptor_limit,
        seen.descriptors.len()
    ))
}
