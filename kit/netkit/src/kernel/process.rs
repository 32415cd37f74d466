//! Processes: their descriptors, their descendants, and who holds a socket.

use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::procfs::{self, Stat};

/// An open descriptor of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Its number.
    pub fd: RawFd,
    /// What it leads to.
    pub target: Target,
}

/// What a descriptor leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A socket, by its inode.
    Socket(u64),
    /// A pipe, by its inode; both of its ends have the same one.
    Pipe(u64),
    /// A file, device or terminal, by its path; ` (deleted)` is added to the
    /// path of a file that was removed.
    File(String),
    /// Anything else, such as `anon_inode:[eventpoll]`.
    Other(String),
}

impl Target {
    /// Reads a link of `/proc/PID/fd` (proc_pid_fd(5)).
    fn parse(link: &str) -> Self {
        let inode = |kind| {
            let number = link.strip_prefix(kind)?.strip_suffix(']')?;
            number.parse().ok()
        };
        if let Some(inode) = inode("socket:[") {
            Self::Socket(inode)
        } else if let Some(inode) = inode("pipe:[") {
            Self::Pipe(inode)
        } else if link.starts_with('/') {
            Self::File(link.to_owned())
        } else {
            Self::Other(link.to_owned())
        }
    }
}

/// The open descriptors of a process whose number is less than `below`
/// (`RawFd::MAX` for all), in the order of their numbers.
///
/// One that is closed while this reads is left out, and so is the one that this
/// very function reads with.
///
/// # Errors
/// There is no such process (`NotFound`), or it belongs to another user
/// (`PermissionDenied`).
pub fn descriptors(pid: u32, below: RawFd) -> io::Result<Vec<Descriptor>> {
    let folder = format!("/proc/{pid}/fd");
    let mut descriptors = Vec::new();
    for fd in numbers_below(&folder, below)? {
        descriptors.extend(linked(&folder, fd)?);
    }
    Ok(descriptors)
}

/// What a descriptor of this process is the same as: two that lead to the same thing are
/// alike, and what a descriptor leads to now differs from what it led to before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    kind: libc::mode_t,
    device: libc::dev_t,
    inode: libc::ino_t,
}

/// Asks a descriptor of this process, by fstat(2); `None` when it is not open. Much faster
/// than its link in `/proc`, and it needs no `/proc`.
pub fn identity(fd: RawFd) -> Option<Identity> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the call writes one `stat` to a place that is one.
    if unsafe { libc::fstat(fd, stat.as_mut_ptr()) } == -1 {
        return None;
    }
    // SAFETY: fstat succeeded, and so has filled it in.
    let stat = unsafe { stat.assume_init() };
    Some(Identity { kind: stat.st_mode & libc::S_IFMT, device: stat.st_dev, inode: stat.st_ino })
}

impl Identity {
    /// The inode, if it is a socket.
    pub fn socket(&self) -> Option<u64> {
        (self.kind == libc::S_IFSOCK).then_some(self.inode)
    }

    /// What it leads to. A path is known to `/proc` alone; without it, only the kind is told.
    pub fn target(&self, fd: RawFd) -> Target {
        match self.kind {
            libc::S_IFSOCK => Target::Socket(self.inode),
            libc::S_IFIFO => Target::Pipe(self.inode),
            kind => {
                linked("/proc/self/fd", fd).ok().flatten().map(|found| found.target).unwrap_or_else(|| {
                    let kind = match kind {
                        libc::S_IFCHR => "a device",
                        libc::S_IFDIR => "a folder",
                        _ => "a file",
                    };
                    Target::Other(kind.to_owned())
                })
            }
        }
    }
}

fn numbers_below(folder: &str, below: RawFd) -> io::Result<Vec<RawFd>> {
    let mut numbers: Vec<RawFd> = numbers_in(folder)?;
    numbers.retain(|&fd| fd < below);
    numbers.sort_unstable();
    Ok(numbers)
}

/// What a link in a process's folder of descriptors says; `None` when it is closed meanwhile.
fn linked(folder: &str, fd: RawFd) -> io::Result<Option<Descriptor>> {
    let path = format!("{folder}/{fd}");
    match fs::read_link(&path) {
        Ok(link) => Ok(Some(Descriptor { fd, target: Target::parse(&link.to_string_lossy()) })),
        Err(error) => {
            let error = procfs::about(Path::new(&path), &error);
            if error.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(error) }
        }
    }
}

