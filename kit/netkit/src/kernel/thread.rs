//! What a thread is doing: running, or asleep inside a system call.
//!
//! A single look proves little, since a call that returns at once also sleeps
//! for moments. Several looks that find the same call in state `S` do.

use std::io;

use serde::{Deserialize, Serialize};

use super::procfs::{self, Stat};
use super::syscalls;

/// A thread at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadFact {
    /// The thread's number.
    pub tid: u32,
    /// `R` running, `S` asleep until an event or a signal, `D` asleep and not to
    /// be disturbed, `T` stopped, `Z` ended (proc_pid_stat(5)).
    pub state: char,
    /// The system call in which the thread sleeps; `None` while it runs or
    /// is stopped outside of one.
    pub syscall: Option<Syscall>,
    /// The kernel function in which the thread sleeps, such as
    /// `inet_csk_accept`; `None` while it runs, or if the kernel does not tell.
    pub kernel_function: Option<String>,
}

impl ThreadFact {
    /// The system call in which the thread is asleep (`S` or `D`), if it is.
    pub fn asleep_in(&self) -> Option<&Syscall> {
        self.syscall.as_ref().filter(|_| matches!(self.state, 'S' | 'D'))
    }
}

/// A system call that a thread has entered and not left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syscall {
    /// Its number, which depends on the machine's architecture.
    pub number: i64,
    /// Its name; `syscall_321` for a number that
    /// [`syscalls::name`] does not know.
    pub name: String,
    /// The six argument registers; a call uses as many as it has arguments.
    pub args: [u64; 6],
}

/// Looks at a thread.
///
/// The three files are read one after another: the thread may move on in between,
/// so that a state can be older than the call beside it.
///
/// # Errors
/// There is no such thread (`NotFound`); it may not be looked into
/// (`PermissionDenied`: it takes the right to trace it, ptrace(2)); or a file is
/// not as proc(5) says.
pub fn look(pid: u32, tid: u32) -> io::Result<ThreadFact> {
    let folder = format!("/proc/{pid}/task/{tid}");
    let stat = Stat::read(&format!("{folder}/stat"))?;
    let path = format!("{folder}/syscall");
    let text = procfs::read(&path)?;
    let syscall = parse(&text).ok_or_else(|| procfs::malformed(&path, &text))?;
    let function = procfs::read(format!("{folder}/wchan"))?;
    Ok(ThreadFact {
        tid,
        state: stat.state,
        syscall,
        kernel_function: Some(function.trim_end().to_owned())
            .filter(|function| !matches!(function.as_str(), "" | "0")),
    })
}

/// Whether threads can be looked at here at all: there is a /proc.
pub fn can_be_looked_at() -> bool {
    std::path::Path::new("/proc/self/task").exists()
}

/// Reads `/proc/PID/syscall` (proc_pid_syscall(5)): `running`, `-1 SP PC` when
/// the thread is stopped outside of a call, or `NUMBER ARG1..ARG6 SP PC`.
/// The outer `None` stands for a line that is none of these.
fn parse(line: &str) -> Option<Option<Syscall>> {
    let mut fields = line.split_ascii_whitespace();
    let first = fields.next()?;
    if first == "running" {
        return Some(None);
    }
    let number: i64 = first.parse().ok()?;
    if number == -1 {
        return Some(None);
    }
    let mut args = [0; 6];
    for arg in &mut args {
        *arg = u64::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
    }
    Some(Some(Syscall {
        number,
        name: syscalls::name(number).map_or_else(|| format!("syscall_{number}"), str::to_owned),
        args,
    }))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_call_is_read_with_its_arguments() {
        let number = libc::SYS_accept4;
        let line = format!("{number} 0x3 0x0 0xffffffffffffffff 0x80000 0x0 0x1 0x7ffd 0x7f9e\n");
        let call = parse(&line).unwrap().unwrap();
        assert_eq!((call.number, call.name.as_str()), (number, "accept4"));
        assert_eq!(call.args, [3, 0, u64::MAX, 0x80000, 0, 1]);
    }

    #[test]
    fn no_call_is_not_a_broken_line() {
        assert_eq!(parse("running\n"), Some(None));
        assert_eq!(parse("-1 0x7ffd 0x7f9e\n"), Some(None));
        let unknown = parse("99999 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0").unwrap();
        assert_eq!(unknown.unwrap().name, "syscall_99999");
    }

    #[test]
    fn broken_lines_are_refused() {
        for line in ["", "\n", "walking", "3 0x1 0x2", "3 1 2 3 4 5 6", "0x3 0x1"] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }
}
