//! The system calls of this lab, as functions. Given: read it, and call it.
//!
//! Each function makes one system call and nothing else. What goes in and what comes out are numbers
//! and an address; a call that fails gives an [`io::Error`] that holds the system's number for what
//! went wrong (errno), and shows the system's words for it.
//!
//! Rust's own `TcpListener` and `UdpSocket` make several of these calls in one and keep the number to
//! themselves. The labs after this one use those. Here the calls are one by one, as the kernel has
//! them, and the number is yours to keep and to close.

use std::ffi::{c_int, c_void};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::RawFd;

use crate::request::Kind;

// Numbers from the kernel's headers, the same on all machines that Linux runs on but MIPS, where
// SOCK_STREAM and SOCK_DGRAM have changed places.
const AF_INET: c_int = 2;
const SOCK_STREAM: c_int = if cfg!(target_arch = "mips") { 2 } else { 1 };
const SOCK_DGRAM: c_int = if cfg!(target_arch = "mips") { 1 } else { 2 };

/// An IPv4 address and a port as the kernel takes them: `struct sockaddr_in` of ip(7). Port and
/// address stand in network byte order, the most significant byte first.
#[repr(C)]
struct SockaddrIn {
    family: u16,
    port: [u8; 2],
    address: [u8; 4],
    zero: [u8; 8],
}

/// How many bytes that is.
const LENGTH: u32 = size_of::<SockaddrIn>() as u32;

// The C library's functions. It is linked into every Rust program on Linux.
mod c {
    use super::{c_int, c_void};

    unsafe extern "C" {
        pub fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
        pub fn bind(fd: c_int, address: *const c_void, length: u32) -> c_int;
        pub fn listen(fd: c_int, backlog: c_int) -> c_int;
        pub fn getsockname(fd: c_int, address: *mut c_void, length: *mut u32) -> c_int;
        pub fn close(fd: c_int) -> c_int;
    }
}

/// What a call returned, or, if that is -1, why it failed.
fn result(returned: c_int) -> io::Result<c_int> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

/// Makes a socket and returns its descriptor, socket(2).
///
/// # Errors
/// The system's reason, such as EMFILE: too many open files.
pub fn socket(kind: Kind) -> io::Result<RawFd> {
    let kind = match kind {
        Kind::Tcp => SOCK_STREAM,
        Kind::Udp => SOCK_DGRAM,
    };
    // SAFETY: the call takes numbers only.
    result(unsafe { c::socket(AF_INET, kind, 0) })
}

/// Gives a socket its own address, bind(2). With port 0 the system chooses a free one.
///
/// # Errors
/// The system's reason, such as EADDRINUSE: address already in use.
pub fn bind(fd: RawFd, address: SocketAddrV4) -> io::Result<()> {
    let address = SockaddrIn {
        family: AF_INET as u16,
        port: address.port().to_be_bytes(),
        address: address.ip().octets(),
        zero: [0; 8],
    };
    // SAFETY: the call reads LENGTH bytes, and the address has that many.
    result(unsafe { c::bind(fd, (&raw const address).cast(), LENGTH) })?;
    Ok(())
}

/// Has a TCP socket wait for connections, up to about `backlog` of them at a time, listen(2).
///
/// # Errors
/// The system's reason, such as EOPNOTSUPP: not a socket that can listen.
pub fn listen(fd: RawFd, backlog: i32) -> io::Result<()> {
    // SAFETY: the call takes numbers only.
    result(unsafe { c::listen(fd, backlog) })?;
    Ok(())
}

/// The address that a socket has, getsockname(2); `0.0.0.0:0` if it has none yet.
///
/// # Errors
/// The system's reason, such as EBADF: not an open descriptor.
pub fn getsockname(fd: RawFd) -> io::Result<SocketAddrV4> {
    let mut address = SockaddrIn { family: 0, port: [0; 2], address: [0; 4], zero: [0; 8] };
    let mut length = LENGTH;
    // SAFETY: the call writes no more than `length` bytes, and the address has that many.
    result(unsafe { c::getsockname(fd, (&raw mut address).cast(), &raw mut length) })?;
    Ok(SocketAddrV4::new(Ipv4Addr::from(address.address), u16::from_be_bytes(address.port)))
}

/// Closes a descriptor, close(2). From then on the number means nothing, until the system gives it to
/// the next file or socket that is opened.
///
/// # Errors
/// The system's reason, such as EBADF: not an open descriptor.
pub fn close(fd: RawFd) -> io::Result<()> {
    // SAFETY: the call takes a number only.
    result(unsafe { c::close(fd) })?;
    Ok(())
}