/// What a socket of any process was made as, in the kernel's word: `TCP`, `UDPv6`, `UNIX-STREAM`.
/// sock_diag leaves out a socket that was neither bound nor connected; its inode has an
/// attribute all the same (`sockfs_xattr_get` in the kernel's net/socket.c).
///
/// # Errors
/// The descriptor is closed, is no socket, or belongs to another user's process.
pub fn socket_protocol(pid: u32, fd: RawFd) -> io::Result<String> {
    let path = CString::new(format!("/proc/{pid}/fd/{fd}"))?;
    let mut name = [0u8; 64];
    // SAFETY: both strings end in NUL, and the call writes no more than the buffer's size.
    let length = unsafe {
        libc::getxattr(path.as_ptr(), c"system.sockprotoname".as_ptr(), name.as_mut_ptr().cast(), name.len())
    };
    // It is negative where the call failed, and no number of bytes then.
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    let text = name.get(..length).unwrap_or_default();
    Ok(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
}

/// A process that has a socket open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The socket.
    pub inode: u64,
    /// The process.
    pub pid: u32,
    /// Its name, at most 15 bytes of it.
    pub program: String,
    /// The descriptor's number in that process.
    pub fd: RawFd,
}

/// Who holds a socket, as far as this process may know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders {
    /// In the order of process and descriptor. One socket can be held by several
    /// descriptors and processes (dup, fork).
    pub holders: Vec<Holder>,
    /// How many processes could not be looked into, for they belong to others.
    pub unreadable: usize,
}

/// Which processes hold the socket with this inode. Looks at every descriptor of
/// the machine, or rather of the caller's PID namespace.
///
/// # Errors
/// `/proc` cannot be read.
pub fn holders(inode: u64) -> io::Result<Holders> {
    holders_where(|other| other == inode)
}

/// Like [`holders`], for all sockets whose inode is wanted, in one pass.
///
/// # Errors
/// `/proc` cannot be read.
pub fn holders_where(wanted: impl Fn(u64) -> bool) -> io::Result<Holders> {
    let mut found = Holders::default();
    for pid in processes()? {
        let descriptors = match descriptors(pid, RawFd::MAX) {
            Ok(descriptors) => descriptors,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => {
                found.unreadable += 1;
                continue;
            }
        };
        let mut held = descriptors
            .iter()
            .filter_map(|descriptor| match descriptor.target {
                Target::Socket(inode) if wanted(inode) => Some((inode, descriptor.fd)),
                _ => None,
            })
            .peekable();
        if held.peek().is_none() {
            continue;
        }
        // A process that ended since then no longer holds anything.
        let Ok(stat) = Stat::read(&format!("/proc/{pid}/stat")) else {
            continue;
        };
        found.holders.extend(held.map(|(inode, fd)| Holder {
            inode,
            pid,
            program: stat.program.clone(),
            fd,
        }));
    }
    Ok(found)
}

/// A process and its descendants, parents before their children. A process whose parent
/// ended belongs to another one and is not found.
///
/// Asks each process for its children (`/proc/PID/task/TID/children`), which costs as much as there
/// are of them. Where a process is reaped at that moment, one of its siblings may be left
/// out (proc_pid_task(5)); so it is asked until two answers agree. A kernel that has no such file
/// (CONFIG_PROC_CHILDREN) is asked for every process of the machine: see [`processes_below_by_parents`].
///
/// # Errors
/// There is no such process (`NotFound`), or `/proc` cannot be read.
pub fn processes_below(pid: u32) -> io::Result<Vec<u32>> {
    let mut family = match family_of(pid) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return processes_below_by_parents(pid),
        family => family?,
    };
    loop {
        let again = family_of(pid)?;
        if again == family {
            return Ok(family);
        }
        family = again;
    }
}

/// What [`processes_below`] gives, by one round of questions.
fn family_of(pid: u32) -> io::Result<Vec<u32>> {
    // The questions are not asked in one moment: a number that was used again could close a circle.
    let mut seen = HashSet::from([pid]);
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        match children_of(parent) {
            Ok(born) => family.extend(born.into_iter().filter(|&child| seen.insert(child))),
            // One that ended in the meantime is no descendant any more.
            Err(error) if parent != pid && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        next += 1;
    }
    Ok(family)
}

