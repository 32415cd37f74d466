//! What is queued in a socket that this process has open, and which one it is.
//!
//! Cheaper than [`sock_diag`](super::sock_diag), and possible for a Unix-domain
//! socket too. Descriptors are plain numbers here, since they are the user's, who
//! may have closed them or mistyped: that is EBADF, an answer like others. The
//! errors are the system's own, so that their numbers can be shown.
//!
//! `SO_ERROR` is missing on purpose: reading it clears the error that the
//! student's next call should meet.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

use serde::{Deserialize, Serialize};

use super::state::TcpState;

mod raw {
    nix::ioctl_read_bad!(siocinq, libc::FIONREAD, libc::c_int);
    nix::ioctl_read_bad!(siocoutq, libc::TIOCOUTQ, libc::c_int);
    nix::ioctl_read_bad!(siocoutqnsd, libc::SIOCOUTQNSD, libc::c_int);
}

/// `SIOCINQ`: bytes that could be read now. TCP: as they are, without a FIN
/// (tcp(7)). UDP: the size of the *next* datagram only (udp(7)).
///
/// # Errors
/// `EBADF`; `EINVAL` on a listener; `ENOTTY` where there are no queues.
pub fn unread(fd: RawFd) -> io::Result<u32> {
    // SAFETY: the call writes one int to a place that is one.
    length(|value| unsafe { raw::siocinq(fd, value) })
}

/// `SIOCOUTQ`: bytes written that have not been acknowledged, sent or not; a SYN
/// or FIN counts as one (tcp(7)). UDP: memory taken by what was not sent yet.
///
/// # Errors
/// As [`unread`].
pub fn unacknowledged(fd: RawFd) -> io::Result<u32> {
    // SAFETY: the call writes one int to a place that is one.
    length(|value| unsafe { raw::siocoutq(fd, value) })
}

/// `SIOCOUTQNSD`: bytes written that have not even been sent. TCP only.
///
/// # Errors
/// As [`unread`]; also where the protocol has no such queue.
pub fn unsent(fd: RawFd) -> io::Result<u32> {
    // SAFETY: the call writes one int to a place that is one.
    length(|value| unsafe { raw::siocoutqnsd(fd, value) })
}

fn length(call: impl FnOnce(*mut libc::c_int) -> nix::Result<libc::c_int>) -> io::Result<u32> {
    let mut value = 0;
    call(&mut value)?;
    u32::try_from(value).map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the kernel gave {value} as the length of a queue"),
        )
    })
}

/// What tells a socket from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// As in [`SocketFact::inode`](super::sock_diag::SocketFact::inode).
    pub inode: u64,
    /// As in [`SocketFact::cookie`](super::sock_diag::SocketFact::cookie).
    pub cookie: u64,
}

/// Which socket a descriptor is.
///
/// # Errors
/// `EBADF`; `ENOTSOCK` for a descriptor that is not a socket.
pub fn identity(fd: RawFd) -> io::Result<Identity> {
    let cookie = cookie(fd)?;
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the call writes one `stat` to a place that is one.
    if unsafe { libc::fstat(fd, stat.as_mut_ptr()) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fstat succeeded, and so has filled it in.
    let inode = unsafe { stat.assume_init() }.st_ino;
    Ok(Identity { inode, cookie })
}

/// The state of a TCP socket, the first byte of its TCP_INFO (tcp(7)). One in TIME-WAIT
/// has left its descriptor, which is then CLOSED.
///
/// # Errors
/// `EBADF`; `ENOPROTOOPT` for a socket of another kind.
pub fn tcp_state(fd: RawFd) -> io::Result<TcpState> {
    let state: u8 = option(fd, libc::IPPROTO_TCP, libc::TCP_INFO)?;
    TcpState::from_kernel(state)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("the state {state} is not known")))
}

/// How many connections wait in a listener's accept queue, and its limit. For a listener
/// TCP_INFO has them where other sockets count segments (`tcp_get_info` in net/ipv4/tcp.c).
///
/// # Errors
/// As [`tcp_state`].
pub fn accept_queue(fd: RawFd) -> io::Result<(u32, u32)> {
    const UNACKED: usize = 24;
    let bytes = option_bytes::<32>(fd, libc::IPPROTO_TCP, libc::TCP_INFO)?;
    let number = |place: usize| {
        let bytes = bytes.get(place..).and_then(<[u8]>::first_chunk::<4>);
        bytes.map(|bytes| u32::from_ne_bytes(*bytes))
    };
    number(UNACKED).zip(number(UNACKED + 4)).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "the kernel's TCP_INFO is shorter than any")
    })
}

fn cookie(fd: RawFd) -> io::Result<u64> {
    option(fd, libc::SOL_SOCKET, libc::SO_COOKIE)
}

/// An option that is a number, or the number that a longer one starts with.
fn option<T: Default>(fd: RawFd, level: libc::c_int, name: libc::c_int) -> io::Result<T> {
    let mut value = T::default();
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: the value has room for as many bytes as the length says, and any bytes are
    // a number.
    let result = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(value)
}

/// The bytes of an option, at most `N` of them.
pub(super) fn option_bytes<const N: usize>(fd: RawFd, level: i32, option: i32) -> io::Result<Vec<u8>> {
    let mut value = [0_u8; N];
    let mut length = N as libc::socklen_t;
    // SAFETY: the value has room for as many bytes as the length says.
    let result = unsafe { libc::getsockopt(fd, level, option, value.as_mut_ptr().cast(), &raw mut length) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(value.iter().take(length as usize).copied().collect())
}
