//! What a program has open, seen from outside: `/proc/PID/fd` of its processes.

use super::Session;
use super::ends::End;
use super::program::Program;
use crate::kernel::process::{self, Descriptor, Target};
use crate::outcome::Failure;
use std::os::fd::RawFd;

/// A descriptor of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The process, which may be a descendant of the one that was started.
    pub pid: u32,
    /// The descriptor.
    pub descriptor: Descriptor,
    /// Of a socket: what it was made as, in small letters: `tcp`, `udp6`.
    pub protocol: Option<String>,
}

impl Open {
    /// The inode of the socket, if it is one.
    pub fn socket(&self) -> Option<u64> {
        if let Target::Socket(inode) = self.descriptor.target { Some(inode) } else { None }
    }
}

impl Program {
    /// All open descriptors of all of its processes. None once it has ended.
    pub fn open(&self) -> Vec<Open> {
        if self.ending().is_some() {
            return Vec::new();
        }
        let family = process::processes_below(self.pid()).unwrap_or_default();
        let of = |pid: u32| {
            let descriptors = process::descriptors(pid, RawFd::MAX).unwrap_or_default();
            descriptors.into_iter().map(move |descriptor| {
                let protocol = match descriptor.target {
                    Target::Socket(_) => process::socket_protocol(pid, descriptor.fd).ok(),
                    _ => None,
                };
                let protocol = protocol.map(|name| name.to_ascii_lowercase().replace("v6", "6"));
                Open { pid, descriptor, protocol }
            })
        };
        family.into_iter().flat_map(of).collect()
    }
}

impl Session {
    /// The end of a socket with this inode, as the last look found it. There is none of a
    /// socket that is neither bound nor connected.
    pub(crate) fn end_of_inode(&self, inode: u64) -> Option<&End> {
        let fact = self.seen().sockets.iter().find(|fact| fact.inode == Some(inode))?;
        self.ends().iter().find(|end| end.cookie == fact.cookie)
    }

    /// The number that `pid:NAME`, `fd:NAME` or `port:NAME` stands for; `None` if it is none of these.
    pub(crate) fn number_of_program(&mut self, text: &str) -> Option<Result<u64, Failure>> {
        let (what, name) = text.split_once(':')?;
        match what {
            "pid" => Some(self.program(name).map(|program| program.pid_inside().into())),
            "fd" => Some(self.only_socket(name)),
            "port" => Some(self.program_port(name)),
            _ => None,
        }
    }

    /// The descriptor of a program's socket, if it has exactly one.
    fn only_socket(&self, name: &str) -> Result<u64, Failure> {
        let open = self.program(name)?.open();
        let mut numbers: Vec<RawFd> =
            open.iter().filter(|open| open.socket().is_some()).map(|open| open.descriptor.fd).collect();
        numbers.dedup();
        match numbers.as_slice() {
            [] => Err(Failure::new(format!("{name} has no socket"))
                .next(format!("`wait {name} SOCKET` waits until it has one"))),
            [only] => u64::try_from(*only).map_err(|error| Failure::new(error.to_string())),
            several => Err(Failure::new(format!("{name} has {} sockets", several.len()))
                .next(format!("`fds {name}` shows them"))),
        }
    }

    fn program_port(&mut self, name: &str) -> Result<u64, Failure> {
        // Whether there is such a program is said better than that nothing has this address.
        self.program(name)?;
        self.look(false)?;
        let address = self.program_address(name)?;
        address
            .port()
            .map(u64::from)
            .ok_or_else(|| Failure::new(format!("the address of {name} has no port")))
    }
}