/// The children of all threads of a process.
fn children_of(pid: u32) -> io::Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in threads(pid)? {
        let path = format!("/proc/{pid}/task/{thread}/children");
        match procfs::read(&path) {
            Ok(text) => {
                children.extend(text.split_ascii_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
            }
            // Its children are the other threads' now.
            Err(error) if thread != pid && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(children)
}

/// What [`processes_below`] gives, read from who is whose parent, of every process of the machine.
///
/// # Errors
/// There is no such process (`NotFound`), or `/proc` cannot be read.
pub fn processes_below_by_parents(pid: u32) -> io::Result<Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for child in processes()? {
        // One that ended in the meantime is no descendant any more.
        if let Ok(stat) = Stat::read(&format!("/proc/{child}/stat")) {
            children.entry(stat.parent).or_default().push(child);
        }
    }
    Stat::read(&format!("/proc/{pid}/stat"))?;

    // The list was not read in one moment: a number that was used again could
    // close a circle.
    let mut seen = HashSet::from([pid]);
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        let born = children.remove(&parent).unwrap_or_default();
        family.extend(born.into_iter().filter(|&child| seen.insert(child)));
        next += 1;
    }
    Ok(family)
}

/// The number that a process has for itself: another one than here if it is in a PID namespace
/// of its own (pid_namespaces(7)).
///
/// # Errors
/// There is no such process (`NotFound`).
pub fn number_inside(pid: u32) -> io::Result<u32> {
    let path = format!("/proc/{pid}/status");
    let text = procfs::read(&path)?;
    // A number for each namespace, the innermost last; a kernel without namespaces has no such line.
    let numbers = text.lines().find_map(|line| line.strip_prefix("NSpid:"));
    match numbers.map(|numbers| numbers.split_ascii_whitespace().next_back().map(str::parse)) {
        None => Ok(pid),
        Some(Some(Ok(inside))) => Ok(inside),
        Some(_) => Err(procfs::malformed(&path, &text)),
    }
}

/// The threads of a process, the main one among them, in the order of their numbers.
///
/// # Errors
/// There is no such process (`NotFound`).
pub fn threads(pid: u32) -> io::Result<Vec<u32>> {
    let mut threads = numbers_in(&format!("/proc/{pid}/task"))?;
    threads.sort_unstable();
    Ok(threads)
}

/// Every process, in the order of their numbers.
fn processes() -> io::Result<Vec<u32>> {
    let mut processes: Vec<u32> = numbers_in("/proc")?;
    processes.sort_unstable();
    Ok(processes)
}

/// The entries of a folder whose names are numbers.
fn numbers_in<N: std::str::FromStr>(folder: &str) -> io::Result<Vec<N>> {
    let about = |error| procfs::about(Path::new(folder), &error);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(about)? {
        let name = entry.map_err(about)?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.parse::<N>().ok()));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::Target::{self, *};
    use super::socket_protocol;
    use std::os::fd::{AsRawFd, RawFd};

    #[test]
    fn links_are_told_apart() {
        for (link, target) in [
            ("socket:[4711]", Socket(4711)),
            ("pipe:[12]", Pipe(12)),
            ("/dev/pts/0", File("/dev/pts/0".into())),
            ("/tmp/a (deleted)", File("/tmp/a (deleted)".into())),
            ("anon_inode:[eventfd]", Other("anon_inode:[eventfd]".into())),
            ("socket:[x]", Other("socket:[x]".into())),
            ("socket:[1", Other("socket:[1".into())),
            ("", Other(String::new())),
        ] {
            assert_eq!(Target::parse(link), target, "{link}");
        }
    }

    #[test]
    fn a_socket_says_what_it_was_made_as() {
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let pipe = std::io::pipe().unwrap().0;
        let named = |fd: RawFd| socket_protocol(std::process::id(), fd);
        assert_eq!(named(udp.as_raw_fd()).unwrap(), "UDP");
        assert_eq!(named(tcp.as_raw_fd()).unwrap(), "TCP");
        assert!(named(pipe.as_raw_fd()).is_err());
    }
}
