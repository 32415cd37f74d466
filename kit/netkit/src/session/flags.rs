//! The flags of an open descriptor, fcntl(2): whether calls on it wait.

use super::Session;
use crate::outcome::Failure;
use crate::worker::call::{Call, Value};

/// fcntl(2) that reads them.
pub(crate) fn get(fd: i32) -> Call {
    let operation = Value::Constant(libc::F_GETFL.into(), "F_GETFL".into());
    Call::once("fcntl", libc::SYS_fcntl, vec![Value::Descriptor(fd), operation])
}

/// Their names in C: `O_RDWR|O_NONBLOCK`. What has no name here stands as a number.
pub(crate) fn names(flags: i64) -> String {
    let known = [("O_RDWR", libc::O_RDWR), ("O_NONBLOCK", libc::O_NONBLOCK), ("O_ASYNC", libc::O_ASYNC)];
    let mut left = flags;
    let mut names = Vec::new();
    for (name, flag) in known {
        if left & i64::from(flag) != 0 {
            left &= !i64::from(flag);
            names.push(name.to_owned());
        }
    }
    if left != 0 || names.is_empty() {
        names.push(format!("{left:#x}"));
    }
    names.join("|")
}

impl Session {
    /// Whether calls on a descriptor return at once in place of waiting.
    pub(crate) fn is_nonblocking(&mut self, fd: i32) -> Result<bool, Failure> {
        let read = self.make_quietly(vec![get(fd)])?;
        let flags = read.first().filter(|read| read.ok()).map_or(0, |read| read.value);
        Ok(flags & i64::from(libc::O_NONBLOCK) != 0)
    }
}
