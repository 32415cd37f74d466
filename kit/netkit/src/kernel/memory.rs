//! The memory that the kernel spends on a socket: `SK_MEMINFO_*` of
//! `include/uapi/linux/sock_diag.h`, by getsockopt(2) or as sock_diag sends it.

use super::queues::option_bytes;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::RawFd;

/// What a socket's buffers take, in bytes of memory: data with the kernel's own
/// book-keeping for each packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Taken by what has come and was not received by the program.
    pub receive_used: u32,
    /// The most that may be taken so (`SO_RCVBUF`).
    pub receive_limit: u32,
    /// Taken by what was sent and is not acknowledged, or not sent yet.
    pub send_used: u32,
    /// The most that may be taken so (`SO_SNDBUF`).
    pub send_limit: u32,
    /// Packets that came and were thrown away, mostly because there was no room.
    pub drops: u32,
}

impl Memory {
    /// That of a socket which this process has open.
    ///
    /// # Errors
    /// `EBADF`, `ENOTSOCK`.
    pub fn of(fd: RawFd) -> io::Result<Self> {
        let bytes = option_bytes::<64>(fd, libc::SOL_SOCKET, libc::SO_MEMINFO)?;
        Self::read(&bytes).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the kernel's SO_MEMINFO is shorter than any")
        })
    }

    /// Reads the array as the kernel lays it out; `None` if it is too short.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<4>();
        let word = |place: usize| words.get(place).map(|word| u32::from_ne_bytes(*word));
        Some(Self {
            receive_used: word(0)?,
            receive_limit: word(1)?,
            send_limit: word(3)?,
            // SK_MEMINFO_WMEM_QUEUED: TCP counts here what waits for acknowledgement;
            // others in SK_MEMINFO_WMEM_ALLOC.
            send_used: word(5)?.max(word(2)?),
            drops: word(8)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn the_numbers_stand_where_the_kernel_puts_them() {
        let bytes: Vec<u8> = (0..9_u32).flat_map(|place| (place * 100).to_ne_bytes()).collect();
        let memory = Memory::read(&bytes).unwrap();
        let Memory { receive_used, receive_limit, send_used, send_limit, drops } = memory;
        assert_eq!([receive_used, receive_limit, send_used, send_limit, drops], [0, 100, 500, 300, 800]);
        assert_eq!(Memory::read(&bytes[..32]), None);
    }
}
