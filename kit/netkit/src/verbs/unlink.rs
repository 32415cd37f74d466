//! `unlink`: removes the file of a UNIX socket, unlink(2).

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};
use std::os::unix::fs::FileTypeExt;

/// The row of `unlink`.
pub(super) static VERB: Verb = Verb {
    name: "unlink",
    group: Group::Calls,
    arguments: &[needed("FILE", Kind::File)],
    summary: "Removes the file of a UNIX socket, unlink(2).",
    details: "bind to `unix:PATH` makes a file there, and close leaves it behind: nobody can bind to the path until \
              it is removed. A socket that is still open goes on without its file, but nobody finds it any more. Other \
              files than those of sockets are not removed here.",
    example: &["s = socket unix", "bind s unix:example.sock", "close s", "unlink example.sock"],
    run: Run::Call(call),
};

fn call(arguments: &Arguments) -> Result<Call, Failure> {
    let path = arguments.word(0).unwrap_or_default();
    let path = path.strip_prefix("unix:").unwrap_or(path);
    // A slip must not cost a student's work. What is not there, the kernel says itself.
    let other = std::fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_socket());
    if other {
        return Err(Failure::new(format!("`{path}` is not the file of a socket, and stays where it is"))
            .next("`unlink` is here for what bind to `unix:PATH` leaves behind"));
    }
    // unlink(2) is made as unlinkat(2): some architectures have no other.
    let folder = Value::Hidden(i64::from(libc::AT_FDCWD));
    let given = vec![folder, Value::Text(path.as_bytes().to_vec()), Value::Hidden(0)];
    Ok(Call::once("unlink", libc::SYS_unlinkat, given))
}
