//! A close look at one socket: what would be too much to ask of all after every line.

use super::snapshot::Looker;
use crate::address::Address;
use crate::kernel::memory::Memory;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::tcp_info::TcpInfo;
use crate::kernel::{limits, queues};
use serde::{Deserialize, Serialize};
use std::io;

/// Which socket is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// That of a descriptor of the worker.
    Own(i32),
    /// The end of a connection, wherever it is: its own address and the other end's.
    End(Protocol, Address, Address),
}

/// What a close look shows. What the kernel does not tell of such a socket is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseLook {
    /// SIOCOUTQ: bytes that are not acknowledged, sent or not.
    pub unacknowledged: Option<u32>,
    /// SIOCOUTQNSD: bytes that have not even been sent.
    pub unsent: Option<u32>,
    /// What TCP has measured and counted.
    pub info: Option<TcpInfo>,
    /// The memory of its buffers.
    pub memory: Option<Memory>,
    /// The longest accept queue that this network namespace allows.
    pub longest_accept_queue: Option<u32>,
    /// The ports from which the kernel chooses here: the first and the last.
    pub chosen_ports: Option<(u16, u16)>,
}

/// Takes a close look.
pub(super) fn look(looker: &mut Looker, subject: &Subject) -> io::Result<CloseLook> {
    let mut look = match subject {
        Subject::Own(fd) => CloseLook {
            unacknowledged: queues::unacknowledged(*fd).ok(),
            unsent: queues::unsent(*fd).ok(),
            info: TcpInfo::of(*fd).ok(),
            memory: Memory::of(*fd).ok(),
            ..CloseLook::default()
        },
        Subject::End(protocol, local, remote) => {
            // By its addresses sock_diag finds only what has IP addresses.
            let found = match (local.inet(), remote.inet()) {
                (Some(local), Some(remote)) => looker.diag()?.close_up(*protocol, local, remote)?,
                _ => None,
            };
            CloseLook {
                info: found.as_ref().and_then(|found| found.info),
                memory: found.as_ref().and_then(|found| found.memory),
                ..CloseLook::default()
            }
        }
    };
    look.longest_accept_queue = limits::somaxconn().ok();
    look.chosen_ports = limits::ephemeral_ports().ok().map(|ports| (*ports.start(), *ports.end()));
    Ok(look)
}
